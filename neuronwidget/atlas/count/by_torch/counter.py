"""Counts every value with torch alone: for machines without numba, and for tests of the compiled loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.atlas.count import histogram
from neuronwidget.atlas.count.moments import Basis, powers
from neuronwidget.passes.row_blocks import FOLD, SLAB, RowBlock
from neuronwidget.passes.threads import Threads, scratch

ACTIVE = 1e-6
PINNED = {"tanh": (-0.99, 0.99), "sigmoid": (0.01, 0.99)}
"""Values beyond these are within 1 % of what the nonlinearity can give."""


@dataclass(frozen=True)
class Task:
    """What is to be counted: rows of values [windows, tokens, units], into which bins, as deviations from where.

    `bound`: "tanh" or "sigmoid", where the values come out of one.
    """

    values: Tensor
    row_blocks: Sequence[RowBlock]
    ruler: histogram.Ruler
    basis: Basis
    bound: str | None


class TorchCounter:
    """What the pieces of a batch leave behind: where each value goes in the histogram, and sums of 32 rows at a time.

    The places are kept block of units by block of units, since counting is quick where the bins of all units that take
    turns fit into the fastest cache; all else is quicker over whole rows.
    """

    block = 64  # units that are counted together

    def __init__(self, task: Task, threads: Threads) -> None:
        values, row_blocks = task.values, task.row_blocks
        self.units, self.rows = values.shape[2], sum(row_block.rows for row_block in row_blocks)
        self._ruler, self._basis = task.ruler, task.basis
        self._tests = tests_of(task.bound, bool((task.ruler.base < 0).any()))
        self._index = scratch("index", self.units * self.rows, dtype=torch.int16)
        self._sums = scratch("sums", 4 + len(self._tests), sum(row_block.folds for row_block in row_blocks), self.units)
        self._offset = task.ruler.offset(self.block)
        slabs = [slice(u, min(u + SLAB, self.units)) for u in range(0, self.units, SLAB)]
        threads.map(
            lambda task: self._look(values, *task), [(row_block, slab) for row_block in row_blocks for slab in slabs]
        )

    def _look(self, values: Tensor, row_block: RowBlock, units: slice) -> None:
        """Take in the rows of a piece."""
        x = row_block.of(values, units)
        rows, width = x.shape
        plane = scratch("plane", row_block.folds * FOLD, width)
        place = plane[:rows]
        torch.mul(x, self._ruler.scale[units], out=place).floor_().add_(self._offset[units])
        even = width // self.block * self.block
        if even:
            target = self._places(slice(units.start, units.start + even))
            target[:, row_block.row : row_block.row + rows].copy_(
                place[:, :even].view(rows, -1, self.block).transpose(0, 1)
            )
        if even < width:
            target = self._places(slice(units.start + even, units.stop))
            target[0, row_block.row : row_block.row + rows].copy_(place[:, even:])
        sums = self._sums[:, row_block.fold : row_block.fold + row_block.folds, units]
        plane[rows:] = 0.0
        for test, total in zip(self._tests, sums[4:], strict=True):
            test(x, place)
            torch.sum(plane.view(-1, FOLD, width), 1, out=total)
        powers(x, self._basis.of(units), plane, sums)

    def _places(self, units: slice) -> Tensor:
        """int16 [blocks, rows, units of a block] of several whole blocks or of one."""
        width = min(self.block, units.stop - units.start)
        return self._index[units.start * self.rows : units.stop * self.rows].view(-1, self.rows, width)

    def counted(self, units: slice) -> tuple[Tensor, Tensor]:
        """Of a block: int64 [units, 64], by slot; and float64 [6 or 7, units].

        The latter are sums of the first four powers of deviations, and how many values are positive, active and, where
        there is a bound, pinned to it.
        """
        width = units.stop - units.start
        counts = torch.bincount(self._places(units).view(-1), minlength=width * histogram.BINS)
        by_slot = counts.view(width, histogram.BINS).gather(1, self._ruler.slots[units])
        return by_slot, self._sums[:, :, units].double().sum(1)


def tests_of(bound: str | None, signed: bool) -> list[Callable[[Tensor, Tensor], object]]:
    """Functions of values that write 0 or 1 to a place: positive, active, pinned."""

    def active(x: Tensor, out: Tensor) -> object:
        return torch.gt(torch.abs(x, out=out) if signed else x, ACTIVE, out=out)

    def stuck(x: Tensor, out: Tensor) -> object:
        return out.copy_(pinned(x, bound or ""))

    return [lambda x, out: torch.gt(x, 0.0, out=out), active, *([] if bound is None else [stuck])]


def pinned(values: Tensor, bound: str) -> Tensor:
    """Is a value within 1 % of what the nonlinearity can give at most (or at least)?"""
    least, most = PINNED[bound]
    return (values > most) | (values < least)
