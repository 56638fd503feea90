"""The ordered map: units in the order of their groups, and how each correlates with each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from neuronwidget.analysis.groups.products import Correlations, Floats, Numbers

#: Cells of a side, and units that are mapped at most.
CELLS, MOST_MAPPED = 192, 4096
_COMPARED = 1000


def in_order(groups: Sequence[Numbers], units: int) -> Numbers:
    """All units: those of the groups, each group in its own order, and behind them those of none."""
    grouped = np.concatenate([*groups, np.zeros(0, np.int64)]).astype(np.int64)
    return np.concatenate([grouped, np.setdiff1d(np.arange(units), grouped)])


def ordered_map(correlations: Correlations, order: Numbers) -> tuple[Floats, tuple[int, ...]]:
    """|correlation| of units in their order, the mean over each cell [cells, cells], and where the cells begin."""
    mapped = order[:MOST_MAPPED]
    edges = np.unique(np.linspace(0, len(mapped), min(CELLS, len(mapped)) + 1).round().astype(int))
    cells = []
    for begin, end in pairwise(edges.tolist()):
        rows = np.abs(correlations.between(mapped[begin:end], mapped)).mean(0)
        cells.append(np.add.reduceat(rows, edges[:-1]) / np.diff(edges))
    return np.array(cells, np.float32).reshape(len(edges) - 1, -1), tuple(edges.tolist())


def usual_correlation(correlations: Correlations, seed: int) -> float:
    """|correlation| of two units that vary, in the mean; over units drawn at random where they are many."""
    units = np.flatnonzero(correlations.varies)
    if len(units) > _COMPARED:
        units = np.sort(np.random.default_rng(seed).choice(units, _COMPARED, replace=False))
    if len(units) < 2:
        return float("nan")
    pairs = np.abs(correlations.between(units, units))
    return float((pairs.sum(dtype=np.float64) - np.trace(pairs)) / (len(units) * (len(units) - 1)))
