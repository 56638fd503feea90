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
    """Candidates [n] on their way: what decides about them, with random `bits`, and where all else is kept of each.

    `origin`: the place in the table where it stood, or, from the number of places on, which record it is.
    """

    value: Array
    ordinal: Array
    bits: Array
    origin: Array

    def at(self, some: Array) -> Items:
        return Items(*(array[some] for array in self))


class CellTable:
    """The table of the intervals while it lies by cells, which begins with the first records that it takes in."""

    def __init__(self, table: Candidates) -> None:
        self.table = table
        self._scale = np.zeros(len(table))
        self._places = Items(
            table.value.view(-1).numpy(),
            table.ordinal.view(-1).numpy(),
            random_bits(table.document.view(-1)).int().numpy(),
            np.arange(table.value.numel()),
        )

    def widen(self, ends: Ends) -> None:
        """All values that are shown have these ends now."""
        scale = _scale(ends)
        wider = (scale != self._scale).nonzero()[0]
        self._scale = scale
        unit, slot = (self._places.ordinal.reshape(len(scale), -1)[wider] >= 0).nonzero()
        places = wider[unit] * SPREAD + slot
        held = self._places.at(places)
        self._places.ordinal[places] = -1
        self._put(places // SPREAD, held)  # what is too much in a cell goes

    def take(self, units: Array, records: Candidates, chosen: Tensor) -> None:
        """Take in chosen records of `units` [n]."""
        deciding = records.value, records.ordinal, random_bits(records.document).int(), torch.arange(len(records))
        new = Items(*(tensor.index_select(0, chosen).numpy() for tensor in deciding))
        new.origin[:] += len(self._places.origin)
        self._put(units, new)

    def finish(self, records: Candidates) -> None:
        """Bring all else that is kept of what has another place now, or came in from `records`."""
        origin = self._places.origin
        count = len(origin)
        places = ((origin != np.arange(count)) & (self._places.ordinal >= 0)).nonzero()[0]
        came = origin[places]
        new = came >= count
        moved, entered, before, chosen = places[~new], places[new], came[~new], came[new] - count
        for name in ("document", "position", "context_hash", "power", "around"):
            held, more = rows_of(getattr(self.table, name)), rows_of(getattr(records, name))
            held[moved] = held[before]
            held[entered] = more.take(chosen)
        origin[:] = np.arange(count)

    def limits(self, ends: Ends) -> SpreadLimits:
        """What a document must draw less than to be kept in a cell, or be beyond."""
        if not len(self._places.value):
            return SpreadLimits.of(Candidates.empty(len(self.table), 1, width=0), ends)
        value, ordinal, bits, _ = (torch.from_numpy(field).view(-1, CELLS, PLACES) for field in self._places)
        used, alone, full = ordinal[..., 0] >= 0, ordinal[..., 1] < 0, (ordinal[..., 2:] >= 0).all(2)
        low = torch.where(used, value[..., 0], INFINITY)
        high = torch.where(used, torch.where(alone, value[..., 0], value[..., 1]), -INFINITY)
        draws = torch.where(full, bits[..., 2:].amax(2), ALL)
        first = np.floor(torch.where(ends.low <= ends.high, ends.low, 0.0).numpy() * self._scale).astype(np.int64)
        order = torch.from_numpy((first[:, None] + np.arange(CELLS)) % CELLS)
        return SpreadLimits(ends, draws.gather(1, order), low.gather(1, order), high.gather(1, order))

    def _put(self, units: Array, items: Items) -> None:
        """Take in candidates of `units` [n]."""
        cell = np.floor(items.value * self._scale[units]).astype(np.int64) % CELLS
        cell += units * CELLS
        for some in _rounds(cell):
            self._put_apart(cell[some] * PLACES, items.at(some))

    def _put_apart(self, first: Array, new: Items) -> None:
        """Take in candidates of as many cells, whose places begin at `first`."""
        last = first + 1
        low, high = self._places.at(first), self._places.at(last)
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
        """Candidates that are no end of their cell: of each cell the three of lowest random bits stay."""
        places = first[:, None] + np.arange(DRAWN)
        ordinals = self._places.ordinal[places]
        keys = np.where(ordinals < 0, _LAST, _key(self._places.bits[places], ordinals))
        worst = keys.argmax(1)
        enters = _key(new.bits, new.ordinal) < keys[np.arange(len(keys)), worst]
        self._write((first + worst)[enters], new.at(enters))

    def _write(self, places: Array, items: Items) -> None:
        for field, values in zip(self._places, items, strict=True):
            field[places] = values


def rows_of(tensor: Tensor) -> Array:
    """A field of candidates with one number a place, or one row of numbers; the memory is the same."""
    rows = tensor.numpy()
    if rows.dtype != np.float16:
        return rows.reshape(-1)
    width = rows.shape[-1]
    return rows.reshape(-1, width).view(np.dtype((np.void, width * rows.itemsize)))[:, 0]


def _key(bits: Array, ordinal: Array) -> Array:
    """By which documents are drawn: those of lowest keys stay."""
    key: Array = bits.astype(np.int64) << 31 | ordinal
    return key


def _rounds(numbers: Array) -> Iterator[Array]:
    """Where numbers stand, int64 [n], each place once, so that no number comes twice in a round."""
    count = np.arange(len(numbers))
    order = in_order(torch.from_numpy(numbers << 32 | count)).numpy()
    ordered = numbers[order]
    fresh = np.ones(len(ordered), np.bool_)
    fresh[1:] = ordered[1:] != ordered[:-1]
    turn = count - np.maximum.accumulate(np.where(fresh, count, 0))
    order = order[in_order(torch.from_numpy(turn << 32 | count)).numpy()]
    yield from np.split(order, np.bincount(turn).cumsum()[:-1])


def _scale(ends: Ends) -> Array:
    """What values are multiplied by to be in cells of the width 1: float64 [units], powers of two."""
    some = ends.low <= ends.high
    low, high = (torch.where(some, end, 0.0) for end in (ends.low, ends.high))
    scale: Array = scaled(torch.ones_like(low), -fine_exponents(low, high, CELLS)).numpy()
    return scale
