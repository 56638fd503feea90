"""The one line that makes a model live."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from neuronwidget.live.adapters import adapt
from neuronwidget.live.adapters.loading import load
from neuronwidget.live.adapters.tokens import inputs_from
from neuronwidget.live.adapters.vision import image_inputs, is_picture_processor
from neuronwidget.live.errors import AttachError
from neuronwidget.live.inputs.tensors import TensorInputs
from neuronwidget.live.inputs.text import TextInputs
from neuronwidget.live.model import LiveModel
from neuronwidget.live.tensor_model import TensorModel

if TYPE_CHECKING:
    from torch import nn


def attach(
    model: nn.Module | str | os.PathLike[str],
    tokenizer: Any = None,
    *,
    inputs: TextInputs | TensorInputs | None = None,
    name: str | None = None,
    keep: bool = True,
    saes: Mapping[str, Any] | None = None,
) -> LiveModel:
    """Look into a torch module of your own.

    Nothing about the module is changed: hooks are on it only while it is recorded.

    Parameters
    ----------
    model
        Any `torch.nn.Module` that takes token numbers [1, tokens]; a model of `transformers` or `transformer_lens`; or
        the folder or hub id of one: `nw.attach("openai-community/gpt2")`. Weights are then read from safetensors only,
        and code that comes with a model is not run.
    tokenizer
        The model's tokenizer, or the image processor of a model of pictures. A tokenizer is found beside the weights
        where `model` is a folder or hub id.
    inputs
        `TextInputs(encode=…, decode=…)`: how text becomes token numbers and back. `ImageInputs(size=…)` or
        `TableInputs(columns)` for models of pictures and of rows.
    name
        What to call the model in the views.
    keep
        False: hold the module weakly, so that it can be freed while a widget shows it.
    saes
        Sparse autoencoders by the site they are on, {"resid.8": sae}: see `LiveModel.add_sae`.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Embedding(128, 16), torch.nn.Linear(16, 32), torch.nn.ReLU())
    >>> inputs = TextInputs(lambda text: [ord(c) % 128 for c in text], lambda ids: "".join(map(chr, ids)))
    >>> live = attach(model, inputs=inputs)
    >>> live.record("abc")["dense.0"].shape
    torch.Size([3, 32])
    """
    from torch import nn

    if isinstance(model, (str, os.PathLike)):
        path = os.fspath(model)
        model, found_tokenizer = load(path)
        tokenizer = found_tokenizer if tokenizer is None else tokenizer
        name, keep = name or os.path.basename(path.rstrip("/")), True  # nobody else holds it
    if not isinstance(model, nn.Module):
        raise AttachError(f"attach needs a torch.nn.Module, not {type(model).__name__}.")
    live = _attach(model, tokenizer, inputs, name, keep)
    for site, sae in (saes or {}).items():
        live.add_sae(site, sae)
    return live


def _attach(
    model: nn.Module, tokenizer: Any, inputs: TextInputs | TensorInputs | None, name: str | None, keep: bool
) -> LiveModel:
    if inputs is None and isinstance(tokenizer, (TextInputs, TensorInputs)):
        inputs = tokenizer
    if inputs is None and is_picture_processor(tokenizer):
        inputs = image_inputs(model, tokenizer)
    if isinstance(inputs, TensorInputs):
        return TensorModel(model, inputs, name=name, keep=keep)
    found = adapt(model, tokenizer, inputs)
    if found is not None:
        return LiveModel(model, found.inputs, name=name, keep=keep, adaptation=found)
    if inputs is None and tokenizer is not None:
        inputs = inputs_from(tokenizer)
    if inputs is None:
        raise AttachError(
            "How does this model read text? Give its tokenizer, or two callables: inputs=nw.TextInputs(encode=…, "
            "decode=…). encode turns a string into token numbers, decode turns token numbers back into a string."
        )
    return LiveModel(model, inputs, name=name, keep=keep)
