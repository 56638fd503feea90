"""Adapter for models of the `transformers` library."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from neuronwidget.live.adapters.adaptation import Adaptation
from neuronwidget.live.adapters.experts import with_experts
from neuronwidget.live.adapters.tokens import LONGEST, inputs_from, vocabulary_size
from neuronwidget.live.errors import AttachError
from neuronwidget.live.inputs.text import TextInputs

#: Names under which configurations keep the number of positions there are.
_LENGTHS = ("max_position_embeddings", "n_positions", "max_sequence_length", "max_seq_len", "seq_length")


def adapt(model: Any, tokenizer: Any, inputs: TextInputs | None) -> Adaptation:
    """How to feed a model of `transformers`, read its output and run on from its cache."""
    call, notes = _Call(model), []
    if inputs is None:
        notes = _check(model, tokenizer)
        inputs = inputs_from(tokenizer, context=context(model, tokenizer), feed=call, classes=_classes(model))
    elif inputs.feed is None:
        inputs = copy.copy(inputs)
        inputs.feed = call
    else:
        return Adaptation(inputs, None, _predicts(model), lambda table: with_experts(model, table), ends=_ends(model))
    takes_cache = {"past_key_values", "use_cache"} <= call.takes and not model.config.is_encoder_decoder
    causal = KeysAndValues(model) if takes_cache else None
    return Adaptation(
        inputs,
        causal,
        _predicts(model),
        lambda table: with_experts(model, table),
        notes,
        _finish(model.config),
        _ends(model),
    )


def _check(model: Any, tokenizer: Any) -> list[str]:
    """Do model and tokenizer go together? Returns what should be said."""
    if getattr(model, "main_input_name", "") == "pixel_values":
        raise AttachError(
            f"{type(model).__name__} reads pictures: nw.attach(model, processor) with its image processor, or "
            "nw.attach(model, inputs=nw.ImageInputs(size=(224, 224))) with the size that it wants."
        )
    if tokenizer is None:
        raise AttachError(
            f"How does {type(model).__name__} read text? Give its tokenizer: nw.attach(model, tokenizer), with "
            "tokenizer = transformers.AutoTokenizer.from_pretrained(…) of the same folder or hub id."
        )
    weight = getattr(_embedding(model, "get_input_embeddings"), "weight", None)
    rows = None if weight is None else len(weight)
    size = vocabulary_size(tokenizer)
    if size is None or rows is None:
        return []
    if size > rows:
        raise AttachError(
            f"The tokenizer has token numbers up to {size - 1:,}, but the model's embedding has only {rows:,} rows: "
            "they do not belong together. Load both from the same folder or hub id."
        )
    if size < 0.8 * rows:
        return [f"The tokenizer knows {size:,} tokens and the model {rows:,}: do they belong together?"]
    return []


def context(model: Any, tokenizer: Any = None) -> int:
    """How many tokens are looked at in one go: what the model takes, and no more than a picture can show."""
    config = model.config.get_text_config()
    lengths = [length for name in _LENGTHS if isinstance(length := getattr(config, name, None), int) and length > 1]
    for name, part in model.named_modules():
        # RoBERTa counts positions from behind the padding's number
        if name.endswith("position_embeddings") and getattr(part, "padding_idx", None) is not None:
            lengths = [len(part.weight) - part.padding_idx - 1]
    longest = getattr(tokenizer, "model_max_length", None)
    if isinstance(longest, int) and longest < 10**9:
        lengths.append(longest)
    return min([*lengths, LONGEST])


def _classes(model: Any) -> list[str] | None:
    """Names of the classes, where the model tells classes and not tokens."""
    if "Classification" not in type(model).__name__:
        return None
    names = model.config.id2label
    return [str(names.get(i, i)) for i in range(model.config.num_labels)]


def _predicts(model: Any) -> str | None:
    name = type(model).__name__
    if "TokenClassification" in name or "MaskedLM" in name:
        return "here"
    if "Classification" in name:
        return "whole"
    if _embedding(model, "get_output_embeddings") is None:
        return ""  # a body without a head: its output is a stream, not a prediction
    return "first" if model.config.is_encoder_decoder else None


def _finish(config: Any) -> Callable[[Tensor], Tensor] | None:
    """What is done to logits after the head: capped softly (Gemma 2), scaled up (Cohere) or down (Granite)."""
    config = config.get_text_config()
    cap, up, down = (
        getattr(config, name, None) for name in ("final_logit_softcapping", "logit_scale", "logits_scaling")
    )
    if isinstance(cap, (int, float)) and cap:
        return lambda logits: torch.tanh(logits / cap) * cap
    if isinstance(up, (int, float)):
        return lambda logits: logits * up
    if isinstance(down, (int, float)):
        return lambda logits: logits / down
    return None


def _ends(model: Any) -> frozenset[int]:
    """The tokens at which the model's own `generate` stops."""
    for config in (getattr(model, "generation_config", None), model.config.get_text_config()):
        number = getattr(config, "eos_token_id", None)
        if number is not None:
            return frozenset([number] if isinstance(number, int) else map(int, number))
    return frozenset()


