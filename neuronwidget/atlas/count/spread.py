"""Documents kept for the intervals: some of every part of the range of a unit's largest values.

The range is cut into at most 12 cells of equal width, a power of two. Kept are of each cell the documents of least and
of largest value, and of the others three, those with the lowest hashes: a random choice that is the same everywhere.
An interval, a fifth of the range, is wider than a cell. So what lies in it lies on one side of an edge of a cell's, or
at the end of a cell that reaches into it, and where an interval holds a document one of it is kept. A document that
another one puts out of a cell never comes back, since the cells only grow: in whatever order documents come or tables
are merged, the same stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from neuronwidget.atlas.count.candidates import Candidates, in_order, select, strength
from neuronwidget.atlas.count.ends import INFINITY, Ends
from neuronwidget.atlas.count.histogram import cells, fine_exponents, scaled
from neuronwidget.corpus.hashes import random_bits

CELLS = 12
DRAWN = 3
SPREAD = CELLS * (DRAWN + 2)
_NONE = torch.iinfo(torch.int64).min
_LAST = torch.iinfo(torch.int64).max


def spread(candidates: Candidates, low: Tensor, high: Tensor) -> Candidates:
    """The candidates that stay: [units, n] → [units, 60], by cell. `low`, `high` [units] are the ends of all values.

    Each document comes once.
    """
    cell = _cells(candidates, low, high)
    key = torch.where(
        candidates.used, (cell << 58) | (random_bits(candidates.document) << 31) | candidates.ordinal.long(), _LAST
    )
    order = in_order(key)
    cell = cell.gather(1, order)
    ends, number = _places(cell, candidates.value.gather(1, order), candidates.ordinal.gather(1, order))
    stays = (cell < CELLS) & (ends | (number <= DRAWN))
    best = in_order((~stays).short())[:, :SPREAD]
    return select(candidates, order.gather(1, best), stays.gather(1, best), SPREAD)


def _cells(candidates: Candidates, low: Tensor, high: Tensor) -> Tensor:
    """The cell of each entry, 12 for unused places: int64 [units, n]."""
    exponent = fine_exponents(low, high, CELLS)[:, None]
    cell = (cells(candidates.value, exponent) - cells(low[:, None], exponent)).clamp(0, CELLS - 1)
    return torch.where(candidates.used, cell, CELLS)


def _places(cell: Tensor, value: Tensor, ordinal: Tensor) -> tuple[Tensor, Tensor]:
    """Of candidates sorted by cell and random bits, [units, n]: is it an end of its cell; its number among others."""
    ends = torch.zeros_like(cell, dtype=torch.bool)
    for sign in (1, -1):
        rising = strength(value * sign, ordinal)
        best = torch.full((len(cell), CELLS + 1), _NONE).scatter_reduce(1, cell, rising, "amax")
        ends |= rising == best.gather(1, cell)
    other = (cell < CELLS) & ~ends
    number = other.long().cumsum(1)
    fresh = torch.ones_like(ends)
    fresh[:, 1:] = cell[:, 1:] != cell[:, :-1]
    before = torch.where(fresh, number - other.long(), 0)  # how many there are in lower cells
    return ends, number - torch.from_numpy(np.maximum.accumulate(before.numpy(), 1))


@dataclass(frozen=True)
class SpreadLimits:
    """What a document must draw less than to be kept in a cell, or be beyond: [units, 12] each.

    `ends` are those of the whole range.
    """

    ends: Ends
    draws: Tensor
    low: Tensor
    high: Tensor

    @classmethod
    def of(cls, candidates: Candidates, ends: Ends) -> SpreadLimits:
        """Of what `spread` made of all that was seen."""
        cell = _cells(candidates, ends.low, ends.high)
        extreme, number = _places(cell, candidates.value, candidates.ordinal)
        shape = (len(candidates), CELLS + 1)
        low = torch.full(shape, INFINITY).scatter_reduce(1, cell, candidates.value, "amin")[:, :CELLS].contiguous()
        high = torch.full(shape, -INFINITY).scatter_reduce(1, cell, candidates.value, "amax")[:, :CELLS].contiguous()
        draws = torch.full((len(candidates), CELLS), 1 << 27, dtype=torch.int32)
        units, places = ((cell < CELLS) & ~extreme & (number == DRAWN)).nonzero(as_tuple=True)
        draws[units, cell[units, places]] = random_bits(candidates.document[units, places]).int()
        return cls(ends, draws, low, high)

    def at(self, units: slice) -> SpreadLimits:
        """Those of some units."""
        return SpreadLimits(self.ends.of(units), self.draws[units], self.low[units], self.high[units])

    def to(self, device: torch.device | str) -> SpreadLimits:
        return SpreadLimits(self.ends.to(device), self.draws.to(device), self.low.to(device), self.high.to(device))

    def passed(self, values: Tensor, documents: Tensor) -> Tensor:
        """Which values [windows, units] could be kept; `documents` [windows] are the numbers of theirs."""
        cell = self._cells(values)
        drawn = random_bits(documents)[:, None] < self.draws.T.gather(0, cell)
        beyond = (values < self.low.T.gather(0, cell)) | (values > self.high.T.gather(0, cell))
        return drawn | beyond

    def _cells(self, values: Tensor) -> Tensor:
        """The cell of each value: the nearest one for values beyond the ends, any for NaN."""
        some = self.ends.low <= self.ends.high
        low, high = (torch.where(some, end, 0.0) for end in (self.ends.low, self.ends.high))
        exponent = fine_exponents(low, high, CELLS)
        cell = torch.floor(values.double() * scaled(torch.ones_like(low), -exponent)) - cells(low, exponent)
        return cell.clamp_(0, CELLS - 1).nan_to_num_(0.0).long()
