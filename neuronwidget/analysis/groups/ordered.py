"""The ordered map: units in the order of their groups, and how each correlates with each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from neuronwidget.analysis.groups.products import Correlations, Flags, Floats, Numbers, mean_of_pairs

#: Cells of a side, and units that are mapped at most.
CELLS, MOST_MAPPED = 192, 4096
_COMPARED = 1000


def in_order(groups: Sequence[Numbers], varies: Flags) -> Numbers:
    """All units: those of the groups, each group in its own order, then others that vary, and those that do not."""
    grouped = np.concatenate([*groups, np.zeros(0, np.int64)]).astype(np.int64)
    others = np.setdiff1d(np.arange(len(varies)), grouped)
    return np.concatenate([grouped, others[varies[others]], others[~varies[others]]])


def ordered_map(correlations: Correlations, order: Numbers, grouped: int) -> tuple[Floats, tuple[int, ...]]:
    """|correlation| of units in their order, the mean over each cell [cells, cells], and where the cells begin.

    `grouped`: so many at the beginning are in groups; they have a cell each as far as that goes. Units that do not vary
    are left out.
    """
    mapped = order[: min(MOST_MAPPED, int(correlations.varies[order].sum()))]
    edges = cell_edges(len(mapped), grouped, CELLS)
    cells = []
    for begin, end in pairwise(edges):
        rows = np.abs(correlations.between(mapped[begin:end], mapped)).mean(0)
        cells.append(np.add.reduceat(rows, edges[:-1]) / np.diff(edges))
    return np.array(cells, np.float32).reshape(len(edges) - 1, -1), tuple(edges)


def cell_edges(units: int, grouped: int, most: int) -> list[int]:
    """Where at most so many cells begin and end: each of the first, that are grouped, has one as far as that goes.

    >>> cell_edges(9, 4, 6), cell_edges(9, 0, 3)
    ([0, 1, 2, 3, 4, 6, 9], [0, 3, 6, 9])
    """
    grouped = min(grouped, units)
    if units <= most:
        return list(range(units + 1))
    rest = units - grouped
    own = min(grouped, most - min(rest, max(1, most // 6)) if rest else most)
    first = np.linspace(0, grouped, own + 1).round().astype(int)
    others = np.linspace(grouped, units, most - own + 1).round().astype(int) if rest else first[-1:]
    edges: list[int] = np.unique(np.concatenate([first, others])).tolist()
    return edges


def usual_correlation(correlations: Correlations, seed: int) -> float:
    """|correlation| of two units that vary, in the mean; over units drawn at random where they are many."""
    units = np.flatnonzero(correlations.varies)
    if len(units) > _COMPARED:
        units = np.sort(np.random.default_rng(seed).choice(units, _COMPARED, replace=False))
    if len(units) < 2:
        return float("nan")
    return mean_of_pairs(np.abs(correlations.between(units, units)))
