"""Counts every value, and looks up peaks, in compiled loops: numba's, where it is installed.

torch makes a pass over memory for every small question; here each value is loaded once for all of them. No sum is
reordered and nothing is fused that rounds otherwise, so every processor gives the same bits.
"""

from __future__ import annotations

import numba
import numpy as np
import torch
from torch import Tensor

from neuronwidget.atlas.count import histogram
from neuronwidget.atlas.count.count_torch import ACTIVE, PINNED, Task
from neuronwidget.atlas.count.ends import SEGMENT
from neuronwidget.passes.row_blocks import FOLD
from neuronwidget.passes.threads import Threads

ZERO, ONE, LEAST = np.float32(0), np.float32(1), np.float32(ACTIVE)
BINS = histogram.BINS


class NumbaCounter:
    """The same as `TorchCounter`. Moments may differ in their last bits: torch adds in an order of its own."""

    block = 512  # wide enough to read memory in order, few enough for their bins to stay in a core's cache

    def __init__(self, task: Task, threads: Threads) -> None:
        _, tokens, self.units = task.values.shape
        self._values = task.values.float().flatten(0, 1).numpy()
        parts = [part for row_block in task.row_blocks for part in row_block.parts]
        places = [
            np.arange(part.first, part.last)[:, None] * tokens + np.arange(part.begin, part.end) for part in parts
        ]
        self._rows = np.concatenate([place.reshape(-1) for place in places] or [np.empty(0, np.int64)])
        self.rows = len(self._rows)
        self._lines = torch.stack([task.ruler.scale, task.basis.scale, task.basis.offset]).numpy()
        self._bound = np.array(PINNED[task.bound] if task.bound else (), np.float32)

    def counted(self, units: slice) -> tuple[Tensor, Tensor]:
        """Of a block: int32 [units, 64], by slot; and float64 [6 or 7, units], see `TorchCounter.counted`."""
        width = units.stop - units.start
        counts = np.zeros((width, BINS), np.int32)
        sums = np.zeros((6 + bool(len(self._bound)), width))
        lines = np.ascontiguousarray(self._lines[:, units])  # else the loop is not vectorised
        _count(self._values, self._rows, units.start, lines, self._bound, counts.reshape(-1), sums)
        return torch.from_numpy(counts), torch.from_numpy(sums)


@numba.njit(nogil=True, cache=True, error_model="numpy", boundscheck=False)
def _count(  # type: ignore[no-untyped-def]
    values: np.ndarray,
    rows: np.ndarray,
    start: int,
    lines: np.ndarray,
    bound: np.ndarray,
    counts: np.ndarray,
    sums: np.ndarray,
):
    """Rows of values [all rows, all units], the units from `start`: `counts` [units · 64], `sums` [6 or 7, units].

    `lines` [3, units]: scale of the histogram's cells, scale and offset of deviations.
    """
    units = sums.shape[1]
    scale, stretch, offset = lines[0], lines[1], lines[2]
    slot = np.empty(units, np.int32)
    first, second = np.empty(units, np.float32), np.empty(units, np.float32)
    third, fourth = np.empty(units, np.float32), np.empty(units, np.float32)
    positive, active, pinned = np.empty(units, np.float32), np.empty(units, np.float32), np.empty(units, np.float32)
    for begin in range(0, len(rows), FOLD):
        for j in range(units):
            first[j] = second[j] = third[j] = fourth[j] = ZERO
            positive[j] = active[j] = pinned[j] = ZERO
        for row in rows[begin : begin + FOLD]:
            line = values[row, start : start + units]
            for j in range(units):
                x = line[j]
                slot[j] = np.int32(np.floor(x * scale[j])) & (BINS - 1)
                positive[j] += ONE if x > ZERO else ZERO
                active[j] += ONE if abs(x) > LEAST else ZERO
                d = x * stretch[j] + offset[j]
                square = d * d
                first[j] += d
                second[j] += square
                third[j] += square * d
                fourth[j] += square * square
            for j in range(units):
                counts[j * BINS + slot[j]] += 1
            if len(bound):
                for j in range(units):
                    pinned[j] += ONE if line[j] < bound[0] or line[j] > bound[1] else ZERO
        for j in range(units):
            sums[0, j] += first[j]
            sums[1, j] += second[j]
            sums[2, j] += third[j]
            sums[3, j] += fourth[j]
            sums[4, j] += positive[j]
            sums[5, j] += active[j]
        if len(bound):
            for j in range(units):
                sums[6, j] += pinned[j]


def look_up(
    values: Tensor,
    ends: Tensor,
    lengths: Tensor,
    windows: Tensor,
    units: Tensor,
    *,
    skip: int,
    sign: int,
    before: int,
    width: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """Of units [n] in windows [n]: peaks, where they are, and `width` values around them, as `Peaks.at` gives them.

    `values` float32 [windows, tokens, units], `ends` float32 [windows, segments, units], `lengths` of all windows.
    """
    value, position = torch.empty(len(windows)), torch.empty(len(windows), dtype=torch.int64)
    around = torch.empty(len(windows), width)
    _look_up(
        values.numpy(),
        ends.numpy(),
        lengths.numpy(),
        windows.numpy(),
        units.numpy(),
        skip,
        sign,
        before,
        value.numpy(),
        position.numpy(),
        around.numpy(),
    )
    return value, position, around


@numba.njit(nogil=True, cache=True, error_model="numpy", boundscheck=False)
def _look_up(  # type: ignore[no-untyped-def]
    values: np.ndarray,
    ends: np.ndarray,
    lengths: np.ndarray,
    windows: np.ndarray,
    units: np.ndarray,
    skip: int,
    sign: int,
    before: int,
    value: np.ndarray,
    position: np.ndarray,
    around: np.ndarray,
):
    """Values [windows, tokens, units], `ends` [windows, segments, units]: fills `value`, `position` [n], `around`."""
    for i in range(len(windows)):
        window, unit = windows[i], units[i]
        last = lengths[window] - 1
        segment, best = 0, ends[window, 0, unit]
        for j in range(1, ends.shape[1]):
            if ends[window, j, unit] > best:
                segment, best = j, ends[window, j, unit]
        begin = skip + segment * SEGMENT
        place = min(begin, last)
        for token in range(begin, min(begin + SEGMENT, last + 1)):
            x = values[window, token, unit]
            if (x if sign > 0 else -x) == best:
                place = token
                break
        value[i], position[i] = best, place
        for j in range(around.shape[1]):
            token = place - before + j
            around[i, j] = values[window, token, unit] if 0 <= token <= last else ZERO
