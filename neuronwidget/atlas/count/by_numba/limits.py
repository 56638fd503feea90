"""Limits of the tables of a summary, in compiled loops: what a later document must exceed, or draw less than."""

from __future__ import annotations

import numba
import numpy as np

from neuronwidget.atlas.count.by_numba.numbers import COMPILED, random_bits
from neuronwidget.atlas.count.by_numba.tables import cell_of, stronger
from neuronwidget.atlas.count.spread import CELLS, DRAWN

INFINITY = np.float32(np.inf)
ALL = 1 << 27  # no document draws as much


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
            cell = cell_of(value, scale[unit], base[unit])
            for side, sign in ((0, np.float32(-1)), (1, np.float32(1))):
                end = ends[side, cell] if members[cell] else used
                if not members[cell] or stronger(sign * value, ordinal, sign * values[unit, end], ordinals[unit, end]):
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
