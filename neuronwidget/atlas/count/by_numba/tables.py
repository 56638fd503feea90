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
    units, groups, rows, best_high, best_low, records, top, bottom, middle, scale, base
):
    """Records [n] into tables: each a tuple of the fields of `Candidates`, with `around` as the bits of float16.

    `rows` int64 [n]: where the documents of several windows stand in `best_…` [documents, units], −1 for others: of
    these only the window of the largest value counts. `scale`, `base` [units] say what the cells of `middle` are.
    """
    # Whoever takes a field out of a tuple counts its users up and down: that takes longer than the work, so once.
    value, ordinal, document, context_hash = records[0], records[1], records[2], records[4]
    top_value, top_ordinal, top_hash = top[0], top[1], top[4]
    bottom_value, bottom_ordinal, bottom_hash = bottom[0], bottom[1], bottom[4]
    middle_value, middle_ordinal, middle_document = middle[0], middle[1], middle[2]
    members, counts = np.empty((CELLS, DRAWN + 3), np.int64), np.empty(CELLS, np.int64)
    before, least, lowest, sorted_out = -1, -1, -1, False  # of one unit after another
    for i in _by_unit(units):
        unit, group, row = units[i], groups[i], rows[i]
        if unit != before:
            before, least, lowest, sorted_out = unit, -1, -1, False
        if group & BOTTOM:
            if row < 0 or best_low[row, unit] == value[i]:
                place, lowest = _place_in_strongest(
                    bottom_value, bottom_ordinal, bottom_hash, unit, value[i], ordinal[i], context_hash[i], lowest
                )
                if place >= 0:
                    _put(bottom, unit, place, records, i)
        elif row < 0 or best_high[row, unit] == value[i]:
            if group & TOP:
                place, least = _place_in_strongest(
                    top_value, top_ordinal, top_hash, unit, value[i], ordinal[i], context_hash[i], least
                )
                if place >= 0:
                    _put(top, unit, place, records, i)
            if group & MIDDLE:
                if not sorted_out:
                    _sort_out(middle_value, middle_ordinal, unit, scale[unit], base[unit], members, counts)
                    sorted_out = True
                cell = cell_of(value[i], scale[unit], base[unit])
                place = _place_in_cell(
                    middle_value,
                    middle_ordinal,
                    middle_document,
                    unit,
                    members,
                    cell,
                    counts,
                    value[i],
                    ordinal[i],
                    document[i],
                )
                if place >= 0:
                    _put(middle, unit, place, records, i)


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
def stronger(value, ordinal, other_value, other_ordinal):  # type: ignore[no-untyped-def]
    """Is it ahead of the other: by value, then by being earlier?"""
    return value > other_value or (value == other_value and ordinal < other_ordinal)


@numba.njit(**COMPILED)
def _place_in_strongest(  # type: ignore[no-untyped-def]
    values, ordinals, hashes, unit, value, ordinal, context_hash, weakest
):
    """Where a record goes, −1 for nowhere: the strongest stay; of those that read the same one stands for all.

    `weakest`: the place of the weakest in a full table, −1 where that is not known; so is what is returned beside it.
    """
    if weakest >= 0 and not stronger(value, ordinal, values[unit, weakest], ordinals[unit, weakest]):
        return -1, weakest
    weakest = 0
    for place in range(values.shape[1]):
        if ordinals[unit, place] < 0:
            return place, -1
        if hashes[unit, place] == context_hash:
            better = stronger(value, ordinal, values[unit, place], ordinals[unit, place])
            return place if better else -1, -1
        if stronger(values[unit, weakest], ordinals[unit, weakest], values[unit, place], ordinals[unit, place]):
            weakest = place
    if stronger(value, ordinal, values[unit, weakest], ordinals[unit, weakest]):
        return weakest, -1
    return -1, weakest


@numba.njit(**COMPILED)
def cell_of(value, scale, base):  # type: ignore[no-untyped-def]
    """The cell of a value, the nearest one beyond the ends; `scale` and `base` are those of `cell_rulers`."""
    return int(min(max(math.floor(np.float64(value) * scale) - base, 0.0), CELLS - 1.0))


