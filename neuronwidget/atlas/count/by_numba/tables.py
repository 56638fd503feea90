"""Puts records into the tables of a summary, one by one, in compiled loops.

The tables hold what `strongest` and `spread` choose, used places first and otherwise in no order. Whatever the order in
which records come, the same stay: what is put out by others never comes back.
"""

from __future__ import annotations

import math

import numba
import numpy as np

from neuronwidget.atlas.count.by_numba.numbers import COMPILED, fine_exponent, power_of_two, random_bits
from neuronwidget.atlas.count.records import BOTTOM, MIDDLE, TOP
from neuronwidget.atlas.count.spread import CELLS, DRAWN

INFINITY = np.float32(np.inf)
ALL = 1 << 27  # no document draws as much


@numba.njit(**COMPILED)
def cell_rulers(low, high, scale, base):  # type: ignore[no-untyped-def]
    """How to find the cells between two ends: floor(v · scale) − base. float32 → float64 [units]."""
    for unit in range(len(low)):
        least, largest = np.float64(low[unit]), np.float64(high[unit])
        if least > largest:
            least = largest = np.float64(0.0)
        scale[unit] = power_of_two(-fine_exponent(least, largest, CELLS))
        base[unit] = math.floor(least * scale[unit])


@numba.njit(**COMPILED)
def take(  # type: ignore[no-untyped-def]
    units, groups, rows, best_high, best_low, records, top, bottom, middle, scale
):
    """Records [n] into tables: each a tuple of the fields of `Candidates`, with `around` as the bits of float16.

    `rows` int64 [n]: where the documents of several windows stand in `best_…` [documents, units], −1 for others: of
    these only the window of the largest value counts. `scale` [units] says what the cells of `middle` are.
    """
    here = np.empty(middle[0].shape[1], np.int64)
    for i in _by_unit(units):
        unit, group, row = units[i], groups[i], rows[i]
        if group & BOTTOM:
            if row < 0 or best_low[row, unit] == records[0][i]:
                _into_strongest(bottom, unit, records, i)
        elif row < 0 or best_high[row, unit] == records[0][i]:
            if group & TOP:
                _into_strongest(top, unit, records, i)
            if group & MIDDLE:
                _into_spread(middle, unit, records, i, scale[unit], here)


@numba.njit(**COMPILED)
def _by_unit(units):  # type: ignore[no-untyped-def]
    """The order of records by unit: the tables of each are looked at in one go."""
    low, high = units[0], units[0]
    for unit in units:
        low, high = min(low, unit), max(high, unit)
    place = np.zeros(high - low + 2, np.int64)
    for unit in units:
        place[unit - low + 1] += 1
    for i in range(1, len(place)):
        place[i] += place[i - 1]
    order = np.empty(len(units), np.int64)
    for i in range(len(units)):
        order[place[units[i] - low]] = i
        place[units[i] - low] += 1
    return order


@numba.njit(**COMPILED)
def _put(table, unit, place, records, i):  # type: ignore[no-untyped-def]
    """Record `i` takes a place of a unit."""
    value, ordinal, document, position, context_hash, power, around = table
    value[unit, place], ordinal[unit, place], document[unit, place] = records[0][i], records[1][i], records[2][i]
    position[unit, place], context_hash[unit, place] = records[3][i], records[4][i]
    power[unit, place] = records[5][i]
    for k in range(around.shape[2]):
        around[unit, place, k] = records[6][i, k]


@numba.njit(**COMPILED)
def _stronger(value, ordinal, other_value, other_ordinal):  # type: ignore[no-untyped-def]
    """Is it ahead of the other: by value, then by being earlier?"""
    return value > other_value or (value == other_value and ordinal < other_ordinal)


