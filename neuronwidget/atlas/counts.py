"""What is counted of every single value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.atlas import histogram
from neuronwidget.atlas.crew import Crew, scratch
from neuronwidget.atlas.moments import Frame, Sums, powers
from neuronwidget.atlas.pieces import FOLD, SLAB, Piece

COUNTS = ("seen", "positive", "active", "pinned", "nonfinite")
ACTIVE = 1e-6
UNITS = 64  # counted together: their bins fit into a core's fastest cache
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
        self, values: Tensor, pieces: Sequence[Piece], ends: Ends, holes: Tensor | None, bound: str | None, crew: Crew
    ) -> Sums:
        """Count the rows of `pieces` of values [windows, tokens, units].

        `ends` are those of the finite values; `holes` bool [units]: which units have others too, None if none has.
        """
        self.ends = self.ends.join(ends)
        grid = self.grid.join(ends)
        if self._ruler is None or bool(((grid.low != self.grid.low) | (grid.high != self.grid.high)).any()):
            self.bins = self._on(grid)
            self.grid, self._ruler = grid, histogram.Ruler.between(grid.low, grid.high)
        frame = Frame.around(_typical(values, pieces), ends.low, ends.high)
        tests = _tests(bound, signed=bool((ends.low < 0).any()))
        heap = _Heap(values.shape[2], pieces, self._ruler, frame, tests)
        slabs = [slice(u, min(u + SLAB, heap.units)) for u in range(0, heap.units, SLAB)]
        crew.map(lambda task: heap.look(values, *task), [(piece, slab) for piece in pieces for slab in slabs])
        broken = [False] * heap.units if holes is None else holes.tolist()

        def count(block: slice) -> tuple[Tensor, Sums]:
            if any(broken[block]):
                return self._add_holes(block, torch.cat([piece.of(values, block).clone() for piece in pieces]), bound)
            bins, sums = heap.counted(block)
            self.bins[block] += bins
            seen = torch.full_like(sums[:1], heap.rows)
            truths = torch.cat([seen, sums[4:], torch.zeros(len(COUNTS), sums.shape[1])])[: len(COUNTS)]
            return truths.long(), Sums(seen[0], frame.pivot[block].double(), frame.reach[block], sums[:4])

        done = crew.map(count, [slice(u, min(u + UNITS, heap.units)) for u in range(0, heap.units, UNITS)])
        for name, more in zip(COUNTS, torch.cat([truths for truths, _ in done], 1), strict=True):
            self.by_name[name] += more
        return Sums.side_by_side([sums for _, sums in done])

    def _add_holes(self, units: slice, values: Tensor, bound: str | None) -> tuple[Tensor, Sums]:
        """Count values [rows, some units] of which some are NaN or infinite: as such, and nowhere else."""
        mask = torch.isfinite(values)
        some = self.grid.low[units] <= self.grid.high[units]
        low, high = (torch.where(some, end[units], 0.0) for end in (self.grid.low, self.grid.high))
        self.bins[units] += histogram.count_masked(values, mask, low, high)
        stuck = pinned(values, bound) if bound is not None else torch.zeros_like(mask)
        truths = (mask, mask & (values > 0), mask & (values.abs() > ACTIVE), mask & stuck, ~mask)
        return torch.stack([truth.sum(0) for truth in truths]), Sums.of_masked(values, mask)


class _Heap:
    """What the pieces of a batch leave behind: where each value goes in the histogram, and sums of 32 rows at a time.

    The places are kept block of units by block of units, since counting is quick where the bins of all units that take
    turns fit into the fastest cache; all else is quicker over whole rows.
    """

    def __init__(
        self,
        units: int,
        pieces: Sequence[Piece],
        ruler: histogram.Ruler,
        frame: Frame,
        tests: Sequence[Callable[[Tensor, Tensor], object]],
    ) -> None:
        self.units, self.rows = units, sum(piece.rows for piece in pieces)
        self._ruler, self._frame, self._tests = ruler, frame, tests
        self._index = scratch("index", units * self.rows, dtype=torch.int16)
        self._sums = scratch("sums", 4 + len(tests), sum(piece.folds for piece in pieces), units)
        self._offset = ruler.offset(UNITS)

    def look(self, values: Tensor, piece: Piece, units: slice) -> None:
        """Take in the rows of a piece."""
        x = piece.of(values, units)
        rows, width = x.shape
        plane = scratch("plane", piece.folds * FOLD, width)
        place = plane[:rows]
        torch.mul(x, self._ruler.scale[units], out=place).floor_().add_(self._offset[units])
        even = width // UNITS * UNITS
        if even:
            target = self._places(slice(units.start, units.start + even))
            target[:, piece.row : piece.row + rows].copy_(place[:, :even].view(rows, -1, UNITS).transpose(0, 1))
        if even < width:
            target = self._places(slice(units.start + even, units.stop))
            target[0, piece.row : piece.row + rows].copy_(place[:, even:])
        sums = self._sums[:, piece.fold : piece.fold + piece.folds, units]
        plane[rows:] = 0.0
        for test, total in zip(self._tests, sums[4:], strict=True):
            test(x, place)
            torch.sum(plane.view(-1, FOLD, width), 1, out=total)
        powers(x, self._frame.of(units), plane, sums)

    def _places(self, units: slice) -> Tensor:
        """int16 [blocks, rows, units of a block] of several whole blocks or of one."""
        width = min(UNITS, units.stop - units.start)
        return self._index[units.start * self.rows : units.stop * self.rows].view(-1, self.rows, width)

    def counted(self, block: slice) -> tuple[Tensor, Tensor]:
        """Histogram [units, 64] of a block; its sums of powers and passed tests, float64 [4 + tests, units]."""
        units = block.stop - block.start
        counts = torch.bincount(self._places(block).view(-1), minlength=units * histogram.BINS)
        slots = self._ruler.slots[block]
        return counts.view(units, histogram.BINS).gather(1, slots), self._sums[:, :, block].double().sum(1)


def _tests(bound: str | None, *, signed: bool) -> list[Callable[[Tensor, Tensor], object]]:
    """What is asked of every value, in the order of `COUNTS`: functions of values that write 0 or 1 to a place."""

    def active(x: Tensor, out: Tensor) -> object:
        return torch.gt(torch.abs(x, out=out) if signed else x, ACTIVE, out=out)

    def stuck(x: Tensor, out: Tensor) -> object:
        return out.copy_(pinned(x, bound or ""))

    return [lambda x, out: torch.gt(x, 0.0, out=out), active, *([] if bound is None else [stuck])]


def _typical(values: Tensor, pieces: Sequence[Piece]) -> Tensor:
    """About the mean of each unit, float32 [units], from every 16th row or so. Holes make it 0."""
    step = 16 if sum(piece.rows for piece in pieces) >= 256 else 1
    parts = [values[part.first : part.last, part.begin : part.end : step] for piece in pieces for part in piece.parts]
    some = torch.cat([part.flatten(0, 1) for part in parts])
    # As float64 the order of addition, which follows from the number of threads, leaves no trace in float32.
    return some.double().mean(0).float().nan_to_num(0.0, 0.0, 0.0)


def pinned(values: Tensor, bound: str) -> Tensor:
    """Is a value within 1 % of what the nonlinearity can give at most (or at least)?"""
    return values.abs() > 0.99 if bound == "tanh" else (values > 0.99) | (values < 0.01)
