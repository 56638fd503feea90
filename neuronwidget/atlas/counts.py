"""What is counted of every single value."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.atlas import histogram
from neuronwidget.atlas.moments import Moments

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
    """What is counted of every value: int64 [units] each, the histogram [units, 64] and the ends it follows from."""

    def __init__(self, units: int) -> None:
        self.by_name = {name: torch.zeros(units, dtype=torch.int64) for name in COUNTS}
        self.ends = Ends.empty(units)
        self.bins = torch.zeros(units, histogram.BINS, dtype=torch.int64)

    def merge(self, other: Counts) -> None:
        for name, counts in self.by_name.items():
            counts += other.by_name[name]
        ends = self.ends.join(other.ends)
        self.bins = self._on(ends) + other._on(ends)
        self.ends = ends

    def _on(self, ends: Ends) -> Tensor:
        return histogram.regrid(self.bins, self.ends.low, self.ends.high, ends.low, ends.high)

    def add_block(self, units: slice, values: Tensor, bound: str | None) -> Moments:
        """Count finite values [rows, some units] of a block of units."""
        rows = len(values)
        low, high = values.amin(0), values.amax(0)
        if not bool((torch.isfinite(low) & torch.isfinite(high)).all()):
            return self._add_holes(units, values, bound)
        self.by_name["seen"][units] += rows
        self.by_name["positive"][units] += _column_sums(values > 0)
        one_sided = bool((low >= 0).all())
        self.by_name["active"][units] += _column_sums((values if one_sided else values.abs()) > ACTIVE)
        if bound is not None:
            self.by_name["pinned"][units] += _column_sums(pinned(values, bound))
        ends = self._widen(units, Ends(low, high))
        self.bins[units] += histogram.count(values, ends.low, ends.high)
        return Moments.of(values, low, high)

    def _add_holes(self, units: slice, values: Tensor, bound: str | None) -> Moments:
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
        ends = self._widen(units, Ends(low, high))
        safe = torch.where(ends.low <= ends.high, ends.low, 0.0)
        self.bins[units] += histogram.count_masked(
            values, mask, safe, torch.where(ends.low <= ends.high, ends.high, 0.0)
        )
        return Moments.of_masked(values, mask)

    def _widen(self, units: slice, more: Ends) -> Ends:
        had = Ends(self.ends.low[units], self.ends.high[units])
        ends = had.join(more)
        if not (torch.equal(ends.low, had.low) and torch.equal(ends.high, had.high)):
            self.bins[units] = histogram.regrid(self.bins[units], had.low, had.high, ends.low, ends.high)
            self.ends.low[units], self.ends.high[units] = ends.low, ends.high
        return ends


def pinned(values: Tensor, bound: str) -> Tensor:
    """Is a value within 1 % of what the nonlinearity can give at most (or at least)?"""
    return values.abs() > 0.99 if bound == "tanh" else (values > 0.99) | (values < 0.01)


def _column_sums(truth: Tensor) -> Tensor:
    """How often a column is true: bytes are added up 128 rows at a time, where they cannot overflow."""
    rows = len(truth)
    whole = rows - rows % 128
    ones = truth.view(torch.uint8)
    total = ones[whole:].sum(0)
    if whole:
        total = total + ones[:whole].view(-1, 128, ones.shape[1]).sum(1, dtype=torch.uint8).sum(0)
    return total
