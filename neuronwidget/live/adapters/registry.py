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
        raise AttachError(_what_it_reads(model))
    return Adaptation(inputs)


def _what_it_reads(model: nn.Module) -> str:
    """How to say what a model is given; what it looks made for comes first."""
    ways = {
        "text": "its tokenizer, nw.attach(model, tokenizer), or inputs=nw.TextInputs(encode=…, decode=…), where encode "
        "turns a string into token numbers and decode turns those back into a string",
        "pictures": "inputs=nw.ImageInputs(size=(28, 28)) with the size that it takes",
        "rows of numbers": "inputs=nw.TableInputs(columns) with the names of the columns",
    }
    parts = [part for part in model.modules() if isinstance(part, (nn.Embedding, nn.modules.conv._ConvNd, nn.Linear))]
    likely = "text"
    if parts and not any(isinstance(part, nn.Embedding) for part in parts):
        likely = "rows of numbers" if isinstance(parts[0], nn.Linear) else "pictures"
    ordered = sorted(ways, key=lambda kind: kind != likely)
    return f"What does {type(model).__name__} read? " + " ".join(f"For {kind}: {ways[kind]}." for kind in ordered)