def _embedding(model: Any, method: str) -> Any:
    try:
        return getattr(model, method)()
    except (NotImplementedError, AttributeError):  # a model that has none may say so in either way
        return None


class _Call:
    """Token numbers [1, tokens] → the model's arguments. Holds no model: it lives as long as the inputs do."""

    def __init__(self, model: Any) -> None:
        self.takes = frozenset(inspect.signature(type(model).forward).parameters)
        config = model.config
        self._start = _start(config) if config.is_encoder_decoder else None

    def __call__(self, ids: Tensor) -> dict[str, Any]:
        arguments: dict[str, Any] = {"input_ids": ids}
        if "use_cache" in self.takes:
            arguments["use_cache"] = False
        if self._start is not None:
            # The decoder stands before its first word: what it says is what comes first.
            arguments["decoder_input_ids"] = ids.new_full((1, 1), self._start)
        return arguments


def _start(config: Any) -> int:
    for name in ("decoder_start_token_id", "bos_token_id", "pad_token_id"):
        number = getattr(config, name, None)
        if isinstance(number, int):
            return number
    return 0


# ---- running on from a cache -----------------------------------------------------------------------------------------


class KeysAndValues:
    """Runs a decoder on from the keys and values of the tokens before."""

    def __init__(self, model: Any) -> None:
        config = model.config.get_text_config()
        self.reach = _evenly(config)
        self.window = _least(config, "sliding_window", "attention_chunk_size", "local_attention", "window_size")
        self._layers = int(getattr(config, "num_hidden_layers", 0))

    def new_cache(self, model: Any) -> _Cache:
        return _Cache(self._layers)

    def advance(self, model: Any, ids: Tensor, cache: Any) -> object:
        return model(input_ids=ids, past_key_values=cache.kept, use_cache=True)


class _Cache:
    """A `DynamicCache` whose layers may have different lengths, as a pass that is left early leaves them."""

    def __init__(self, layers: int) -> None:
        from transformers import DynamicCache

        # Without a configuration every layer keeps all tokens, so that a cache can be cut back anywhere;
        # sliding windows are then a matter of the mask alone.
        self.kept: Any = DynamicCache()
        self._layers = layers

    @property
    def lengths(self) -> Sequence[int]:
        lengths = [layer.get_seq_length() for layer in self.kept.layers]
        return lengths + [0] * (self._layers - len(lengths))

    def crop(self, length: int, /) -> None:
        for layer in self.kept.layers:
            if layer.get_seq_length() > length:
                layer.keys, layer.values = layer.keys[..., :length, :], layer.values[..., :length, :]


def _evenly(config: Any) -> int | None:
    """Up to how many tokens positions mean the same in every text; None where length never scales them."""
    rope = getattr(config, "rope_parameters", None) or getattr(config, "rope_scaling", None) or {}
    kinds = [part.get("rope_type", part.get("type")) for part in (rope, *rope.values()) if isinstance(part, dict)]
    if not any(kind in ("dynamic", "longrope") for kind in kinds):
        return None
    originals = [
        part.get("original_max_position_embeddings") for part in (rope, *rope.values()) if isinstance(part, dict)
    ]
    limits = [limit for limit in originals if isinstance(limit, int)]
    return min([*limits, _least(config, "original_max_position_embeddings", "max_position_embeddings") or 0])


def _least(config: Any, *names: str) -> int | None:
    values = [value for name in names if isinstance(value := getattr(config, name, None), int) and value > 0]
    return min(values, default=None)
