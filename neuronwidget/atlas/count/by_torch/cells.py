"""Puts records into the table of the intervals by numpy: at a time one of each cell of each unit.

The places of a unit lie by cell, five for each: first the document of least value, then the one of largest where that
is another, then those drawn. Cell c, counted from zero, has the places of c mod 12, which need not move when the range
grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from neuronwidget.atlas.count.candidates import Candidates, in_order
from neuronwidget.atlas.count.ends import INFINITY, Ends
from neuronwidget.atlas.count.histogram import fine_exponents, scaled
from neuronwidget.atlas.count.spread import CELLS, DRAWN, SPREAD, SpreadLimits
from neuronwidget.corpus.hashes import random_bits

PLACES = DRAWN + 2
ALL = 1 << 27  # no document draws as much
_LAST = np.iinfo(np.int64).max

Array = npt.NDArray[Any]


class Items(NamedTuple):
    """Candidates [n] on their way: what decides about them, and where all else is kept of each (`CellTable.origin`)."""

    value: Array
    ordinal: Array
    document: Array
    origin: Array

    def at(self, some: Array) -> Items:
        return Items(*(array[some] for array in self))


class CellTable:
    """The table of the intervals while records enter it; `finish` brings what else is kept of them.

    `ends`: of all values that are shown; of units that have none nothing is asked.

    Attributes
    ----------
    origin
        int64 [places of all units]: where what is kept of the candidate at a place stood before, or, from the number of
        places on, which record it is.
    """

    def __init__(self, table: Candidates, ends: Ends) -> None:
        self._table = table
        deciding = [tensor.view(-1).numpy() for tensor in (table.value, table.ordinal, table.document)]
        self._fields = Items._make([*deciding, np.arange(table.value.numel())])
        self._scale = rulers(ends).numpy()

    @property
    def origin(self) -> Array:
        return self._fields.origin

    def lay_out(self, units: Tensor) -> None:
        """Put what the table holds of `units` to where it belongs; what is too much in a cell goes."""
        places = (units[:, None] * SPREAD + torch.arange(SPREAD)).numpy().ravel()
        places = places[self._fields.ordinal[places] >= 0]
        held = self._fields.at(places)
        self._fields.ordinal[places] = -1
        self.put(places // SPREAD, held)

    def put(self, units: Array, items: Items) -> None:
        """Take in candidates of `units` [n]."""
        cell = np.floor(items.value.astype(np.float64) * self._scale[units]).astype(np.int64) % CELLS
        cell += units * CELLS
        for some in rounds(cell):
            self._put_apart(cell[some] * PLACES, items.at(some))

    def _put_apart(self, first: Array, new: Items) -> None:
        """Take in candidates of as many cells, whose places begin at `first`."""
        last = first + 1
        low, high = self._fields.at(first), self._fields.at(last)
        empty, alone = low.ordinal < 0, high.ordinal < 0
        high_value, high_ordinal = (np.where(alone, *pair) for pair in ((low[0], high[0]), (low[1], high[1])))
        earlier = new.ordinal < high_ordinal
        rises = (new.value > high_value) | ((new.value == high_value) & earlier)
        falls = (new.value < low.value) | ((new.value == low.value) & (new.ordinal < low.ordinal))
        takes = empty | rises | falls
        shifts = alone & falls & ~rises & ~empty  # what was alone becomes the largest
        self._write(last[shifts], low.at(shifts))
        place = np.where(empty | falls, first, last)
        free = empty | (alone & (rises != falls))
        out = Items(*(np.where(takes, np.where(falls, a, b), c) for a, b, c in zip(low, high, new, strict=True)))
        self._write(place[takes], new.at(takes))
        rest = (~(takes & free)).nonzero()[0]
        self._draw(first[rest] + 2, out.at(rest))

    def _draw(self, first: Array, new: Items) -> None:
        """Candidates that are no end of their cell: three of each stay."""
        places = first[:, None] + np.arange(DRAWN)
        ordinals = self._fields.ordinal[places]
        keys = np.where(ordinals < 0, _LAST, _key(self._fields.document[places], ordinals))
        worst = keys.argmax(1)
        enters = _key(new.document, new.ordinal) < keys[np.arange(len(keys)), worst]
        self._write((first + worst)[enters], new.at(enters))

    def _write(self, places: Array, items: Items) -> None:
        for field, values in zip(self._fields, items, strict=True):
            field[places] = values

    def finish(self, records: Candidates) -> None:
        """Bring all else that is kept of what has another place now, or came in from `records`."""
        count = len(self.origin)
        places = ((self.origin != np.arange(count)) & (self._fields.ordinal >= 0)).nonzero()[0]
        origin = self.origin[places]
        new = origin >= count
        moved, entered = (torch.from_numpy(some) for some in (places[~new], places[new]))
        before, chosen = torch.from_numpy(origin[~new]), torch.from_numpy(origin[new] - count)
        for name in ("position", "context_hash", "power", "around"):
            held, more = getattr(self._table, name).flatten(0, 1), getattr(records, name)
            held[moved] = held[before]
            held[entered] = more[chosen]


def _key(document: Array, ordinal: Array) -> Array:
    """By which documents are drawn: those of lowest keys stay."""
    key: Array = random_bits(torch.from_numpy(document)).numpy() << 31 | ordinal
    return key


def rounds(numbers: Array) -> Iterator[Array]:
    """Where numbers stand, int64 [n], each place once, so that no number comes twice in a round."""
    count = np.arange(len(numbers))
    order = in_order(torch.from_numpy(numbers << 32 | count)).numpy()
    ordered = numbers[order]
    fresh = np.ones(len(ordered), np.bool_)
    fresh[1:] = ordered[1:] != ordered[:-1]
    turn = count - np.maximum.accumulate(np.where(fresh, count, 0))
    order = order[in_order(torch.from_numpy(turn << 32 | count)).numpy()]
    yield from np.split(order, np.bincount(turn).cumsum()[:-1])


def rulers(ends: Ends) -> Tensor:
    """What values are multiplied by to be in cells of the width 1: float64 [units], a power of two."""
    some = ends.low <= ends.high
    low, high = (torch.where(some, end, 0.0) for end in (ends.low, ends.high))
    return scaled(torch.ones_like(low), -fine_exponents(low, high, CELLS))


def limits_of(table: Candidates, ends: Ends) -> SpreadLimits:
    """Of a table that lies by cells."""
    ordinal, value, document = (
        tensor.view(-1, CELLS, PLACES) for tensor in (table.ordinal, table.value, table.document)
    )
    used, alone, full = ordinal[..., 0] >= 0, ordinal[..., 1] < 0, (ordinal[..., 2:] >= 0).all(2)
    low = torch.where(used, value[..., 0], INFINITY)
    high = torch.where(used, torch.where(alone, value[..., 0], value[..., 1]), -INFINITY)
    draws = torch.full(full.shape, ALL, dtype=torch.int32)
    draws[full] = random_bits(document[..., 2:][full]).amax(1).int()
    some = ends.low <= ends.high
    first = torch.floor(torch.where(some, ends.low, 0.0) * rulers(ends)).long()
    order = (first[:, None] + torch.arange(CELLS)) % CELLS
    return SpreadLimits(ends, draws.gather(1, order), low.gather(1, order), high.gather(1, order))
