"""Blocks of rows: few enough that a core keeps them in its cache from the first look at them to the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from neuronwidget.passes.threads import scratch

FOLD = 32
"""So many rows are added up as float32; blocks are whole multiples of it where they can be."""
SLAB = 4096
_VALUES = 184_320


@dataclass(frozen=True)
class RowSpan:
    """Tokens [begin, end) of the windows [first, last), all of which count."""

    first: int
    last: int
    begin: int
    end: int

    @property
    def rows(self) -> int:
        return (self.last - self.first) * (self.end - self.begin)


@dataclass(frozen=True)
class RowBlock:
    """Spans of rows one below the other: rows [row, row + rows) of all, and folds [fold, fold + folds)."""

    parts: tuple[RowSpan, ...]
    row: int
    rows: int
    fold: int

    @property
    def folds(self) -> int:
        return -(-self.rows // FOLD)

    def of(self, values: Tensor, units: slice) -> Tensor:
        """Its rows of values [windows, tokens, all units]: float32 [rows, units], a view where that can be."""
        sources = [values[part.first : part.last, part.begin : part.end, units] for part in self.parts]
        if len(sources) == 1 and sources[0].shape[0] == 1:
            return sources[0][0].float()
        rows = scratch("values", self.rows, sources[0].shape[2])
        row = 0
        for source, part in zip(sources, self.parts, strict=True):
            rows[row : row + part.rows].view(source.shape).copy_(source)
            row += part.rows
        return rows


def block_rows(units: int) -> int:
    """How many rows of so many units, or of a slab of them, make a block."""
    return max(FOLD, _VALUES // min(units, SLAB) // FOLD * FOLD)


def cut(lengths: Sequence[int], skip: int, most: int) -> list[RowBlock]:
    """Windows of these lengths without their first `skip` tokens as blocks of about `most` rows at most.

    >>> [block.rows for block in cut([300, 300, 40, 700], 100, 448)]
    [400, 320, 280]
    >>> cut([300, 300, 40, 700], 100, 448)[0].parts
    (RowSpan(first=0, last=2, begin=100, end=300),)
    """
    blocks: list[RowBlock] = []
    parts: list[RowSpan] = []
    row = fold = 0

    def close() -> None:
        nonlocal parts, row, fold
        if parts:
            blocks.append(RowBlock(tuple(parts), row, sum(part.rows for part in parts), fold))
            row, fold, parts = row + blocks[-1].rows, fold + blocks[-1].folds, []

    for window, length in enumerate(lengths):
        rows = max(0, length - skip)
        step = -(-rows // max(1, -(-rows // most)) // FOLD) * FOLD  # in blocks of about the same size
        for begin in range(skip, length, max(1, step)):
            part = RowSpan(window, window + 1, begin, min(length, begin + step))
            if sum(p.rows for p in parts) + part.rows > most:
                close()
            if parts and (parts[-1].last, parts[-1].begin, parts[-1].end) == (window, part.begin, part.end):
                part = RowSpan(parts.pop().first, part.last, part.begin, part.end)
            parts.append(part)
    close()
    return blocks
