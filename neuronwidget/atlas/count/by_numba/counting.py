"""Counts every value in compiled loops.

torch makes a pass over memory for every small question; here each value is loaded once for the ends, and once more,
while it is near the core, for all else.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from neuronwidget.atlas.count import histogram
from neuronwidget.atlas.count.by_numba.numbers import COMPILED, exponent_of, grid_exponent, power_of_two
from neuronwidget.atlas.count.by_torch.counter import ACTIVE
from neuronwidget.atlas.count.ends import SEGMENT
from neuronwidget.passes.row_blocks import FOLD

ZERO, ONE, LEAST = np.float32(0), np.float32(1), np.float32(ACTIVE)
INFINITY = np.float32(np.inf)
BINS = histogram.BINS
_EVERY = 8  # of so many rows one says about where the mean lies

OFTEN = 7 * FOLD
"""After so many rows what was counted in bytes, which lie close to the core, is added up."""
TILE = 256
"""Units that are counted together: few enough that their counters and sums stay near the core from row to row."""
# What is written to stands in one array: for many the compiler gives up making several numbers at once.
STRETCH, OFFSET, SUMS = TILE, 2 * TILE, 3 * TILE
FIRST, SECOND, THIRD, FOURTH, POSITIVE, SIZED, LINES = (SUMS + i * TILE for i in range(7))


@numba.njit(**COMPILED)
def find_ends(values, lengths, skip, start, highs, lows):  # type: ignore[no-untyped-def]
    """Largest and least values of every 16 tokens of values [windows, tokens, units], the units from `start`.

    Fills `highs`, `lows` [windows, segments, some units]. Are all values finite?
    """
    windows, segments, width = highs.shape
    spoilt = np.zeros(width, np.float32)
    for window in range(windows):
        for segment in range(segments):
            high, low = highs[window, segment], lows[window, segment]
            high[:], low[:] = -INFINITY, INFINITY
            begin = skip + segment * SEGMENT
            for token in range(begin, min(begin + SEGMENT, lengths[window])):
                line = values[window, token, start : start + width]
                for j in range(width):
                    x = line[j]
                    high[j] = x if x > high[j] else high[j]
                    low[j] = x if x < low[j] else low[j]
                    spoilt[j] += x * ZERO
    total = ZERO
    for j in range(width):
        total += spoilt[j]
    return total == ZERO


@numba.njit(**COMPILED)
def _over_all(highs, lows, begin, low, high):  # type: ignore[no-untyped-def]
    """The ends of windows together: of `highs`, `lows` [windows, segments, units] the units from `begin`.

    Fills `low`, `high` [some units].
    """
    low[:], high[:] = INFINITY, -INFINITY
    for window in range(len(highs)):
        for segment in range(highs.shape[1]):
            largest = highs[window, segment, begin : begin + len(low)]
            least = lows[window, segment, begin : begin + len(low)]
            for j in range(len(low)):
                low[j] = least[j] if least[j] < low[j] else low[j]
                high[j] = largest[j] if largest[j] > high[j] else high[j]


@numba.njit(**COMPILED)
def _grow(low, high, start, ends_low, ends_high, grid_low, grid_high, bins, scale, counts):  # type: ignore[no-untyped-def]
    """Takes in ends: what was counted in `bins` [all units, 64] and in `counts` [units · 64] moves into wider bins.

    `scale` [units] is kept up; 0 where it is not known yet.
    """
    moved = np.empty(BINS, np.int64)
    for j in range(len(low)):
        unit = start + j
        ends_low[unit], ends_high[unit] = min(ends_low[unit], low[j]), max(ends_high[unit], high[j])
        if scale[j] != ZERO and low[j] >= grid_low[unit] and high[j] <= grid_high[unit]:
            continue
        before, after = np.float64(grid_low[unit]), np.float64(grid_high[unit])
        grid_low[unit], grid_high[unit] = min(grid_low[unit], low[j]), max(grid_high[unit], high[j])
        least, largest = np.float64(grid_low[unit]), np.float64(grid_high[unit])
        exponent = grid_exponent(least, largest) if least <= largest else grid_exponent(0.0, 0.0)
        scale[j] = np.float32(power_of_two(-exponent))
        if before <= after and (least < before or largest > after):
            old = grid_exponent(before, after)
            if exponent != old:
                first = np.int64(math.floor(before * power_of_two(-old)))
                moved[:] = 0
                for slot in range(BINS):
                    cell = first + ((slot - first) & (BINS - 1))
                    moved[(cell >> (exponent - old)) & (BINS - 1)] += bins[unit, slot] + counts[j * BINS + slot]
                for slot in range(BINS):
                    bins[unit, slot] = moved[slot]
                    counts[j * BINS + slot] = 0


@numba.njit(**COMPILED)
def _measure(values, rows, start, lows, highs, lines, pivot, reach):  # type: ignore[no-untyped-def]
    """From where and in which unit deviations are measured, as a `Basis` says: for rows of values [all rows, units].

    `lows`, `highs` [units]: their ends. Fills scale and offset in `lines`, `pivot` and `reach` [units].
    """
    width = len(lows)
    step = _EVERY if len(rows) >= 8 * _EVERY else 1
    center = np.zeros(width)
    for i in range(0, len(rows), step):
        line = values[rows[i], start : start + width]
        for j in range(width):
            center[j] += line[j]
    share = 1.0 / ((len(rows) + step - 1) // step)
    for j in range(width):
        low, high = np.float64(lows[j]), np.float64(highs[j])
        middle = min(max(np.float64(np.float32(center[j] * share)), low), high)
        size = exponent_of(max(high - middle, middle - low))
        if low < high:
            grid = power_of_two(size - 8)
            middle = np.rint(middle / grid) * grid
        else:
            middle = low
        reach[j] = min(max(size, -126), 126)
        pivot[j] = np.float32(middle)
        lines[STRETCH + j] = np.float32(power_of_two(-reach[j]))
        lines[OFFSET + j] = -np.float32(middle) * lines[STRETCH + j]


@numba.njit(**COMPILED)
def _count(values, rows, start, units, bound, lines, slot, pinned, few, counts, sums):  # type: ignore[no-untyped-def]
    """Rows of values [all rows, all units], some `units` from `start`: `counts` [units · 64], `sums` [7, units].

    `lines` float32, a tile's numbers each: scale of the histogram's cells, scale and offset of deviations, then sums
    over 32 rows; `slot`, `pinned` [tile] and `few` [tile · 64], 0 before and after, are memory to work in. The sums are
    of the first four powers of deviations, and how many values are positive, active and, where there is a bound, pinned
    to it.
    """
    sums[:] = 0.0
    for begin in range(0, len(rows), FOLD):
        if begin and begin % OFTEN == 0:
            _add_up(few, units, counts)
        lines[SUMS:] = ZERO
        pinned[:] = ZERO
        for row in rows[begin : begin + FOLD]:
            line = values[row, start : start + units]
            for j in range(units):
                x = line[j]
                slot[j] = (np.int32(np.floor(x * lines[j])) & (BINS - 1)) + j * BINS
                d = x * lines[STRETCH + j] + lines[OFFSET + j]
                square = d * d
                lines[FIRST + j] += d
                lines[SECOND + j] += square
                lines[THIRD + j] += square * d
                lines[FOURTH + j] += square * square
                lines[POSITIVE + j] += ONE if x > ZERO else ZERO
                lines[SIZED + j] += ONE if abs(x) > LEAST else ZERO
            for j in range(units):
                # Of a number that may be below 0 it would be asked whether it is.
                few[np.uint32(slot[j])] += np.uint8(1)
            if len(bound):
                for j in range(units):
                    pinned[j] += ONE if line[j] < bound[0] or line[j] > bound[1] else ZERO
        for i in range(6):
            for j in range(units):
                sums[i, j] += lines[SUMS + i * TILE + j]
        for j in range(units):
            sums[6, j] += pinned[j]
    _add_up(few, units, counts)


@numba.njit(**COMPILED)
def _add_up(few, units, counts):  # type: ignore[no-untyped-def]
    """Adds what was counted in bytes to `counts`, and begins anew."""
    for place in range(units * BINS):
        counts[place] += few[place]
        few[place] = 0


@numba.njit(**COMPILED)
def _join(sums, rows, pivot, reach, start, units, moments):  # type: ignore[no-untyped-def]
    """Joins sums of powers of so many rows to `moments` [5, all units]: `Sums.moments`, then `Moments.join`."""
    n = np.float64(rows)
    for j in range(units):
        unit = start + j
        s1, s2, s3, s4 = sums[0, j], sums[1, j], sums[2, j], sums[3, j]
        shift = s1 / n
        step = power_of_two(reach[j])
        mean = pivot[j] + shift * step
        m2 = max(s2 - n * shift * shift, 0.0) * step**2
        m3 = (s3 - 3 * shift * s2 + 2 * n * shift * shift * shift) * step**3
        m4 = max(s4 - 4 * shift * s3 + 6 * shift * shift * s2 - 3 * n * shift * shift * shift * shift, 0.0) * step**4
        na = moments[0, unit]
        if na == 0.0:
            moments[0, unit], moments[1, unit], moments[2, unit] = n, mean, m2
            moments[3, unit], moments[4, unit] = m3, m4
            continue
        a2, a3, a4 = moments[2, unit], moments[3, unit], moments[4, unit]
        d = mean - moments[1, unit]
        ours, theirs = na / (na + n), n / (na + n)
        cross = d * d * na * theirs
        moments[0, unit] = na + n
        moments[1, unit] += d * theirs
        moments[2, unit] = a2 + m2 + cross
        moments[3, unit] = a3 + m3 + cross * d * (ours - theirs) + 3 * d * (ours * m2 - theirs * a2)
        moments[4, unit] = (
            a4
            + m4
            + cross * d * d * (ours * ours - ours * theirs + theirs * theirs)
            + 6 * d * d * (ours * ours * m2 + theirs * theirs * a2)
            + 4 * d * (ours * m3 - theirs * a3)
        )


@numba.njit(**COMPILED)
def count(  # type: ignore[no-untyped-def]
    values, rows, start, highs, lows, bound, ends, grid, bins, scale, counts, moments, truths, few
):
    """Counts rows of values [all rows, all units], the units from `start`, of windows whose ends were found.

    Their moments are joined to `moments` [5, all units]. `ends`, `grid`: low and high [all units] each, and with `bins`
    [all units, 64] those of a `Counts`; what is counted goes to `counts` [units · 64], which come on top of the bins.
    `scale` [units]: see `_grow`; `few` [tile · 64]: see `_count`. Adds to `truths` int64 [4, units]: seen, positive,
    active, pinned.
    """
    lines, slot = np.empty(LINES, np.float32), np.empty(TILE, np.int32)
    pinned = np.empty(TILE, np.float32)
    lowest, highest = np.empty(TILE, np.float32), np.empty(TILE, np.float32)
    pivot, reach, sums = np.empty(TILE), np.empty(TILE, np.int64), np.empty((7, TILE))
    for tile in range(0, highs.shape[2], TILE):
        units, unit = min(TILE, highs.shape[2] - tile), start + tile
        low, high = lowest[:units], highest[:units]
        scales, here = scale[tile : tile + units], counts[tile * BINS : (tile + units) * BINS]
        _over_all(highs, lows, tile, low, high)
        _grow(low, high, unit, ends[0], ends[1], grid[0], grid[1], bins, scales, here)
        for j in range(units):
            lines[j] = scales[j]
        _measure(values, rows, unit, low, high, lines, pivot, reach)
        _count(values, rows, unit, units, bound, lines, slot, pinned, few, here, sums)
        _join(sums, len(rows), pivot, reach, unit, units, moments)
        for j in range(units):
            truths[0, tile + j] += len(rows)
            for i in range(3):
                truths[1 + i, tile + j] += np.int64(sums[4 + i, j])


@numba.njit(**COMPILED)
def add_counts(counts, start, bins):  # type: ignore[no-untyped-def]
    """Adds `counts` [units · 64] to `bins` [all units, 64] of the units from `start`."""
    for j in range(len(counts) // BINS):
        for place in range(BINS):
            bins[start + j, place] += counts[j * BINS + place]
