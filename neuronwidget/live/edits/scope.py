"""Scopes say at which positions edits act, conditions that they act only where another unit fires.

A scope is "all", "prompt", "generated", "last", numbers of positions, or a slice of them. Positions are counted as
`recording.positions` lists them: special tokens and the marks of a chat's template count, padding does not. In a pass
that generates nothing, all of the input is the prompt. "last" is the last position of the prompt and, while a model
generates, each one after it: every position from which something is to be said. Negative numbers count from the end of
the prompt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.structure.sites import Unit

Scope = str | tuple[int, ...] | slice
AnyScope = str | Sequence[int] | slice

_WORDS = {
    "all": "at all positions",
    "prompt": "at the positions of the prompt",
    "generated": "at generated positions",
    "last": "at the last position",
}


#: The prompt and the end of an input whose positions come one at a time.
UNKNOWN = 1 << 40


@dataclass(frozen=True)
class Stretch:
    """Which positions of an input some rows are: `count` of them, the first of which has the number `start`.

    The first `prompt` positions of the input are its prompt; from `end` on there is only padding, and below 0, too.
    """

    start: int
    count: int
    prompt: int
    end: int

    def numbers(self, device: torch.device) -> Tensor:
        """The number of each row's position: [positions]."""
        return torch.arange(self.start, self.start + self.count, device=device)


def checked(scope: AnyScope) -> Scope:
    """A scope as it is kept. Raises `EditError` where it is none."""
    if isinstance(scope, str):
        if scope in _WORDS:
            return scope
    elif isinstance(scope, slice):
        ends = (scope.start, scope.stop, scope.step)
        if all(end is None or _is_number(end) for end in ends) and (scope.step is None or scope.step > 0):
            return scope
    elif isinstance(scope, (list, tuple, range)) and len(scope) and all(map(_is_number, scope)):
        return tuple(scope)
    raise EditError(
        f"scope={scope!r} says no positions. It is one of {', '.join(map(repr, _WORDS))}, a list of whole numbers such "
        "as [0, 5], or a slice that goes forward, such as slice(2, 8)."
    )


def in_words(scope: Scope) -> str:
    """A scope as a person reads it: "at the last position"."""
    if isinstance(scope, str):
        return _WORDS[scope]
    if isinstance(scope, slice):
        begin, end = scope.start or 0, "on" if scope.stop is None else f"up to {scope.stop}"
        return f"at positions from {begin} {end}" + (f", each {scope.step}th" if scope.step not in (None, 1) else "")
    return f"at position{'s' * (len(scope) > 1)} {', '.join(map(str, scope))}"


def counts_from_the_end(scope: Scope) -> bool:
    """Does it hang on how long an input is? Then inputs must not be filled up to the length of others."""
    if isinstance(scope, str):
        return scope in ("last", "generated")
    ends = (scope.start or 0, scope.stop or 0) if isinstance(scope, slice) else scope
    return min(ends) < 0


def rows_in(scope: Scope, stretch: Stretch, device: torch.device) -> Tensor | None:
    """Which rows of a stretch are in a scope: bool [positions]; None where all are."""
    if scope == "all":
        return None
    at, prompt = stretch.numbers(device), stretch.prompt
    real = (at >= 0) & (at < stretch.end)
    if scope == "prompt":
        return real & (at < prompt)
    if scope == "generated":
        return real & (at >= prompt)
    if scope == "last":
        return real & (at >= prompt - 1)
    if isinstance(scope, slice):
        begin, stop = (None if end is None else end + prompt * (end < 0) for end in (scope.start, scope.stop))
        begin = max(0, begin or 0)
        inside = at >= begin if stop is None else (at >= begin) & (at < stop)
        return real & inside & ((at - begin) % (scope.step or 1) == 0)
    assert isinstance(scope, tuple)
    chosen = torch.tensor([number + prompt * (number < 0) for number in scope], device=device)
    return real & torch.isin(at, chosen)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@dataclass(frozen=True)
class Condition:
    """Holds at the positions where `unit` is above a value. Made by `when`."""

    unit: Unit
    above: float

    def __str__(self) -> str:
        return f"where {self.unit} > {self.above:g}"

    def __repr__(self) -> str:
        return f"when({str(self.unit)!r}, above={self.above!r})"


def when(unit: str | Unit | tuple[str, int], above: float = 0.0) -> Condition:
    """For `when=` of an edit: it acts only at the positions where another unit is above a value.

    That unit must lie before the edit in the model, or at the same site; there it is looked at as it is before this
    edit. Else what counts is what the model goes on with, so edits before it act on it, too. Where one of the two
    speaks of the whole input, the unit counts at its strongest position.

    >>> import neuronwidget as nw
    >>> nw.Scale("mlp.2:417", 3, when=nw.when("mlp.1:4", above=0.5))
    Scale('mlp.2:417', 3, scope='all', when=when('mlp.1:4', above=0.5))
    """
    if not isinstance(above, (int, float)) or math.isnan(above):
        raise EditError(f"when({str(unit)!r}): above={above!r} is no number that a unit could be above.")
    return Condition(Unit.parse(unit), above)