@numba.njit(**COMPILED)
def _into_strongest(table, unit, records, i):  # type: ignore[no-untyped-def]
    """The strongest stay; of those that read the same the strongest stands for all."""
    values, ordinals, hashes = table[0], table[1], table[4]
    value, ordinal, context_hash = records[0][i], records[1][i], records[4][i]
    weakest = 0
    for place in range(values.shape[1]):
        if ordinals[unit, place] < 0:
            _put(table, unit, place, records, i)
            return
        if hashes[unit, place] == context_hash:
            if _stronger(value, ordinal, values[unit, place], ordinals[unit, place]):
                _put(table, unit, place, records, i)
            return
        if _stronger(values[unit, weakest], ordinals[unit, weakest], values[unit, place], ordinals[unit, place]):
            weakest = place
    if _stronger(value, ordinal, values[unit, weakest], ordinals[unit, weakest]):
        _put(table, unit, weakest, records, i)


@numba.njit(**COMPILED)
def _into_spread(table, unit, records, i, scale, here):  # type: ignore[no-untyped-def]
    """Of its cell the ends stay, and of the others those with the lowest hashes; `here` [places] is to work in."""
    values, ordinals = table[0], table[1]
    value = records[0][i]
    cell = np.floor(np.float64(value) * scale)
    count, free = 0, -1
    for place in range(values.shape[1]):
        if ordinals[unit, place] < 0:
            free = place
            break
        if np.floor(np.float64(values[unit, place]) * scale) == cell:
            here[count] = place
            count += 1
    if count > DRAWN:  # the record may be one too many
        ordinal, document = records[1][i], records[2][i]
        worst = _one_too_many(values[unit], ordinals[unit], table[2][unit], here[:count], value, ordinal, document)
        if worst == -2:
            return
        if worst >= 0:
            free = worst
    _put(table, unit, free, records, i)


@numba.njit(**COMPILED)
def _one_too_many(values, ordinals, documents, here, value, ordinal, document):  # type: ignore[no-untyped-def]
    """Which is to go of the places `here`, all of one cell, and a record beside them, −2; −1 for none."""
    first, last = -2, -2
    low, low_ordinal, high, high_ordinal = value, ordinal, value, ordinal
    for place in here:
        if _stronger(values[place], ordinals[place], high, high_ordinal):
            last, high, high_ordinal = place, values[place], ordinals[place]
        if _stronger(-values[place], ordinals[place], -low, low_ordinal):
            first, low, low_ordinal = place, values[place], ordinals[place]
    others, worst, most = 0, -1, np.int64(-1)
    if first != -2 and last != -2:
        others, worst, most = 1, -2, random_bits(document) << 31 | np.int64(ordinal)
    for place in here:
        if place != first and place != last:
            others += 1
            key = random_bits(documents[place]) << 31 | np.int64(ordinals[place])
            if key > most:
                worst, most = place, key
    return worst if others > DRAWN else -1


@numba.njit(**COMPILED)
def widen_cells(low, high, new_low, new_high, middle):  # type: ignore[no-untyped-def]
    """The ends of units have grown: where cells became one, of what they hold that stays which a wider one keeps."""
    lost = np.zeros(middle[0].shape[1], np.bool_)
    for unit in range(len(low)):
        if not low[unit] <= high[unit] or (new_low[unit] == low[unit] and new_high[unit] == high[unit]):
            continue
        exponent = fine_exponent(np.float64(new_low[unit]), np.float64(new_high[unit]), CELLS)
        if exponent == fine_exponent(np.float64(low[unit]), np.float64(high[unit]), CELLS):
            continue
        scale, gone = power_of_two(-exponent), 0
        first = math.floor(np.float64(new_low[unit]) * scale)
        lost[:] = False
        for cell in range(CELLS):
            gone += _thin_out(middle[0][unit], middle[1][unit], middle[2][unit], scale, first + cell, lost)
        if gone:
            _close_up(middle, unit, lost)


