"""Histograms with exact counts whose bins can grow.

The bins of a unit are the multiples of a power of two: value v falls into cell floor(v / 2^e). A wider range takes a
larger e, and each new cell then holds exactly two old ones; so counts stay exact, and e follows from the least and the
largest value alone. At most 64 neighbouring cells are in use; cell c is kept in slot c mod 64, which need not move
when the range grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

BINS = 64
_FINEST = 22  # cells are no finer than 2^-22 of the largest magnitude: their numbers are exact in float32
_LEAST, _MOST = -126, 126  # 2^e and its reverse are float32 numbers


def exponents(low: Tensor, high: Tensor, bins: int = BINS) -> Tensor:
    """The smallest e for which [low, high] touches at most `bins` cells: int32 [units]. Empty ranges are any number.

    Cells are not so small that float32 numbers could not tell them apart.
    """
    low, high = low.double(), high.double()
    largest = torch.maximum(low.abs(), high.abs())
    finest = torch.frexp(largest).exponent - _FINEST
    return torch.maximum(fine_exponents(low, high, bins), finest).clamp(_LEAST, _MOST)


def fine_exponents(low: Tensor, high: Tensor, bins: int) -> Tensor:
    """The same for cells that are looked up as float64: as small as any range of float32 numbers needs."""
    low, high = low.double(), high.double()
    span = high - low
    guess = torch.frexp(span / bins).exponent
    first, last = torch.floor(scaled(low, -guess)), torch.floor(scaled(high, -guess))
    guess = guess + (last - first >= bins).int()
    return torch.where(span > 0, guess, torch.frexp(torch.maximum(low.abs(), high.abs())).exponent - _FINEST).int()


def scaled(values: Tensor, exponent: Tensor) -> Tensor:
    """Values · 2^e as float64; `torch.ldexp` takes powers of two as float32 and has no 2^130."""
    return values.double() * ((exponent.long() + 1023) << 52).view(torch.float64)


def cells(values: Tensor, exponent: Tensor) -> Tensor:
    """The cell of each value: floor(v / 2^e) as int64."""
    return torch.floor(scaled(values, -exponent)).long()


def rulers(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """How to find cells quickly: floor(v · scale) − base counts from the lowest cell. float32 [units] each."""
    some = low <= high
    low, high = torch.where(some, low, 0.0), torch.where(some, high, 0.0)
    scale = scaled(torch.ones_like(low), -exponents(low, high)).float()
    return scale, torch.floor(low * scale)


@dataclass(frozen=True)
class Ruler:
    """How to find the slots of values between two ends quickly: float32 [units] each, and int64 [units, 64].

    floor(v · scale) − base counts from the lowest cell; `slots` says where such a count is kept.
    """

    scale: Tensor
    base: Tensor

    @classmethod
    def between(cls, low: Tensor, high: Tensor) -> Ruler:
        return cls(*rulers(low, high))

    @cached_property
    def slots(self) -> Tensor:
        return (torch.arange(BINS, device=self.base.device) - self.base.long()[:, None]) & (BINS - 1)

    def offset(self, block: int) -> Tensor:
        """What makes floor(v · scale) a place among the counters [units, 64] of a unit's block of so many units."""
        return torch.arange(len(self.base), device=self.base.device) % block * BINS - self.base


def count(x: Tensor, mask: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Counts of the float32 values [rows, units] where `mask` is true, in [low, high]: int64 [units, 64] in slots."""
    bins = torch.zeros(x.shape[1], BINS, dtype=torch.int64, device=x.device)
    slots = cells(torch.where(mask, x, low), exponents(low, high)) & (BINS - 1)
    return bins.scatter_add_(1, slots.T, mask.T.long())


def regrid(counts: Tensor, low: Tensor, high: Tensor, new_low: Tensor, new_high: Tensor) -> Tensor:
    """Counts [units, 64] of the range [low, high] on the grid of a range that contains it."""
    old, new = exponents(low, high), exponents(new_low, new_high)
    grown = ((new != old) & (low <= high)).nonzero()[:, 0]
    if not len(grown):
        return counts
    moved = counts.clone()
    slots = cell_numbers(low[grown], old[grown]) >> (new - old)[grown, None] & (BINS - 1)
    moved[grown] = torch.zeros_like(counts[grown]).scatter_add_(1, slots, counts[grown])
    return moved


def cell_numbers(low: Tensor, exponent: Tensor) -> Tensor:
    """Which cell each slot holds, if the lowest is the one of `low`: int64 [units, 64]."""
    first = cells(low, exponent)[:, None]
    return first + ((torch.arange(BINS, device=low.device) - first) & (BINS - 1))


def in_order(
    counts: npt.NDArray[np.int64], exponent: int, low: float
) -> tuple[npt.NDArray[np.float64], float, npt.NDArray[np.int64]]:
    """One unit's counts [64], kept in slots, from the cell of its least value up to the last one in use.

    Returns the lower ends of the bins, their width, and the counts; none for a unit without values.

    >>> in_order(np.array([2, 0, 1] + 60 * [0] + [5]), 0, -0.5)
    (array([-1.,  0.,  1.,  2.]), 1.0, array([5, 2, 0, 1]))
    """
    width = 2.0**exponent
    if not counts.any():
        return np.zeros(0), width, counts[:0]
    first = int(np.floor(low / width))
    rolled = np.roll(counts, -(first % BINS))
    used = rolled[: int(np.flatnonzero(rolled)[-1]) + 1]
    return (first + np.arange(len(used), dtype=np.float64)) * width, width, used
