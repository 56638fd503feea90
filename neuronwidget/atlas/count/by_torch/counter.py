"""Counts every value with torch alone: for machines without numba, and for tests of the compiled loops."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
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

    block, least = 1024, 64  # units that are counted by a thread in one go; whose bins take turns

    def __init__(self, task: Task, threads: Threads) -> None:
        values, row_blocks = task.values, task.row_blocks
        self.units, self.rows = values.shape[2], sum(row_block.rows for row_block in row_blocks)
        self._ruler, self._basis = task.ruler, task.basis
        self._bound, self._signed = task.bound, bool((task.ruler.base < 0).any())
        self._index = scratch("index", self.units * self.rows, dtype=torch.int16)
        folds = sum(row_block.folds for row_block in row_blocks)
        self._sums = scratch("sums", 6 if task.bound is None else 7, folds, self.units)
        self._offset = task.ruler.offset(self.least)
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
        even = width // self.least * self.least
        if even:
            target = self._places(slice(units.start, units.start + even))
            target[:, row_block.row : row_block.row + rows].copy_(
                place[:, :even].view(rows, -1, self.least).transpose(0, 1)
            )
        if even < width:
            target = self._places(slice(units.start + even, units.stop))
            target[0, row_block.row : row_block.row + rows].copy_(place[:, even:])
        sums = self._sums[:, row_block.fold : row_block.fold + row_block.folds, units]
        self._count_truths(x, place, sums[4:])
        plane[rows:] = 0.0
        powers(x, self._basis.of(units), plane, sums)

    def _count_truths(self, x: Tensor, spare: Tensor, sums: Tensor) -> None:
        """Of values [rows, units], 32 rows at a time: how many are positive, active, pinned; numpy adds bytes."""
        rows, width = x.shape
        values, truths = x.numpy(), scratch("truths", sums.shape[1] * FOLD, width, dtype=torch.bool).numpy()
        truth = truths[:rows]
        truths[rows:] = False
        for number, total in enumerate(sums.numpy()):
            if number == 0:
                np.greater(values, 0.0, out=truth)
            elif number == 1:
                np.greater(np.abs(values, out=spare.numpy()) if self._signed else values, ACTIVE, out=truth)
            else:
                np.copyto(truth, pinned(x, self._bound or "").numpy())
            total[:] = np.add.reduce(truths.view(np.uint8).reshape(-1, FOLD, width), axis=1, dtype=np.uint8)

    def _places(self, units: slice) -> Tensor:
        """int16 [blocks, rows, units of a block] of several whole blocks or of one."""
        width = min(self.least, units.stop - units.start)
        return self._index[units.start * self.rows : units.stop * self.rows].view(-1, self.rows, width)

    def counted(self, units: slice) -> tuple[Tensor, Tensor]:
        """Of a block: int64 [units, 64], by slot; and float64 [6 or 7, units].

        The latter are sums of the first four powers of deviations, and how many values are positive, active and, where
        there is a bound, pinned to it.
        """
        blocks = [slice(u, min(u + self.least, units.stop)) for u in range(units.start, units.stop, self.least)]
        counts = [
            torch.bincount(self._places(block).view(-1), minlength=(block.stop - block.start) * histogram.BINS)
            for block in blocks
        ]
        by_slot = torch.cat(counts).view(-1, histogram.BINS).gather(1, self._ruler.slots[units])
        return by_slot, self._sums[:, :, units].double().sum(1)


def pinned(values: Tensor, bound: str) -> Tensor:
    """Is a value within 1 % of what the nonlinearity can give at most (or at least)?"""
    least, most = PINNED[bound]
    return (values > most) | (values < least)
