"""Counts every value of a site: how many are positive, active, pinned or not finite, and the histogram."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from neuronwidget.atlas.count import histogram
from neuronwidget.atlas.count.count_torch import ACTIVE, Task, TorchCounter, pinned
from neuronwidget.atlas.count.ends import Ends
from neuronwidget.atlas.count.moments import Basis, Sums
from neuronwidget.passes.row_blocks import RowBlock
from neuronwidget.passes.threads import Threads

if TYPE_CHECKING:
    from neuronwidget.atlas.count.count_numba import NumbaCounter

COUNTS = ("seen", "positive", "active", "pinned", "nonfinite")


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
        self._ruler: histogram.Ruler | None = None

    def merge(self, other: Counts) -> None:
        for name, counts in self.by_name.items():
            counts += other.by_name[name]
        grid = self.grid.join(other.grid)
        self.bins = self._on(grid) + other._on(grid)
        self.ends = self.ends.join(other.ends)
        self.grid, self._ruler = grid, None

    def _on(self, grid: Ends) -> Tensor:
        return histogram.regrid(self.bins, self.grid.low, self.grid.high, grid.low, grid.high)

    def add(
        self,
        values: Tensor,
        row_blocks: Sequence[RowBlock],
        ends: Ends,
        holes: Tensor | None,
        bound: str | None,
        threads: Threads,
    ) -> Sums:
        """Count the rows of `row_blocks` of values [windows, tokens, units].

        `ends` are those of the finite values; `holes` bool [units]: which units have others too, None if none has.
        """
        self.ends = self.ends.join(ends)
        grid = self.grid.join(ends)
        if self._ruler is None or bool(((grid.low != self.grid.low) | (grid.high != self.grid.high)).any()):
            self.bins = self._on(grid)
            self.grid, self._ruler = grid, histogram.Ruler.between(grid.low, grid.high)
        basis = Basis.around(_typical(values, row_blocks), ends.low, ends.high)
        counter = _counter(threads)(Task(values, row_blocks, self._ruler, basis, bound), threads)
        broken = [False] * counter.units if holes is None else holes.tolist()

        def count(block: slice) -> tuple[Tensor, Sums]:
            if any(broken[block]):
                return self._add_holes(
                    block, torch.cat([row_block.of(values, block).clone() for row_block in row_blocks]), bound
                )
            bins, sums = counter.counted(block)
            self.bins[block] += bins
            seen = torch.full_like(sums[:1], counter.rows)
            truths = torch.cat([seen, sums[4:], torch.zeros(len(COUNTS), sums.shape[1])])[: len(COUNTS)]
            return truths.long(), Sums(seen[0], basis.pivot[block].double(), basis.reach[block], sums[:4])

        done = threads.map(
            count, [slice(u, min(u + counter.block, counter.units)) for u in range(0, counter.units, counter.block)]
        )
        for name, more in zip(COUNTS, torch.cat([truths for truths, _ in done], 1), strict=True):
            self.by_name[name] += more
        return Sums.side_by_side([sums for _, sums in done])

    def _add_holes(self, units: slice, values: Tensor, bound: str | None) -> tuple[Tensor, Sums]:
        """Count values [rows, some units] of which some are NaN or infinite: as such, and nowhere else."""
        mask = torch.isfinite(values)
        some = self.grid.low[units] <= self.grid.high[units]
        low, high = (torch.where(some, end[units], 0.0) for end in (self.grid.low, self.grid.high))
        self.bins[units] += histogram.count(values, mask, low, high)
        stuck = pinned(values, bound) if bound is not None else torch.zeros_like(mask)
        truths = (mask, mask & (values > 0), mask & (values.abs() > ACTIVE), mask & stuck, ~mask)
        return torch.stack([truth.sum(0) for truth in truths]), Sums.of_masked(values, mask)


def _typical(values: Tensor, row_blocks: Sequence[RowBlock]) -> Tensor:
    """About the mean of each unit, float32 [units], from every 16th row or so. Holes make it 0."""
    step = 16 if sum(row_block.rows for row_block in row_blocks) >= 256 else 1
    parts = [
        values[part.first : part.last, part.begin : part.end : step]
        for row_block in row_blocks
        for part in row_block.parts
    ]
    some = torch.cat([part.flatten(0, 1) for part in parts])
    # As float64 the order of addition, which follows from the number of threads, leaves no trace in float32.
    return some.double().mean(0).float().nan_to_num(0.0, 0.0, 0.0)


def _counter(threads: Threads) -> type[TorchCounter] | type[NumbaCounter]:
    """What looks at every value."""
    if not threads.compiled:
        return TorchCounter
    from neuronwidget.atlas.count.count_numba import NumbaCounter

    return NumbaCounter