@numba.njit(**COMPILED)
def _thin_out(values, ordinals, documents, scale, cell, lost):  # type: ignore[no-untyped-def]
    """Marks places of a cell that are too many as `lost`; returns how many."""
    here, gone = np.empty(len(values), np.int64), 0
    while True:
        count = 0
        for place in range(len(values)):
            if ordinals[place] < 0:
                break
            if not lost[place] and math.floor(np.float64(values[place]) * scale) == cell:
                here[count] = place
                count += 1
        if count <= DRAWN:
            return gone
        last = here[count - 1]  # of these any may stand for the record that is asked about
        worst = _one_too_many(
            values, ordinals, documents, here[: count - 1], values[last], ordinals[last], documents[last]
        )
        if worst == -1:
            return gone
        lost[last if worst == -2 else worst] = True
        gone += 1


@numba.njit(**COMPILED)
def _close_up(table, unit, lost):  # type: ignore[no-untyped-def]
    """Empties the places that are lost; used ones come first again."""
    ordinals = table[1][unit]
    kept = 0
    for place in range(len(ordinals)):
        if ordinals[place] < 0:
            break
        if lost[place]:
            continue
        if kept != place:
            table[0][unit, kept], ordinals[kept] = table[0][unit, place], ordinals[place]
            table[2][unit, kept], table[3][unit, kept] = table[2][unit, place], table[3][unit, place]
            table[4][unit, kept], table[5][unit, kept] = table[4][unit, place], table[5][unit, place]
            for k in range(table[6].shape[2]):
                table[6][unit, kept, k] = table[6][unit, place, k]
        kept += 1
    for place in range(kept, len(ordinals)):
        ordinals[place] = -1


@numba.njit(**COMPILED)
def find_least(table, least):  # type: ignore[no-untyped-def]
    """What a later document must exceed to be among the strongest: fills [units]; −∞ where there is room."""
    values, ordinals = table[0], table[1]
    for unit in range(len(least)):
        least[unit] = INFINITY if values.shape[1] else -INFINITY
        for place in range(values.shape[1]):
            if ordinals[unit, place] < 0:
                least[unit] = -INFINITY
                break
            least[unit] = min(least[unit], values[unit, place])


@numba.njit(**COMPILED)
def find_cell_limits(middle, scale, base, draws, cell_low, cell_high):  # type: ignore[no-untyped-def]
    """What a later document must draw less than, or be beyond, to be kept in a cell: fills [units, 12]."""
    values, ordinals, documents = middle[0], middle[1], middle[2]
    members, ends = np.empty(CELLS, np.int64), np.empty((2, CELLS), np.int64)
    cells, highest = np.empty(values.shape[1], np.int64), np.empty(CELLS, np.int64)
    for unit in range(values.shape[0]):
        draws[unit], cell_low[unit], cell_high[unit] = ALL, INFINITY, -INFINITY
        members[:], highest[:] = 0, 0
        used = 0
        while used < values.shape[1] and ordinals[unit, used] >= 0:
            value, ordinal = values[unit, used], ordinals[unit, used]
            cell = int(min(max(math.floor(np.float64(value) * scale[unit]) - base[unit], 0.0), CELLS - 1.0))
            for side, sign in ((0, np.float32(-1)), (1, np.float32(1))):
                end = ends[side, cell] if members[cell] else used
                if not members[cell] or _stronger(sign * value, ordinal, sign * values[unit, end], ordinals[unit, end]):
                    ends[side, cell] = used
            cell_low[unit, cell] = min(cell_low[unit, cell], value)
            cell_high[unit, cell] = max(cell_high[unit, cell], value)
            cells[used] = cell
            members[cell] += 1
            used += 1
        for place in range(used):
            cell = cells[place]
            if place != ends[0, cell] and place != ends[1, cell]:
                highest[cell] = max(highest[cell], random_bits(documents[unit, place]))
        for cell in range(CELLS):
            if members[cell] > DRAWN and members[cell] - (1 if ends[0, cell] == ends[1, cell] else 2) >= DRAWN:
                draws[unit, cell] = highest[cell]
