"""Finds the windows that may become exemplars, and what the unit did around their peaks, in compiled loops."""

from __future__ import annotations

import numba
import numpy as np

from neuronwidget.atlas.count.by_numba.numbers import COMPILED, SIDE, narrow
from neuronwidget.atlas.count.by_numba.tables import cell_of
from neuronwidget.atlas.count.ends import SEGMENT
from neuronwidget.atlas.count.records import BOTTOM, MIDDLE, TOP

ZERO = np.float32(0)
INFINITY = np.float32(np.inf)


@numba.njit(**COMPILED)
def choose(  # type: ignore[no-untyped-def]
    highs,
    lows,
    start,
    rows,
    drawn,
    groups,
    limited,
    top,
    bottom,
    draws,
    cell_low,
    cell_high,
    scale,
    base,
    best_high,
    best_low,
    peaks_low,
    peaks_high,
    chosen,
):
    """Which windows are worth keeping for which units, from `start`: fills `chosen` uint8 [windows, units] with groups.

    `highs`, `lows` [windows, segments, units]: ends; `rows` int64 [windows]: where their documents stand in `best_…`
    [documents, all units], −1 for those of one window; `drawn`: their random bits; `groups`: which are kept at all. Of
    `limited` units what does not exceed `top`, `bottom` [all units] and `draws`, `cell_…` [all units, 12] is left out;
    `scale` and `base` say what these cells are. Returns how many records there will be.
    """
    windows, segments, width = highs.shape
    high, low = np.empty(width, np.float32), np.empty(width, np.float32)
    count = 0
    for window in range(windows):
        high[:], low[:] = -INFINITY, INFINITY
        for segment in range(segments):
            largest, least = highs[window, segment], lows[window, segment]
            for j in range(width):
                high[j] = largest[j] if largest[j] > high[j] else high[j]
                low[j] = least[j] if least[j] < low[j] else low[j]
        row = rows[window]
        for j in range(width):
            unit, peak, trough, here = start + j, high[j], -low[j], np.uint8(0)
            if peak != ZERO and peak > -INFINITY:
                if row < 0:
                    peaks_low[unit], peaks_high[unit] = min(peaks_low[unit], peak), max(peaks_high[unit], peak)
                if row < 0 or peak > best_high[row, unit]:
                    if not limited or peak > top[unit]:
                        here |= TOP
                    if not limited or _passes(
                        peak, drawn[window], draws[unit], cell_low[unit], cell_high[unit], scale[unit], base[unit]
                    ):
                        here |= MIDDLE
            if trough > ZERO and (row < 0 or trough > best_low[row, unit]) and (not limited or trough > bottom[unit]):
                here |= BOTTOM
            if row >= 0:
                best_high[row, unit] = max(best_high[row, unit], peak)
                best_low[row, unit] = max(best_low[row, unit], trough)
            here &= groups
            chosen[window, j] = here
            count += (here & (TOP | MIDDLE) > 0) + (here & BOTTOM > 0)
    return count


@numba.njit(**COMPILED)
def _passes(peak, drawn, draws, low, high, scale, base):  # type: ignore[no-untyped-def]
    """`SpreadLimits.passed` of one value; `draws`, `low`, `high` [12]."""
    cell = cell_of(peak, scale, base)
    return drawn < draws[cell] or peak < low[cell] or peak > high[cell]


@numba.njit(**COMPILED)
def sample(  # type: ignore[no-untyped-def]
    values, lengths, skip, before, start, highs, hashes, sampled, places, fields, tokens_power, tokens
):
    """Fills a `Sample` of the windows whose place in it is `sampled` int64 [windows], −1 for others.

    For the units from `start`; `places` int64 [documents, 10] are those of `tokens`, and `fields` value, position,
    context_hash, power and around, the latter, as `tokens`, as the bits of float16.
    """
    value, position, context_hash, power, around = fields
    width, count = around.shape[2], places.shape[1]
    rows, halves, powers = _memory(max(width, count))
    for window in range(len(sampled)):
        i, last = sampled[window], lengths[window] - 1
        if i < 0:
            continue
        for first in range(0, highs.shape[2], SIDE):
            some, unit = min(SIDE, highs.shape[2] - first), start + first
            for r in range(some):
                best, place = _peak(values, highs, window, start, first + r, 1, skip, last)
                value[i, unit + r] = best if best > -INFINITY else ZERO
                position[i, unit + r], context_hash[i, unit + r] = place, hashes[window, place]
                _around(values, window, unit + r, place - before, last, width, rows, r)
            narrow(rows, width, some, halves, powers)
            for r in range(some):
                power[i, unit + r] = powers[r]
                for k in range(width):
                    around[i, unit + r, k] = halves[SIDE * k + r]
            for k in range(count):
                for r in range(some):
                    rows[SIDE * k + r] = values[window, places[i, k], unit + r]
            narrow(rows, count, some, halves, powers)
            for r in range(some):
                tokens_power[i, unit + r] = powers[r]
            for k in range(count):
                for r in range(some):
                    tokens[i, k, unit + r] = halves[SIDE * k + r]


