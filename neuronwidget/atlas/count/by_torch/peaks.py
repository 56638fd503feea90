"""The largest and the least values of windows: where they are, and what the unit did around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from neuronwidget.atlas.count.ends import INFINITY, SEGMENT
from neuronwidget.atlas.maps import MapShape
from neuronwidget.corpus.contexts import BEFORE
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.row_blocks import block_rows
from neuronwidget.passes.threads import Threads

_NEAR = 4096
"""So many values are looked up together: what lies around them in a window or two stays near the core."""

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Peaks:
    """The largest values of each unit in each window, or with `sign` −1 the least, turned round so that they are large.

    `values` [windows, tokens, units]; `ends` float32 [windows, segments, units]: of every 16 tokens that count;
    `width`: how many values are kept around a peak, 0 where a map of this `shape` is;
    `whole`: all windows are looked at together, as a graphics card likes it.
    """

    values: Tensor
    batch: Batch
    ends: Tensor
    sign: int
    width: int
    shape: MapShape | None
    whole: bool

    @cached_property
    def largest(self) -> Tensor:
        """float32 [windows, units]."""
        return self.ends.amax(1)

    def finite(self) -> Peaks:
        """The same of finite values alone; −∞ where there is none."""
        part = self.values[:, self.batch.skip :].float() * self.sign
        part = torch.where(torch.isfinite(part), part, -INFINITY)
        for window, length in enumerate(self.batch.lengths):
            part[window, length - self.batch.skip :] = -INFINITY
        return replace(self, ends=_segments(part, self.ends.shape[1], torch.amax))

    def at(self, windows: Tensor, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of units [n] in windows [n], which are sorted: peaks, int64 where they are, [n, width] what is around them.

        Of several alike it is the first; there is nothing, 0, around a peak beyond the ends of its window.
        """
        value, position, around = (self._all_at_once if self.whole else self._place_by_place)(windows, units)
        if self.shape is not None:
            around = self.shape(self.values, windows, units).float()
        return value, position, around

    def _all_at_once(self, windows: Tensor, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same of `width` values around."""
        device = self.values.device
        lengths = torch.tensor(self.batch.lengths, device=device)[windows]
        tokens, width = self.values.shape[1:]
        flat, start, last = self.values.view(-1), windows[:, None] * tokens, lengths[:, None] - 1
        ends = self.ends[windows, :, units]
        value, segment = ends.max(1)
        inside = self.batch.skip + segment[:, None] * SEGMENT + torch.arange(SEGMENT, device=device)
        inside = torch.minimum(inside, last)
        values = flat[(start + inside) * width + units[:, None]].float() * self.sign
        position = inside.gather(1, (values == value[:, None]).byte().argmax(1, keepdim=True))
        places = position + torch.arange(self.width, device=device) - self.before
        exists = (places >= 0) & (places <= last)
        places = torch.minimum(places.clamp_min(0), last)
        around = flat[(start + places) * width + units[:, None]].float()
        return value, position[:, 0], torch.where(exists, around, 0.0)

    def _place_by_place(self, windows: Tensor, units: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The same: all that is asked for at one place after another, which needs neither copies nor wide indices."""
        tokens, width = self.values.shape[1:]
        segment = self._segment.view(-1).index_select(0, windows * width + units)
        value = self.ends.view(-1).index_select(0, (windows * self.ends.shape[1] + segment) * width + units)
        first, last = self.batch.skip + segment * SEGMENT, torch.tensor(self.batch.lengths)[windows] - 1
        start, wanted = windows * tokens * width + units, value * self.sign
        position, around = np.empty(len(units), np.int64), np.zeros((self.width, len(units)), np.float32)
        for at in range(0, len(units), _NEAR):
            some = slice(at, at + _NEAR)
            begins, lasts, starts = (tensor[some].numpy() for tensor in (first, last, start))
            found = begins + self._find(wanted[some].numpy(), starts + begins * width, lasts - begins)
            position[some] = np.minimum(found, lasts)
            self._bring(starts, position[some], lasts, around[:, some])
        return value, torch.from_numpy(position), torch.from_numpy(around).T

    def _find(self, wanted: Array, at: Array, room: Array) -> Array:
        """How far behind the place `at` a value is first; so many places there may be behind it.

        numpy takes what lies beyond an end of the memory from that end.
        """
        values, width = self.values.view(-1).numpy(), self.values.shape[2]
        far, value = np.zeros(len(at), np.int64), np.empty(len(at), np.float32)
        for k in reversed(range(min(SEGMENT, int(room.max()) + 1))):
            equal = np.take(values[k * width :], at, mode="clip", out=value) == wanted
            np.copyto(far, k, where=equal & (k <= room) if k else equal)
        return far

    def _bring(self, start: Array, position: Array, last: Array, around: Array) -> None:
        """Fill in [values around, n] where there are any, of windows whose first value is at `start`."""
        values, width = self.values.view(-1).numpy(), self.values.shape[2]
        at, before, behind = start + position * width, position.astype(np.int32), (last - position).astype(np.int32)
        most = behind.max()
        for k, row in enumerate(around, -self.before):
            if k <= most:
                np.take(values[max(0, k) * width :], at + k * width if k < 0 else at, mode="clip", out=row)
                np.copyto(row, 0.0, where=before < -k if k < 0 else behind < k)

    @cached_property
    def _segment(self) -> Tensor:
        """Among which 16 tokens the largest value comes first: int64 [windows, units]."""
        first = torch.zeros(self.largest.shape, dtype=torch.int64)
        for segment in reversed(range(1, self.ends.shape[1])):
            first.masked_fill_(self.ends[:, segment] == self.largest, segment)
        return first.masked_fill_(self.ends[:, 0] == self.largest, 0)

    @property
    def before(self) -> int:
        """How many of the values around a peak are before it."""
        return BEFORE if self.width > 1 else 0


def both_ends(
    values: Tensor, batch: Batch, width: int, shape: MapShape | None, threads: Threads
) -> tuple[Peaks, Peaks]:
    """The largest values of each window, and the least."""
    windows, tokens, units = values.shape
    segments = -(-(tokens - batch.skip) // SEGMENT)
    highs, lows = (torch.empty(windows, segments, units, device=values.device) for _ in range(2))
    even = all(length == tokens for length in batch.lengths)
    whole = threads.on_device or values.device.type != "cpu"
    step = (windows if whole else max(1, block_rows(units) // tokens)) if even else 1

    def look(first: int) -> None:
        rows = values[first : first + step, batch.skip : batch.lengths[first]]
        highs[first : first + step] = _segments(rows, segments, torch.amax)
        lows[first : first + step] = -_segments(rows, segments, torch.amin)

    threads.map(look, range(0, windows, step))
    high = Peaks(values, batch, highs, 1, width, shape, whole)
    return high, replace(high, ends=lows, sign=-1)


def _segments(rows: Tensor, segments: int, take: Callable[..., Tensor]) -> Tensor:
    """Ends of every 16 positions of [windows, positions, units], by `torch.amax` or `amin`."""
    windows, positions, units = rows.shape
    whole = positions // SEGMENT
    parts = []
    if whole:
        parts.append(take(rows[:, : whole * SEGMENT].unflatten(1, (whole, SEGMENT)), dim=2))
    if positions % SEGMENT:
        parts.append(take(rows[:, whole * SEGMENT :], dim=1, keepdim=True))
    missing = segments - sum(part.shape[1] for part in parts)
    if missing:
        parts.append(rows.new_full((windows, missing, units), -INFINITY if take is torch.amax else INFINITY))
    return torch.cat(parts, 1) if len(parts) > 1 else parts[0]