@numba.njit(**COMPILED)
def _sort_out(values, ordinals, unit, scale, base, members, counts):  # type: ignore[no-untyped-def]
    """Which places of a unit belong to which cell: fills `members` [12, some] and how many these are, `counts` [12]."""
    counts[:] = 0
    for place in range(values.shape[1]):
        if ordinals[unit, place] < 0:
            return
        cell = cell_of(values[unit, place], scale, base)
        members[cell, counts[cell]] = place
        counts[cell] += 1


@numba.njit(**COMPILED)
def _place_in_cell(  # type: ignore[no-untyped-def]
    values, ordinals, documents, unit, members, cell, counts, value, ordinal, document
):
    """Where a record goes, −1 for nowhere: of a cell the ends stay, and of the others those with the lowest hashes.

    `members`, `counts`: see `_sort_out`; they are kept up.
    """
    count = counts[cell]
    if count > DRAWN:  # the record may be one too many
        worst = _one_too_many(values, ordinals, documents, unit, members, cell, count, value, ordinal, document)
        if worst != -1:
            return worst
    used = 0
    for other in range(CELLS):
        used += counts[other]
    members[cell, count] = used
    counts[cell] += 1
    return used


@numba.njit(**COMPILED)
def _one_too_many(  # type: ignore[no-untyped-def]
    values, ordinals, documents, unit, members, cell, count, value, ordinal, document
):
    """Which is to go of a unit's places, the first `count` of members[cell], and a record beside them, −2; −1: none."""
    first, last = -2, -2
    low, low_ordinal, high, high_ordinal = value, ordinal, value, ordinal
    for i in range(count):
        place = members[cell, i]
        if stronger(values[unit, place], ordinals[unit, place], high, high_ordinal):
            last, high, high_ordinal = place, values[unit, place], ordinals[unit, place]
        if stronger(-values[unit, place], ordinals[unit, place], -low, low_ordinal):
            first, low, low_ordinal = place, values[unit, place], ordinals[unit, place]
    others, worst, most = 0, -1, np.int64(-1)
    if first != -2 and last != -2:
        others, worst, most = 1, -2, random_bits(document) << 31 | np.int64(ordinal)
    for i in range(count):
        place = members[cell, i]
        if place != first and place != last:
            others += 1
            key = random_bits(documents[unit, place]) << 31 | np.int64(ordinals[unit, place])
            if key > most:
                worst, most = place, key
    return worst if others > DRAWN else -1


@numba.njit(**COMPILED)
def widen_cells(low, high, new_low, new_high, middle):  # type: ignore[no-untyped-def]
    """The ends of units have grown: where cells became one, of what they hold that stays which a wider one keeps."""
    values, ordinals, documents = middle[0], middle[1], middle[2]
    lost, here = np.zeros(values.shape[1], np.bool_), np.empty((1, values.shape[1]), np.int64)
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
            gone += _thin_out(values, ordinals, documents, unit, scale, first + cell, here, lost)
        if gone:
            _close_up(middle, unit, lost)


@numba.njit(**COMPILED)
def _thin_out(values, ordinals, documents, unit, scale, cell, here, lost):  # type: ignore[no-untyped-def]
    """Marks a unit's places of a cell that are too many as `lost`; returns how many. `here` [1, places]: to work in."""
    gone = 0
    while True:
        count = 0
        for place in range(values.shape[1]):
            if ordinals[unit, place] < 0:
                break
            if not lost[place] and math.floor(np.float64(values[unit, place]) * scale) == cell:
                here[0, count] = place
                count += 1
        if count <= DRAWN:
            return gone
        last = here[0, count - 1]  # of these any may stand for the record that is asked about
        worst = _one_too_many(
            values,
            ordinals,
            documents,
            unit,
            here,
            0,
            count - 1,
            values[unit, last],
            ordinals[unit, last],
            documents[unit, last],
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
