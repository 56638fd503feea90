"""Finds out which positions of its inputs a pass is of: what came before in a cache, what is padding, what is prompt.

Read from what the model is called with: a mask and a cache, under the names that `transformers` gives them. In a pass
without either all rows are the whole input.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import Any

from torch import Tensor, nn

from neuronwidget.live.edits.scope import Stretch

_CACHES = ("past_key_values", "past_key_value", "past_kv_cache", "cache", "cache_params")


@dataclass(frozen=True)
class Span:
    """The positions of a pass.

    Attributes
    ----------
    inputs
        How many inputs share the pass; 0 where that is not known.
    start
        How many positions came before, in a cache.
    mask
        Which positions are real, those before counted in: bool [inputs, positions]; None where all are.
    prompt
        How many positions the prompt has, padding counted in; None: all that are there.
    decodes
        Is it the pass of a decoder behind an encoder? Then these positions are the decoder's: of its sites nothing
        follows the length of the text, which is the encoder's.
    """

    inputs: int = 0
    start: int = 0
    mask: Tensor | None = None
    prompt: int | None = None
    decodes: bool = False

    def stretch(self, row: int, count: int, per_token: bool) -> Stretch:
        """Which positions the rows of one input are, at a place that gave so many."""
        counted = per_token != self.decodes  # is it these rows that `start` and `prompt` speak of?
        if not counted and not per_token:
            return Stretch(0, count, count, count)
        start, prompt = (self.start, self.prompt) if counted else (0, None)
        left, end = 0, start + count
        mask = self.mask
        if mask is not None and per_token and row < len(mask) and mask.shape[1] == end and bool(mask[row].any()):
            real = mask[row].nonzero()
            left, end = int(real[0]), int(real[-1]) + 1
        prompt = end if prompt is None else min(prompt, end)
        return Stretch(start - left, count, prompt - left, end - left)


class SpanReader:
    """Follows the passes of one module: which of them go on from others.

    `prompt`: how many positions the prompt has, where somebody said so.
    """

    def __init__(self, module: nn.Module, prompt: int | None = None) -> None:
        self._module, self._told = module, prompt
        self._first: tuple[object, int] | None = None  # who generates, and how long its prompt is
        self._states: tuple[weakref.ref[Any], int] | None = None  # a cache that does not count, and what went into it

    def read(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Span:
        """The positions of a pass that begins with these arguments."""
        decoded = kwargs.get("decoder_input_ids")
        ids = _first_of_rows([*args, *kwargs.values()] if decoded is None else [decoded])
        inputs, tokens = (0, 0) if ids is None else (ids.shape[0], ids.shape[1])
        start = next((n for name in _CACHES if (n := self._before(kwargs.get(name), tokens))), 0)
        mask = kwargs.get("attention_mask")
        if not isinstance(mask, Tensor) or mask.ndim != 2 or mask.is_floating_point():
            mask = None
        return Span(inputs, start, mask, self._prompt(start, tokens), decoded is not None)

    def _before(self, cache: Any, tokens: int) -> int:
        """How many positions a cache holds, before it gets so many more; what keeps states alone is followed."""
        try:
            return _length(cache)
        except ValueError:  # that of Mamba in transformers
            last = self._states
            before = last[1] if last is not None and last[0]() is cache else 0
            self._states = weakref.ref(cache), before + tokens
            return before

    def _prompt(self, start: int, tokens: int) -> int | None:
        if self._told is not None:
            return self._told
        who: object = _generating(self._module)
        if self._first is None or (not start if who is None else self._first[0] is not who):
            self._first = who, start + tokens
        return self._first[1] if who is not None or start else None


def _first_of_rows(values: Iterable[Any]) -> Tensor | None:
    """The first tensor that may hold a row for each input."""
    return next((value for value in values if isinstance(value, Tensor) and value.ndim > 1), None)


def _length(cache: Any) -> int:
    """How many positions a cache holds."""
    if cache is None:
        return 0
    if callable(getattr(cache, "get_seq_length", None)):
        return int(cache.get_seq_length())
    lengths = getattr(cache, "lengths", None)
    if isinstance(lengths, Sequence) and lengths:
        return int(lengths[0])
    first: Any = next(iter(cache), None) if isinstance(cache, (tuple, list)) else None
    if isinstance(first, (tuple, list)) and first and isinstance(first[0], Tensor):
        return int(first[0].shape[-2])
    entries = getattr(cache, "entries", None)  # TransformerLens
    keys = getattr(entries[0], "past_keys", None) if isinstance(entries, list) and entries else None
    return int(keys.shape[1]) if isinstance(keys, Tensor) else 0


def _generating(module: nn.Module) -> object | None:
    """The call of the module's `generate` that a pass is made from; None where it is made otherwise.

    It alone knows where the prompt ends when a model generates without a cache.
    """
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "generate" and frame.f_locals.get("self") is module:
            return frame
        frame = frame.f_back
    return None
