"""What is counted of every single value."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.atlas import histogram
from neuronwidget.atlas.crew import scratch
from neuronwidget.atlas.moments import Sums

COUNTS = ("seen", "positive", "active", "pinned", "nonfinite")
ACTIVE = 1e-6
INFINITY = float("inf")


@dataclass
class Ends:
    """Least and largest value, float32 [units]; +∞ and −∞ where there is none yet."""

    low: Tensor
    high: Tensor

    @classmethod
    def empty(cls, units: int) -> Ends:
        return cls(torch.full((units,), INFINITY), torch.full((units,), -INFINITY))

    def join(self, other: Ends) -> Ends:
        return Ends(torch.minimum(self.low, other.low), torch.maximum(self.high, other.high))


class Counts:
    """What is counted of every value: int64 [units] each, the histogram [units, 64] and the ends it follows from.

    `around`: ends of data counted elsewhere, with which these counts will be joined; with them the bins are wide enough
    from the start and need not grow.
    """

    def __init__(self, units: int, around: Ends | None = None) -> None:
        self.by_name = {name: torch.zeros(units, dtype=torch.int64) for name in COUNTS}
        self.ends = Ends.empty(units)
        self.grid = Ends.empty(units) if around is None else Ends(around.low.clone(), around.high.clone())
        self.bins = torch.zeros(units, histogram.BINS, dtype=torch.int64)
        self._rulers = histogram.rulers(self.grid.low, self.grid.high)

    def merge(self, other: Counts) -> None:
        for name, counts in self.by_name.items():
            counts += other.by_name[name]
        grid = self.grid.join(other.grid)
        self.bins = self._on(grid) + other._on(grid)
        self.ends = self.ends.join(other.ends)
        self.grid = grid

    def _on(self, grid: Ends) -> Tensor:
        return histogram.regrid(self.bins, self.grid.low, self.grid.high, grid.low, grid.high)

    def add_block(self, units: slice, values: Tensor, ends: Ends, bound: str | None) -> Sums:
        """Count values [rows, some units] of a block of units, of which `ends` are the ends.

        Leaves `self.ends` alone: see `reach`.
        """
        if not bool(torch.isfinite(ends.low.sum() + ends.high.sum())):
            return self._add_holes(units, values, bound)
        self.by_name["seen"][units] += len(values)
        spare = scratch("spare", *values.shape)
        self.by_name["positive"][units] += _column_sums(torch.gt(values, 0.0, out=spare))
        sizes = values if bool((ends.low >= 0).all()) else torch.abs(values, out=spare)
        self.by_name["active"][units] += _column_sums(torch.gt(sizes, ACTIVE, out=spare))
        if bound is not None:
            self.by_name["pinned"][units] += _column_sums(pinned(values, bound).float())
        self._widen(units, ends)
        scale, base = (ruler[units] for ruler in self._rulers)
        self.bins[units] += histogram.count(values, scale, base)
        return Sums.of(values, ends.low, ends.high)

    def _add_holes(self, units: slice, values: Tensor, bound: str | None) -> Sums:
        """The same for values of which some are NaN or infinite: these are counted as such and nowhere else."""
        mask = torch.isfinite(values)
        self.by_name["seen"][units] += mask.sum(0)
        self.by_name["nonfinite"][units] += (~mask).sum(0)
        self.by_name["positive"][units] += (mask & (values > 0)).sum(0)
        self.by_name["active"][units] += (mask & (values.abs() > ACTIVE)).sum(0)
        if bound is not None:
            self.by_name["pinned"][units] += (mask & pinned(values, bound)).sum(0)
        low = torch.where(mask, values, INFINITY).amin(0)
        high = torch.where(mask, values, -INFINITY).amax(0)
        self._widen(units, Ends(low, high))
        some = self.grid.low[units] <= self.grid.high[units]
        low, high = (torch.where(some, end[units], 0.0) for end in (self.grid.low, self.grid.high))
        self.bins[units] += histogram.count_masked(values, mask, low, high)
        return Sums.of_masked(values, mask)

    def reach(self, ends: Ends) -> None:
        """Note the ends of all units of a batch."""
        self.ends = self.ends.join(ends)

    def _widen(self, units: slice, more: Ends) -> None:
        had = Ends(self.grid.low[units], self.grid.high[units])
        if bool(((more.low >= had.low) & (more.high <= had.high)).all()):
            return
        grid = had.join(more)
        self.bins[units] = histogram.regrid(self.bins[units], had.low, had.high, grid.low, grid.high)
        self.grid.low[units], self.grid.high[units] = grid.low, grid.high
        for ruler, new in zip(self._rulers, histogram.rulers(grid.low, grid.high), strict=True):
            ruler[units] = new


def pinned(values: Tensor, bound: str) -> Tensor:
    """Is a value within 1 % of what the nonlinearity can give at most (or at least)?"""
    return values.abs() > 0.99 if bound == "tanh" else (values > 0.99) | (values < 0.01)


def _column_sums(truth: Tensor) -> Tensor:
    """How often a column of 0s and 1s [rows, units] is 1. Exact: there are fewer rows than float32 can count."""
    return truth.sum(0).long()
