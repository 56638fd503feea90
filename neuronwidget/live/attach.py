"""Attaching: the one line that makes a model live."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import nn

from neuronwidget.live.adapters.loading import load
from neuronwidget.live.errors import AttachError
from neuronwidget.live.inputs.kind import Inputs
from neuronwidget.live.inputs.registry import is_inputs, kind_of, kind_of_processor
from neuronwidget.live.model import LiveModel


def attach(
    model: nn.Module | str | os.PathLike[str],
    tokenizer: Any = None,
    *,
    inputs: Inputs | None = None,
    name: str | None = None,
    keep: bool = True,
    saes: Mapping[str, Any] | None = None,
    predicts: str | None = None,
    output: str | None = None,
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
    predicts
        What the output speaks of, where its shape does not tell: "next" (the token after each), "here" (each token
        itself), "first" (the first token of an answer), "whole" (the whole input).
    output
        What the model tells apart, in a word, where that is not tokens: "phoneme". Their names are `classes` of inputs.

    Examples
    --------
    >>> import torch
    >>> model = torch.nn.Sequential(torch.nn.Embedding(128, 16), torch.nn.Linear(16, 32), torch.nn.ReLU())
    >>> from neuronwidget.live.inputs.text import TextInputs
    >>> inputs = TextInputs(lambda text: [ord(c) % 128 for c in text], lambda ids: "".join(map(chr, ids)))
    >>> live = attach(model, inputs=inputs)
    >>> live.record("abc")["dense.0"].shape
    torch.Size([3, 32])
    """
    if isinstance(model, (str, os.PathLike)):
        path = os.fspath(model)
        model, own_tokenizer = load(path)
        tokenizer = own_tokenizer if tokenizer is None else tokenizer
        name, keep = name or os.path.basename(path.rstrip("/")), True  # nobody else holds it
    if not isinstance(model, nn.Module):
        raise AttachError(f"attach needs a torch.nn.Module, not {type(model).__name__}.")
    if inputs is None and is_inputs(tokenizer):
        inputs = tokenizer
    kind = kind_of_processor(tokenizer) if inputs is None else kind_of(inputs)
    adaptation = kind.adapt(model, tokenizer, inputs)
    if predicts is not None:
        adaptation = replace(adaptation, predicts=predicts)
    live = kind.model(model, adaptation.inputs, name=name, keep=keep, adaptation=adaptation)
    if predicts is not None:
        _check_prediction(live, predicts)
    live.output = output or ""
    for site, sae in (saes or {}).items():
        live.add_sae(site, sae)
    return live


_PREDICTIONS = ("next", "here", "first", "whole")


def _check_prediction(live: LiveModel, predicts: str) -> None:
    """Refuses what the output cannot speak of."""
    if predicts not in _PREDICTIONS:
        raise AttachError(f"predicts= is one of {', '.join(_PREDICTIONS)}, not {predicts!r}.")
    if live.classes < 2:
        raise AttachError(f"The output of {live.name} is no choice between two things or more: predicts= has no sense.")
    if predicts in ("next", "here") and not live.tells_each_token:
        raise AttachError(
            f"The output of {live.name} has no row for each token, so it cannot speak of them: predicts='whole' is "
            "left, or 'first' for the beginning of an answer."
        )
