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
FEW = 24
"""Where fewer of 64 units have a peak to be recorded, these are not copied to where they are quickly read."""


@numba.njit(**COMPILED)
def choose(highs, lows, start, rows, drawn, limits, choice, chosen):  # type: ignore[no-untyped-def]
    """Which windows are worth keeping for which units, from `start`: fills `chosen` uint8 [windows, units] with groups.

    `highs`, `lows` [windows, segments, units]: ends; `rows` int64 [windows]: where their documents stand in `best_…`
    [documents, all units], −1 for those of one window; `drawn`: their random bits. `choice`: which groups are kept at
    all, `best_high`, `best_low`, and the ends of peaks. `limits`: whether units are `limited`; then what does not
    exceed `top`, `bottom` [all units] and `draws`, `cell_…` [all units, 12] is left out; `scale` and `base` say what
    these cells are. Are there any?
    """
    limited, top, bottom, draws, cell_low, cell_high, scale, base = limits
    groups, best_high, best_low, peaks_low, peaks_high = choice
    windows, segments, width = highs.shape
    high, low = np.empty(width, np.float32), np.empty(width, np.float32)
    some = np.uint8(0)
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
                        peak, drawn[window], unit, draws, cell_low, cell_high, scale[unit], base[unit]
                    ):
                        here |= MIDDLE
            if trough > ZERO and (row < 0 or trough > best_low[row, unit]) and (not limited or trough > bottom[unit]):
                here |= BOTTOM
            if row >= 0:
                best_high[row, unit] = max(best_high[row, unit], peak)
                best_low[row, unit] = max(best_low[row, unit], trough)
            here &= groups
            chosen[window, j] = here
            some |= here
    return some != 0


@numba.njit(**COMPILED)
def _passes(peak, drawn, unit, draws, low, high, scale, base):  # type: ignore[no-untyped-def]
    """`SpreadLimits.passed` of one value of a unit."""
    cell = cell_of(peak, scale, base)
    return drawn < draws[unit, cell] or peak < low[unit, cell] or peak > high[unit, cell]


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
    near = np.empty((values.shape[1], SIDE), np.float32)
    for window in range(len(sampled)):
        i, last = sampled[window], lengths[window] - 1
        if i < 0:
            continue
        for first in range(0, highs.shape[2], SIDE):
            some, unit = min(SIDE, highs.shape[2] - first), start + first
            _bring_near(values, window, last, unit, some, near)
            for r in range(some):
                best, place = _peak(near, r, highs, window, first + r, 1, skip, last)
                value[i, unit + r] = best if best > -INFINITY else ZERO
                position[i, unit + r], context_hash[i, unit + r] = place, hashes[window, place]
                _around(near, r, place - before, last, width, rows, r)
            narrow(rows, width, some, halves, powers)
            for r in range(some):
                power[i, unit + r] = powers[r]
                for k in range(width):
                    around[i, unit + r, k] = halves[SIDE * k + r]
            for k in range(count):
                for r in range(some):
                    rows[SIDE * k + r] = near[places[i, k], r]
            narrow(rows, count, some, halves, powers)
            for r in range(some):
                tokens_power[i, unit + r] = powers[r]
            for k in range(count):
                for r in range(some):
                    tokens[i, k, unit + r] = halves[SIDE * k + r]


@numba.njit(**COMPILED)
def record(  # type: ignore[no-untyped-def]
    values,
    lengths,
    skip,
    before,
    start,
    highs,
    lows,
    chosen,
    of_windows,
    hashes,
    sampled,
    sample,
    places,
    fields,
    first_window,
    n,
):
    """Fills records from the place `n` on, of the windows that were `chosen`; values of `BOTTOM` are turned round.

    `of_windows` [windows]: ordinals, documents, rows; `places` of the records: units, windows, groups, then the same.
    `fields` of the records and of a `sample`, where some stand already: value, position, context_hash, power, around.
    The first of the windows has the number `first_window`. Returns how many records there are then.
    """
    ordinals, documents, rows_of = of_windows
    units, windows, groups, its_ordinal, its_document, its_row = places
    value, position, context_hash, power, around = fields
    its_value, its_position, its_hash, its_power, its_around = sample
    width = around.shape[1]
    rows, halves, powers = _memory(width)
    near = np.empty((values.shape[1], SIDE), np.float32)
    waiting, held = np.empty(SIDE, np.int64), 0
    for window in range(chosen.shape[0]):
        last, i = lengths[window] - 1, sampled[window]
        for first in range(0, chosen.shape[1], SIDE):
            some, wanted = min(SIDE, chosen.shape[1] - first), 0
            for r in range(some):
                wanted += chosen[window, first + r] != 0
            here, origin = values[window], start + first
            if wanted >= FEW:
                _bring_near(values, window, last, origin, some, near)
                here, origin = near, 0
            for r in range(some if wanted else 0):
                unit, j, kept = start + first + r, first + r, chosen[window, first + r]
                for side in range(2):
                    group = kept & BOTTOM if side else kept & (TOP | MIDDLE)
                    if group == 0:
                        continue
                    units[n], windows[n], groups[n] = unit, first_window + window, group
                    its_ordinal[n], its_document[n], its_row[n] = ordinals[window], documents[window], rows_of[window]
                    if side == 0 and i >= 0:
                        value[n], position[n] = its_value[i, unit], its_position[i, unit]
                        context_hash[n], power[n] = its_hash[i, unit], its_power[i, unit]
                        for k in range(width):
                            around[n, k] = its_around[i, unit, k]
                    else:
                        if side:
                            best, place = _peak(here, origin + r, lows, window, j, -1, skip, last)
                            value[n] = -best
                        else:
                            best, place = _peak(here, origin + r, highs, window, j, 1, skip, last)
                            value[n] = best
                        position[n], context_hash[n] = place, hashes[window, place]
                        _around(here, origin + r, place - before, last, width, rows, held)
                        waiting[held] = n
                        held += 1
                        if held == SIDE:
                            _narrow(rows, waiting, held, halves, powers, power, around)
                            held = 0
                    n += 1
    _narrow(rows, waiting, held, halves, powers, power, around)
    return n


@numba.njit(**COMPILED)
def _bring_near(values, window, last, start, some, near):  # type: ignore[no-untyped-def]
    """Copies what `some` units from `start` did in a window to `near` [tokens, 64], which stays in the fastest cache.

    Looked at one by one, each token of a unit is on a page of memory of its own.
    """
    for token in range(last + 1):
        for r in range(some):
            near[token, r] = values[window, token, start + r]


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
def _peak(here, column, ends, window, j, sign, skip, last):  # type: ignore[no-untyped-def]
    """The largest (or least) value in a column of `here` [tokens, some units], and its first place.

    `ends` [windows, segments, units] are known of it as unit `j`; `sign`: 1, or −1 for the least.
    """
    segment, best = 0, ends[window, 0, j]
    for i in range(1, ends.shape[1]):
        end = ends[window, i, j]
        if (end > best) if sign > 0 else (end < best):
            segment, best = i, end
    begin = skip + segment * SEGMENT
    for token in range(begin, min(begin + SEGMENT, last + 1)):
        if here[token, column] == best:
            return best, token
    return best, min(begin, last)


@numba.njit(**COMPILED)
def _around(here, column, first, last, width, rows, r):  # type: ignore[no-untyped-def]
    """What stands in a column at the tokens from `first`, as row r of `rows`; 0 beyond the ends of the window."""
    for k in range(width):
        token = first + k
        rows[SIDE * k + r] = here[token, column] if 0 <= token <= last else ZERO
