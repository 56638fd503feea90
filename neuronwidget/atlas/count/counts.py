"""Counts every value of a site: how many are positive, active, pinned or not finite, and the histogram."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from neuronwidget.atlas.count import histogram
from neuronwidget.atlas.count.by_torch.counter import ACTIVE, Task, TorchCounter, pinned
from neuronwidget.atlas.count.by_torch.device_counter import DeviceCounter
from neuronwidget.atlas.count.ends import Ends
from neuronwidget.atlas.count.moments import Basis, Sums
from neuronwidget.passes.row_blocks import RowBlock
from neuronwidget.passes.threads import Threads

COUNTS = ("seen", "positive", "active", "pinned", "nonfinite")


class Counts:
    """What is counted of every value: int64 [units] each, the histogram [units, 64] and the ends it follows from.

    `around`: ends of data counted elsewhere, with which these counts will be joined; with them the bins are wide enough
    from the start and need not grow.
    """

    def __init__(self, units: int, around: Ends | None = None, device: torch.device | None = None) -> None:
        self.by_name = {name: torch.zeros(units, dtype=torch.int64, device=device) for name in COUNTS}
        self.ends = Ends.empty(units, device)
        self.grid = Ends.empty(units, device) if around is None else around.copy()
        self.bins = torch.zeros(units, histogram.BINS, dtype=torch.int64, device=device)

    def merge(self, other: Counts) -> None:
        for name, counts in self.by_name.items():
            counts += other.by_name[name]
        grid = self.grid.join(other.grid)
        self.bins = self._on(grid)
        self.bins += other._on(grid)
        self.ends = self.ends.join(other.ends)
        self.grid = grid

    def _on(self, grid: Ends) -> Tensor:
        if torch.equal(self.grid.low, grid.low) and torch.equal(self.grid.high, grid.high):
            return self.bins
        return histogram.regrid(self.bins, self.grid.low, self.grid.high, grid.low, grid.high)

    def to_cpu(self) -> None:
        """Bring all that is on another device."""
        self.by_name = {name: counts.cpu() for name, counts in self.by_name.items()}
        self.ends, self.grid, self.bins = self.ends.to("cpu"), self.grid.to("cpu"), self.bins.cpu()

    def add(
        self,
        values: Tensor,
        row_blocks: Sequence[RowBlock],
        ends: Ends,
        holes: Tensor | None,
        bound: str | None,
        threads: Threads,
        units: slice,
    ) -> Sums:
        """Count the rows of `row_blocks` of values [windows, tokens, some units] with torch.

        `ends` are those of the finite values; `holes` bool [units]: which units have others too, None if none has.
        `units`: which they are of all.
        """
        before = self.grid.of(units)
        grid = before.join(ends)
        self.bins[units] = histogram.regrid(self.bins[units], before.low, before.high, grid.low, grid.high)
        self.grid.take(ends, units)
        self.ends.take(ends, units)
        bins = self.bins[units]
        ruler = histogram.Ruler.between(grid.low, grid.high)
        basis = Basis.around(_typical(values, row_blocks), ends.low, ends.high)
        counter = _counter(values, threads)(Task(values, row_blocks, ruler, basis, bound), threads)
        broken = [False] * counter.units if holes is None else holes.tolist()

        def count(block: slice) -> tuple[Tensor, Sums]:
            if any(broken[block]):
                rows = torch.cat([row_block.of(values, block).clone() for row_block in row_blocks])
                return _count_holes(rows, grid.of(block), bins[block], bound)
            by_slot, sums = counter.counted(block)
            bins[block] += by_slot
            seen = torch.full_like(sums[:1], counter.rows)
            truths = torch.cat([seen, sums[4:], sums.new_zeros(len(COUNTS), sums.shape[1])])[: len(COUNTS)]
            return truths.long(), Sums(seen[0], basis.pivot[block].double(), basis.reach[block], sums[:4])

        step = counter.block if holes is None else counter.least
        done = threads.map(count, [slice(u, min(u + step, counter.units)) for u in range(0, counter.units, step)])
        for name, more in zip(COUNTS, torch.cat([truths for truths, _ in done], 1), strict=True):
            self.by_name[name][units] += more
        return Sums.side_by_side([sums for _, sums in done])


def _count_holes(values: Tensor, grid: Ends, bins: Tensor, bound: str | None) -> tuple[Tensor, Sums]:
    """Count values [rows, some units] of which some are NaN or infinite: as such, and nowhere else."""
    mask = torch.isfinite(values)
    some = grid.low <= grid.high
    low, high = (torch.where(some, end, 0.0) for end in (grid.low, grid.high))
    bins += histogram.count(values, mask, low, high)
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


def _counter(values: Tensor, threads: Threads) -> type[TorchCounter] | type[DeviceCounter]:
    """What looks at every value."""
    return DeviceCounter if threads.on_device or values.device.type != "cpu" else TorchCounter