@numba.njit(**COMPILED)
def record(  # type: ignore[no-untyped-def]
    values, lengths, skip, before, start, highs, lows, chosen, hashes, sampled, sample, units, windows, groups, fields
):
    """Fills the records [n] of the windows that were `chosen`; values of `BOTTOM` are turned round.

    `fields` of the records and of a `sample`, where some stand already: value, position, context_hash, power, around.
    """
    value, position, context_hash, power, around = fields
    its_value, its_position, its_hash, its_power, its_around = sample
    width = around.shape[1]
    rows, halves, powers = _memory(width)
    waiting, held, n = np.empty(SIDE, np.int64), 0, 0
    for window in range(chosen.shape[0]):
        last, i = lengths[window] - 1, sampled[window]
        for j in range(chosen.shape[1]):
            unit, kept = start + j, chosen[window, j]
            for side in range(2):
                group = kept & BOTTOM if side else kept & (TOP | MIDDLE)
                if group == 0:
                    continue
                units[n], windows[n], groups[n] = unit, window, group
                if side == 0 and i >= 0:
                    value[n], position[n], context_hash[n] = (
                        its_value[i, unit],
                        its_position[i, unit],
                        its_hash[i, unit],
                    )
                    power[n] = its_power[i, unit]
                    for k in range(width):
                        around[n, k] = its_around[i, unit, k]
                else:
                    if side:
                        best, place = _peak(values, lows, window, start, j, -1, skip, last)
                        value[n] = -best
                    else:
                        best, place = _peak(values, highs, window, start, j, 1, skip, last)
                        value[n] = best
                    position[n], context_hash[n] = place, hashes[window, place]
                    _around(values, window, unit, place - before, last, width, rows, held)
                    waiting[held] = n
                    held += 1
                    if held == SIDE:
                        _narrow(rows, waiting, held, halves, powers, power, around)
                        held = 0
                n += 1
    _narrow(rows, waiting, held, halves, powers, power, around)


@numba.njit(**COMPILED)
def _memory(length):  # type: ignore[no-untyped-def]
    """To narrow rows in: see there."""
    return np.empty(SIDE * length, np.float32), np.empty(SIDE * length, np.int16), np.empty(SIDE, np.int8)


@numba.njit(**COMPILED)
def _narrow(rows, waiting, held, halves, powers, power, around):  # type: ignore[no-untyped-def]
    """What is around the peaks of records that wait, into their places."""
    width = around.shape[1]
    narrow(rows, width, held, halves, powers)
    for r in range(held):
        power[waiting[r]] = powers[r]
        for k in range(width):
            around[waiting[r], k] = halves[SIDE * k + r]


@numba.njit(**COMPILED)
def _peak(values, ends, window, start, j, sign, skip, last):  # type: ignore[no-untyped-def]
    """The largest (or least) value of a unit in a window, and its first place; `ends` [windows, segments, units].

    `start` + `j` is the unit, and `j` its place in `ends`; `sign`: 1, or −1 for the least.
    """
    segment, best = 0, ends[window, 0, j]
    for i in range(1, ends.shape[1]):
        end = ends[window, i, j]
        if (end > best) if sign > 0 else (end < best):
            segment, best = i, end
    begin = skip + segment * SEGMENT
    for token in range(begin, min(begin + SEGMENT, last + 1)):
        if values[window, token, start + j] == best:
            return best, token
    return best, min(begin, last)


@numba.njit(**COMPILED)
def _around(values, window, unit, first, last, width, rows, r):  # type: ignore[no-untyped-def]
    """What a unit did at the tokens from `first`, as row r of `rows`; 0 beyond the ends of the window."""
    for k in range(width):
        token = first + k
        rows[SIDE * k + r] = values[window, token, unit] if 0 <= token <= last else ZERO
