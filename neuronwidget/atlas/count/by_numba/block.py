"""Takes in what units did on a batch with the compiled loops: counts, moments, and what may become exemplars."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from neuronwidget.atlas.count.by_numba import loops
from neuronwidget.atlas.count.by_torch import block as by_torch
from neuronwidget.atlas.count.by_torch.counter import PINNED
from neuronwidget.atlas.count.candidates import Candidates
from neuronwidget.atlas.count.ends import SEGMENT
from neuronwidget.atlas.count.float16 import narrow
from neuronwidget.atlas.count.histogram import BINS
from neuronwidget.atlas.count.records import BOTTOM, Limits, Part, Records
from neuronwidget.atlas.count.spread import CELLS
from neuronwidget.atlas.count.totals import Totals
from neuronwidget.corpus.contexts import BEFORE
from neuronwidget.corpus.hashes import random_bits
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

BLOCK = 512
"""Units that are left to torch together where a value of one of them is not finite."""
NEAR = 3 << 17
"""So many values of a window, or a few more, are taken in together: they stay near the core until all was asked."""

Array = npt.NDArray[Any]


class BatchArrays:
    """What all blocks of a batch need to know, as arrays.

    `of_windows`: lengths; rows that count and where groups of windows begin (`_groups`); where their documents stand
    among those of several windows; random bits, ordinals and documents; hashes of what is read; places in the sample,
    −1 for others; and of these the positions that are kept.
    """

    def __init__(self, part: Part) -> None:
        batch = part.batch
        self.values = part.values.numpy()
        rows, self.groups = _groups(batch, self.values.shape[1])
        sample, sampled = part.sample, np.full(len(batch.lengths), -1, np.int64)
        sampled[part.sampled] = np.arange(len(part.sampled))
        self.rows = len(rows)
        self.of_windows = (
            np.array(batch.lengths, np.int64),
            rows,
            self.groups,
            part.rows.numpy(),
            random_bits(batch.documents).numpy(),
            batch.ordinals.numpy(),
            batch.documents.numpy(),
            batch.context_hashes.contiguous().numpy(),
            sampled,
            part.places().numpy(),
        )
        self.bound = np.array(PINNED[part.bound] if part.bound else (), np.float32)
        self.limits = _limits(part.limits)
        self.before = BEFORE if part.width > 1 else 0
        self.width = 0 if part.shape is not None else part.width  # maps are not the loops' work
        around = sample.around if part.shape is None else sample.around[..., :0].contiguous()
        fields = _fields(sample.value, sample.position, sample.context_hash, sample.power, around)
        self.sample = fields, sample.tokens_power.numpy(), bits_of(sample.tokens)


def take(totals: Totals, part: Part, arrays: BatchArrays, units: slice) -> list[Records]:
    """Take in the values of `units`, float32. From the first window with values that are not finite torch does it."""
    group, records = _taken_in(totals, part, arrays, units)
    if group == len(arrays.groups) - 1:
        return records
    first = int(arrays.groups[group, 0])
    rest = part.after(first)
    if units.stop - units.start <= BLOCK:
        more = by_torch.take(totals, rest, units, _ALONE)
    else:
        arrays = BatchArrays(rest)
        # The same blocks however many threads there are.
        more = [some for block in cut(units, BLOCK) for some in take(totals, rest, arrays, block)]
    return [*records, *(some.from_window(first) for some in more)]


_ALONE = Threads(0, compiled=False)


def _taken_in(totals: Totals, part: Part, arrays: BatchArrays, units: slice) -> tuple[int, list[Records]]:
    """The number of the first group of windows that has values that are not finite, and records of those before it."""
    values, width, start = arrays.values, units.stop - units.start, units.start
    windows, tokens, _ = values.shape
    together, segments = int(np.diff(arrays.groups[:, 0]).max()), max(1, -(-(tokens - part.batch.skip) // SEGMENT))
    counts, truths = totals.counts, np.zeros((4, width), np.int64)
    kind = np.uint16 if arrays.rows < 1 << 16 else np.int32
    room = (
        *(np.empty((together, segments, width), np.float32) for _ in range(2)),
        np.empty((together, width), np.uint8),
        np.zeros(width, np.float32),
        np.zeros(width * BINS, kind),
    )
    kept = _Kept(windows * width * (1 + (part.groups & BOTTOM > 0)), arrays.width)
    record_count = np.zeros(1, np.int64)
    group = loops.take_in(
        values,
        values.reshape(windows * tokens, -1),
        start,
        part.batch.skip,
        arrays.before,
        arrays.of_windows,
        (
            arrays.bound,
            _ends(counts.ends),
            _ends(counts.grid),
            counts.bins.numpy(),
            totals.powers.numpy(),
            truths,
        ),
        arrays.limits,
        (part.groups, totals.largest.high.numpy(), totals.largest.low.numpy(), *_ends(totals.peaks)),
        arrays.sample,
        kept.arrays(),
        room,
        record_count,
    )
    for name, more in zip(("seen", "positive", "active", "pinned"), truths, strict=True):
        counts.by_name[name][units] += torch.from_numpy(more)
    if part.shape is not None:
        _keep_maps(part, units, int(arrays.groups[group, 0]))
    n = int(record_count[0])
    return group, [kept.records(n, part)] if n else []


class _Kept:
    """Room for records, of which some are filled."""

    def __init__(self, most: int, width: int) -> None:
        self.units, self.windows, self.ordinals, self.documents = (
            torch.empty(most, dtype=torch.int32) for _ in range(4)
        )
        self.groups, self.rows = torch.empty(most, dtype=torch.uint8), torch.empty(most, dtype=torch.int64)
        self.value, self.position = torch.empty(most), torch.empty(most, dtype=torch.int32)
        self.hashes, self.power = torch.empty(most, dtype=torch.int64), torch.empty(most, dtype=torch.int8)
        self.around = torch.empty(most, width, dtype=torch.float16)

    def arrays(self) -> tuple[Any, Any]:
        """Places and fields, as `choosing.record` fills them."""
        places = self.units, self.windows, self.groups, self.ordinals, self.documents, self.rows
        fields = _fields(self.value, self.position, self.hashes, self.power, self.around)
        return tuple(tensor.numpy() for tensor in places), fields

    def records(self, n: int, part: Part) -> Records:
        """The first `n`, without the room behind them where that is large."""

        def some(tensor: Tensor) -> Tensor:
            return tensor[:n] if 2 * n > len(tensor) else tensor[:n].clone()

        units, windows, power, around = some(self.units), some(self.windows), some(self.power), some(self.around)
        if part.shape is not None:
            around, power = narrow(part.shape(part.values, windows.long(), units.long()))
        value, position, hashes = some(self.value), some(self.position), some(self.hashes)
        candidates = Candidates(value, some(self.ordinals), some(self.documents), position, hashes, power, around)
        return Records(units, windows, some(self.groups), some(self.rows), candidates)


def _ends(ends: Any) -> tuple[Array, Array]:
    return ends.low.numpy(), ends.high.numpy()


def _groups(batch: Batch, tokens: int) -> tuple[Array, Array]:
    """Rows that count, of all windows one below the other, and where groups of them begin: windows and rows."""
    rows: list[Array] = []
    groups, count, begun = [(0, 0)], 0, 0
    for window, length in enumerate(batch.lengths):
        rows.append(np.arange(batch.skip, length) + window * tokens)
        count += len(rows[-1])
        if count - begun >= LEAST_ROWS or window == len(batch.lengths) - 1:
            groups.append((window + 1, count))
            begun = count
    return np.concatenate(rows), np.array(groups, np.int64)


LEAST_ROWS = 64
"""The moments of windows are added up together until they have so many rows."""


def _limits(limits: Limits | None) -> tuple[Any, ...]:
    """As `choosing.choose` takes them."""
    if limits is None:
        one, many = np.empty(0, np.float32), np.empty((0, CELLS), np.float32)
        return False, one, one, np.empty((0, CELLS), np.int32), many, many, np.empty(0), np.empty(0)
    middle = limits.middle
    scale, base = rulers_of(middle.ends)
    tensors = limits.top, limits.bottom, middle.draws, middle.low, middle.high
    return True, *(tensor.numpy() for tensor in tensors), scale, base


def rulers_of(ends: Any) -> tuple[Array, Array]:
    """Scale and base of the cells between two ends, float64 [units]."""
    scale, base = np.empty(len(ends.low)), np.empty(len(ends.low))
    loops.cell_rulers(*_ends(ends), scale, base)
    return scale, base


def _keep_maps(part: Part, units: slice, windows: int) -> None:
    """Fill the sample of the first `windows` with maps of what units did over a picture."""
    here, sample = torch.arange(units.start, units.stop), part.sample
    for place, window in enumerate(part.sampled):
        if window < windows:
            maps = part.shape(part.values, torch.full_like(here, window), here)  # type: ignore[misc]
            sample.around[place, here], sample.power[place, here] = narrow(maps)


def _fields(value: Tensor, position: Tensor, hashes: Tensor, power: Tensor, around: Tensor) -> tuple[Array, ...]:
    return value.numpy(), position.numpy(), hashes.numpy(), power.numpy(), bits_of(around)


def bits_of(halves: Tensor) -> Array:
    """float16 as the numbers that compiled loops write: numba knows no float16 of processors."""
    bits: Array = halves.view(torch.int16).numpy()
    return bits


def cut(units: slice, size: int) -> list[slice]:
    """Into slices of at most so many."""
    return [slice(start, min(start + size, units.stop)) for start in range(units.start, units.stop, size)]
