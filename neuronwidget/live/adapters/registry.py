"""Chooses the adapter of a model by its framework, which is imported only when an object of it arrives."""

from __future__ import annotations

from typing import Any

from torch import nn

from neuronwidget.live.adapters.adaptation import Adaptation
from neuronwidget.live.adapters.tokens import inputs_from
from neuronwidget.live.errors import AttachError
from neuronwidget.live.inputs.text import TextInputs


def adapt_text(model: nn.Module, tokenizer: Any, inputs: TextInputs | None) -> Adaptation:
    """How a model of text is fed: as its framework says, as `inputs` say, or as its tokenizer cuts text."""
    frameworks = {base.__module__.partition(".")[0] for base in type(model).__mro__}
    if "transformer_lens" in frameworks:
        from neuronwidget.live.adapters import transformer_lens

        return transformer_lens.adapt(model, tokenizer, inputs)
    if "transformers" in frameworks and hasattr(getattr(model, "config", None), "get_text_config"):
        from neuronwidget.live.adapters import transformers

        return transformers.adapt(model, tokenizer, inputs)
    if inputs is None and tokenizer is not None:
        inputs = inputs_from(tokenizer)
    if inputs is None:
        raise AttachError(
            "How does this model read text? Give its tokenizer, or two callables: inputs=nw.TextInputs(encode=…, "
            "decode=…). encode turns a string into token numbers, decode turns token numbers back into a string."
        )
    return Adaptation(inputs)
