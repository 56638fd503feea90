"""Takes in what units did on a batch with the compiled loops: counts, moments, and what may become exemplars."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from neuronwidget.atlas.count.by_numba import loops
from neuronwidget.atlas.count.by_torch.counter import PINNED
from neuronwidget.atlas.count.candidates import Candidates
from neuronwidget.atlas.count.ends import SEGMENT
from neuronwidget.atlas.count.float16 import narrow
from neuronwidget.atlas.count.records import Limits, Part, Records
from neuronwidget.atlas.count.spread import CELLS
from neuronwidget.atlas.count.totals import Totals
from neuronwidget.corpus.contexts import BEFORE
from neuronwidget.corpus.hashes import random_bits
from neuronwidget.passes.batch import Batch

BLOCK = 512
"""Units that are left to torch together where a value of one of them is not finite."""
AT_ONCE = 8 * BLOCK
"""Units that are taken in by one call of each loop, at most: rows are read in order, and calls are few."""

Array = npt.NDArray[Any]


class BatchArrays:
    """What all blocks of a batch need to know, as arrays."""

    def __init__(self, part: Part) -> None:
        batch = part.batch
        self.values = part.values.numpy()
        self.lengths = np.array(batch.lengths, np.int64)
        self.rows, self.groups = _groups(batch, self.values.shape[1])
        self.drawn = random_bits(batch.documents).numpy()
        self.hashes = batch.context_hashes.contiguous().numpy()
        self.best = part.rows.numpy()
        self.bound = np.array(PINNED[part.bound] if part.bound else (), np.float32)
        self.limits = _limits(part.limits)
        self.before = BEFORE if part.width > 1 else 0
        self.width = 0 if part.shape is not None else part.width  # maps are not the loops' work
        sample, self.sampled = part.sample, np.full(len(batch.lengths), -1, np.int64)
        self.sampled[part.sampled] = np.arange(len(part.sampled))
        self.places = part.places().numpy()
        around = sample.around if part.shape is None else sample.around[..., :0].contiguous()
        self.sample = _fields(sample.value, sample.position, sample.context_hash, sample.power, around)


def take(totals: Totals, part: Part, arrays: BatchArrays, units: slice) -> tuple[bool, Records | None]:
    """Take in the values of `units`, float32; not where some are not finite, which the first of the returned says."""
    values, batch, width, start = arrays.values, part.batch, units.stop - units.start, units.start
    windows, tokens, _ = values.shape
    segments = max(1, -(-(tokens - batch.skip) // SEGMENT))
    highs, lows = (np.empty((windows, segments, width), np.float32) for _ in range(2))
    if not loops.find_ends(values, arrays.lengths, batch.skip, start, highs, lows):
        return False, None
    counts, truths = totals.counts, np.empty((4, width), np.int64)
    loops.count(
        values.reshape(windows * tokens, -1),
        arrays.rows,
        arrays.groups,
        start,
        highs,
        lows,
        arrays.bound,
        *_ends(totals.counts.ends),
        *_ends(totals.counts.grid),
        counts.bins.numpy(),
        totals.powers.numpy(),
        truths,
    )
    for name, more in zip(("seen", "positive", "active", "pinned"), truths, strict=True):
        counts.by_name[name][units] += torch.from_numpy(more)
    if part.sampled:
        _sample(part, arrays, start, highs)
    chosen = np.empty((windows, width), np.uint8)
    largest = totals.largest.high.numpy(), totals.largest.low.numpy()
    n = loops.choose(
        highs,
        lows,
        start,
        arrays.best,
        arrays.drawn,
        part.groups,
        *arrays.limits,
        *largest,
        *_ends(totals.peaks),
        chosen,
    )
    return True, _records(part, arrays, start, highs, lows, chosen, n) if n else None


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


def _peaks_of(part: Part, arrays: BatchArrays, start: int, highs: Array) -> tuple[Any, ...]:
    """What the loops about a block's windows take first: its values, where they begin, and their highest places."""
    return arrays.values, arrays.lengths, part.batch.skip, arrays.before, start, highs


def _records(part: Part, arrays: BatchArrays, start: int, highs: Array, lows: Array, chosen: Array, n: int) -> Records:
    batch = part.batch
    units, windows, ordinals, documents = (torch.empty(n, dtype=torch.int32) for _ in range(4))
    groups, rows = torch.empty(n, dtype=torch.uint8), torch.empty(n, dtype=torch.int64)
    value, position, hashes = (torch.empty(n, dtype=d) for d in (torch.float32, torch.int32, torch.int64))
    power, around = torch.empty(n, dtype=torch.int8), torch.empty(n, arrays.width, dtype=torch.float16)
    loops.record(
        *_peaks_of(part, arrays, start, highs),
        lows,
        chosen,
        tuple(tensor.numpy() for tensor in (batch.ordinals, batch.documents, part.rows)),
        arrays.hashes,
        arrays.sampled,
        arrays.sample,
        tuple(tensor.numpy() for tensor in (units, windows, groups, ordinals, documents, rows)),
        _fields(value, position, hashes, power, around),
    )
    if part.shape is not None:
        around, power = narrow(part.shape(part.values, windows.long(), units.long()))
    candidates = Candidates(value, ordinals, documents, position, hashes, power, around)
    return Records(units, windows, groups, rows, candidates)


def _sample(part: Part, arrays: BatchArrays, start: int, highs: Array) -> None:
    """Fill the sample of the windows that stand for their documents, for a block of units."""
    sample = part.sample
    loops.sample(
        *_peaks_of(part, arrays, start, highs),
        arrays.hashes,
        arrays.sampled,
        arrays.places,
        arrays.sample,
        sample.tokens_power.numpy(),
        bits_of(sample.tokens),
    )
    if part.shape is not None:
        units = torch.arange(start, start + highs.shape[2])
        for place, window in enumerate(part.sampled):
            maps = part.shape(part.values, torch.full_like(units, window), units)
            sample.around[place, units], sample.power[place, units] = narrow(maps)


def _fields(value: Tensor, position: Tensor, hashes: Tensor, power: Tensor, around: Tensor) -> tuple[Array, ...]:
    return value.numpy(), position.numpy(), hashes.numpy(), power.numpy(), bits_of(around)


def bits_of(halves: Tensor) -> Array:
    """float16 as the numbers that compiled loops write: numba knows no float16 of processors."""
    bits: Array = halves.view(torch.int16).numpy()
    return bits
