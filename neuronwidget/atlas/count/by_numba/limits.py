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
    members, cells = np.empty(CELLS, np.int64), np.empty(values.shape[1], np.int64)
    low, high = np.empty(CELLS, np.float32), np.empty(CELLS, np.float32)
    first, last = np.empty(CELLS, np.int64), np.empty(CELLS, np.int64)
    for unit in range(values.shape[0]):
        value, ordinal = values[unit], ordinals[unit]
        members[:], low[:], high[:] = 0, INFINITY, -INFINITY
        used = 0
        while used < len(value) and ordinal[used] >= 0:
            here, cell = value[used], cell_of(value[used], scale[unit], base[unit])
            if not members[cell] or stronger(-here, ordinal[used], -low[cell], ordinal[first[cell]]):
                low[cell], first[cell] = here, used
            if not members[cell] or stronger(here, ordinal[used], high[cell], ordinal[last[cell]]):
                high[cell], last[cell] = here, used
            cells[used] = cell
            members[cell] += 1
            used += 1
        for cell in range(CELLS):
            cell_low[unit, cell], cell_high[unit, cell] = low[cell], high[cell]
            full = members[cell] > DRAWN and members[cell] - (1 if first[cell] == last[cell] else 2) >= DRAWN
            draws[unit, cell] = 0 if full else ALL
        for place in range(used):
            cell = cells[place]
            if draws[unit, cell] < ALL and place != first[cell] and place != last[cell]:
                draws[unit, cell] = max(draws[unit, cell], random_bits(documents[unit, place]))
