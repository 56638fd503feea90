"""Finds the windows that may become exemplars, and what the unit did around their peaks, in compiled loops."""

from __future__ import annotations

import math

import numba
import numpy as np

from neuronwidget.atlas.count.by_numba.numbers import COMPILED, narrow
from neuronwidget.atlas.count.ends import SEGMENT
from neuronwidget.atlas.count.records import BOTTOM, MIDDLE, TOP
from neuronwidget.atlas.count.spread import CELLS

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
    cell = int(min(max(math.floor(np.float64(peak) * scale) - base, 0.0), CELLS - 1.0))
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
    shifted = np.empty(max(width, count), np.float32)
    row, bits, halves = np.empty_like(shifted), shifted.view(np.int32), np.empty(count, np.int16)
    for window in range(len(sampled)):
        i = sampled[window]
        if i < 0:
            continue
        here, last = values[window], lengths[window] - 1
        for j in range(highs.shape[2]):
            unit = start + j
            best, place = _peak(here, highs[window], j, unit, 1, skip, last)
            value[i, unit] = best if best > -INFINITY else ZERO
            position[i, unit], context_hash[i, unit] = place, hashes[window, place]
            _around(here, unit, place - before, last, row[:width])
            power[i, unit] = narrow(row[:width], shifted, bits, around[i, unit])
            for k in range(count):
                row[k] = here[places[i, k], unit]
            tokens_power[i, unit] = narrow(row[:count], shifted, bits, halves)
            for k in range(count):
                tokens[i, k, unit] = halves[k]


@numba.njit(**COMPILED)
def record(  # type: ignore[no-untyped-def]
    values, lengths, skip, before, start, highs, lows, chosen, hashes, sampled, sample, units, windows, groups, fields
):
    """Fills the records [n] of the windows that were `chosen`; values of `BOTTOM` are turned round.

    `fields` of the records and of a `sample`, where some stand already: value, position, context_hash, power, around.
    """
    value, position, context_hash, power, around = fields
    shifted = np.empty(around.shape[1], np.float32)
    row, bits = np.empty_like(shifted), shifted.view(np.int32)
    n = 0
    for window in range(chosen.shape[0]):
        for j in range(chosen.shape[1]):
            here, last, unit, i = chosen[window, j], lengths[window] - 1, start + j, sampled[window]
            if here & (TOP | MIDDLE):
                units[n], windows[n], groups[n] = unit, window, here & (TOP | MIDDLE)
                if i >= 0:
                    value[n], position[n], context_hash[n] = sample[0][i, unit], sample[1][i, unit], sample[2][i, unit]
                    power[n] = sample[3][i, unit]
                    for k in range(around.shape[1]):
                        around[n, k] = sample[4][i, unit, k]
                else:
                    best, place = _peak(values[window], highs[window], j, unit, 1, skip, last)
                    value[n], position[n], context_hash[n] = best, place, hashes[window, place]
                    _around(values[window], unit, place - before, last, row)
                    power[n] = narrow(row, shifted, bits, around[n])
                n += 1
            if here & BOTTOM:
                best, place = _peak(values[window], lows[window], j, unit, -1, skip, last)
                units[n], windows[n], groups[n] = unit, window, BOTTOM
                value[n], position[n], context_hash[n] = -best, place, hashes[window, place]
                _around(values[window], unit, place - before, last, row)
                power[n] = narrow(row, shifted, bits, around[n])
                n += 1


@numba.njit(**COMPILED)
def _peak(values, ends, j, unit, sign, skip, last):  # type: ignore[no-untyped-def]
    """The largest (or least) value of a unit in values [tokens, units], and its first place; `ends` [segments, …]."""
    segment, best = 0, ends[0, j]
    for i in range(1, ends.shape[0]):
        if (ends[i, j] > best) if sign > 0 else (ends[i, j] < best):
            segment, best = i, ends[i, j]
    begin = skip + segment * SEGMENT
    for token in range(begin, min(begin + SEGMENT, last + 1)):
        if values[token, unit] == best:
            return best, token
    return best, min(begin, last)


@numba.njit(**COMPILED)
def _around(values, unit, first, last, row):  # type: ignore[no-untyped-def]
    """What a unit did at the tokens from `first`, as many as `row` has; 0 beyond the ends of the window."""
    for i in range(len(row)):
        token = first + i
        row[i] = values[token, unit] if 0 <= token <= last else ZERO
