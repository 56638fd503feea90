"""Edits on random units of the site, and along random directions, that change as much there as a given edit does."""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from math import comb
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.live.edits.edit import Edit
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit

#: A change of more than this share of a site's units is matched by random directions.
_DENSE = 0.5


class Change:
    """What one edit changes at its site in a pass, input by input: two edits around it keep that."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.begin()

    def begin(self) -> None:
        """Another pass is to follow."""
        self._before: deque[Tensor] = deque()
        self.changes: list[Tensor] = []

    def around(self, edit: Any) -> list[Any]:
        """The edit between two that see what stood there before it and behind it."""
        return [Edit(self.site, self.keep), edit, Edit(self.site, self.after)]

    def keep(self, rows: Tensor) -> Tensor:
        self._before.append(rows.clone())
        return rows

    def after(self, rows: Tensor) -> Tensor:
        self.changes.append(rows.float() - self._before.popleft().float())
        return rows


class Times(Change):
    """Change of an edit, times a strength: a dose."""

    def __init__(self, site: str, strength: float) -> None:
        super().__init__(site)
        self._strength = strength

    def after(self, rows: Tensor) -> Tensor:
        before = self._before.popleft()
        return before + self._strength * (rows - before)


class Matched(Change):
    """Change of an edit of other units, made as large as what the `original` edit changed.

    Where it changes nothing, what the original changed is moved to its units.
    """

    def __init__(self, original: Change, columns: Sequence[int], units: Sequence[int]) -> None:
        super().__init__(original.site)
        self._original, self._columns, self._units = original, list(columns), list(units)

    def after(self, rows: Tensor) -> Tensor:
        before = self._before.popleft()
        wanted = self._original.changes[len(self.changes)]
        change = rows.float() - before.float()
        size, length = wanted.norm(), change.norm()
        if float(length) > 1e-6 * float(size):
            change = change * (size / length)
        else:
            change = moved(wanted, self._columns, self._units)
        self.changes.append(change)
        return before + change.to(before.dtype)


class Along(Change):
    """A change along a random direction, at each position as large as what the `original` edit changed."""

    def __init__(self, original: Change, direction: Tensor) -> None:
        super().__init__(original.site)
        self._original, self._direction = original, direction / direction.norm()

    def around(self, edit: Any) -> list[Any]:
        return [Edit(self.site, self.change)]

    def change(self, rows: Tensor) -> Tensor:
        wanted: Tensor = self._original.changes[len(self.changes)]
        change: Tensor = wanted.norm(dim=1, keepdim=True) * self._direction.to(wanted)
        self.changes.append(change)
        return rows + change.to(rows.dtype)


def moved(change: Tensor, columns: Sequence[int], units: Sequence[int]) -> Tensor:
    """A change [positions, units] of some columns at other units, as large; several of them may share a column's.

    >>> moved(torch.tensor([[4.0, 0.0, 0.0]]), [0], [1, 2])
    tensor([[0.0000, 2.8284, 2.8284]])
    """
    share = len(units) // len(columns) if columns else 0
    other = torch.zeros_like(change)
    for number, column in enumerate(columns):
        for unit in units[number * share : (number + 1) * share]:
            other[:, unit] += change[:, column] / share**0.5
    return other


@dataclasses.dataclass(frozen=True)
class Control:
    """One random counterpart of some edits: those that act, and what they change.

    `words`: what was drawn, "random units"; `drawn`: which.
    """

    edits: list[Any]
    changes: list[Change]
    words: str
    drawn: str

    def begin(self) -> None:
        """Another pass is to follow."""
        for change in self.changes:
            change.begin()


def controls(
    live: LiveModel,
    edits: Sequence[Any],
    changes: Sequence[Change],
    n: int,
    seed: int,
    apart: Mapping[str, Collection[int]] | None = None,
) -> list[Control]:
    """Up to `n` counterparts of edits whose `changes` were kept in a pass: fewer where a site has too few units.

    `apart`: by name of a site the units that none is drawn from, beside those of the edits.
    """
    source = np.random.default_rng(seed)
    apart = apart or {}
    taken: dict[str, set[int]] = {}
    columns = [_columns(edit, change) for edit, change in zip(edits, changes, strict=True)]
    for change, own in zip(changes, columns, strict=True):
        taken.setdefault(change.site, set()).update(own or ())
    options = [
        _options(live, edit, change, own, taken[change.site], n, source, apart)
        for edit, change, own in zip(edits, changes, columns, strict=True)
    ]
    many = max(map(len, options), default=0) if all(options) else 0
    controls = []
    for number in range(min(n, many)):
        chosen = [several[number % len(several)] for several in options]
        around = [edit for one in chosen for edit in one.change.around(one.edit)]
        drawn = ", ".join(one.drawn for one in chosen)
        controls.append(Control(around, [one.change for one in chosen], chosen[0].words, drawn))
    return controls


def _columns(edit: Any, change: Change) -> list[int] | None:
    """The columns of its site that an edit changes; None where those are most of them."""
    seen = torch.stack([one.abs().amax(0) for one in change.changes]).amax(0) > 0
    count = int(seen.sum())
    if count > _DENSE * len(seen) and count > 1 and getattr(edit, "units", None) is None:
        return None
    return [int(column) for column in seen.nonzero()[:, 0]]


@dataclasses.dataclass(frozen=True)
class _Option:
    """A random counterpart of one edit."""

    change: Change
    edit: Any
    words: str
    drawn: str


def _options(
    live: LiveModel,
    edit: Any,
    change: Change,
    columns: list[int] | None,
    taken: set[int],
    n: int,
    source: np.random.Generator,
    apart: Mapping[str, Collection[int]],
) -> list[_Option]:
    width = change.changes[0].shape[1]
    if columns is None:
        directions = torch.from_numpy(source.standard_normal((n, width))).float()
        return [
            _Option(Along(change, direction), None, "random directions", f"direction {number} at {edit.site}")
            for number, direction in enumerate(directions)
        ]
    named, place = _named(live, edit), live.sites.resolve(edit.site)
    count, site = len(named or columns) or 1, place.name
    left_out = {*(named or taken), *apart.get(site, ())}
    drawn = draws([unit for unit in range(place.width) if unit not in left_out], count, n, source)
    if place.read is not None:
        columns = []  # they are not those of its units: what changes there cannot be moved to other units
    options = []
    for units in drawn:
        other = Edit(edit.site, _same) if named is None else _on(edit, site, units)
        names = " + ".join(str(Unit(site, unit)) for unit in units)
        options.append(_Option(Matched(change, columns, units), other, _words(count, units), names))
    return options


def _same(rows: Tensor) -> Tensor:
    return rows


def _named(live: LiveModel, edit: Any) -> list[int] | None:
    """The units that an edit names, where the same edit can be made of others."""
    units = getattr(edit, "units", None)
    return None if units is None or not hasattr(edit, "unit") else list(units)


def _on(edit: Any, site: str, units: Sequence[int]) -> Any:
    """The same edit of other units of its site."""
    return dataclasses.replace(edit, unit=[Unit(site, unit) for unit in units])


def _words(count: int, units: Sequence[int]) -> str:
    if len(units) == count:
        return "random units" if count == 1 else f"random sets of {count} units"
    return "random pairs of units" if len(units) == 2 else f"random sets of {len(units)} units"


def draws(pool: Sequence[int], size: int, n: int, source: np.random.Generator) -> list[tuple[int, ...]]:
    """Up to `n` different sets of so many of a pool; where it has no more of them, of twice as many, and so on.

    >>> [len(units) for units in draws([1, 2, 3], 1, 5, np.random.default_rng(0))]
    [1, 1, 1, 2, 2]
    """
    drawn: list[tuple[int, ...]] = []
    step = size
    while len(drawn) < n and size <= len(pool):
        wanted = n - len(drawn)
        if comb(len(pool), size) <= 4 * n:
            every = list(combinations(pool, size))
            drawn += [every[at] for at in source.permutation(len(every))[:wanted]]
        else:
            several: dict[tuple[int, ...], None] = {}
            while len(several) < wanted:
                several[tuple(sorted(source.choice(pool, size, replace=False).tolist()))] = None
            drawn += several
        size += step
    return drawn
