"""Linkage: units put into groups by their correlations, without a matrix of all pairs in memory.

Average linkage that is cut at a distance joins only what hangs together by pairs nearer than that distance. So the
units are first parted into what hangs together so, block by block, and each part is linked on its own: the groups are
those of linkage over all units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neuronwidget.analysis.groups.products import Correlations, Numbers, mean_of_pairs

METHODS = ("linkage", "hdbscan")
#: Distances of all pairs are held for so many units at most.
MOST_LINKED = 8192
_EDGES = 4_000_000


@dataclass(frozen=True)
class Linked:
    """Groups of units, each in the order of its tree, the largest first; `notes`: what else should be known."""

    groups: list[Numbers]
    notes: tuple[str, ...] = ()


def link(correlations: Correlations, cut: float, least: int, method: str = "linkage") -> Linked:
    """Groups of at least so many units.

    `cut`: of the distance 1 − |correlation|, in the mean over pairs, above which groups are not joined.
    """
    units = np.flatnonzero(correlations.varies)
    if len(units) < least:
        return Linked([])
    if method == "hdbscan":
        return Linked(_in_order(correlations, _by_density(correlations, units, least)))
    parts, notes = _parts(correlations, 1 - cut)
    groups = [group for part in parts if len(part) >= least for group in _average(correlations, part, cut)]
    return Linked(_in_order(correlations, [group for group in groups if len(group) >= least]), notes)


def mean_correlation(correlations: Correlations, group: Numbers) -> float:
    """The mean |correlation| of the pairs of a group.

    >>> from neuronwidget.analysis.groups.products import Sampled
    >>> rows = np.array([[1.0, 2.0, -1.0], [2.0, 4.0, -2.0], [3.0, 6.0, -3.0]], np.float32)
    >>> round(mean_correlation(Sampled(rows), np.arange(3)), 6)
    1.0
    """
    return mean_of_pairs(np.abs(correlations.between(group, group)))


def _in_order(correlations: Correlations, groups: list[Numbers]) -> list[Numbers]:
    """The largest first, of equally large ones the tightest."""
    tight = {id(group): mean_correlation(correlations, group) for group in groups}
    return sorted(groups, key=lambda group: (-len(group), -tight[id(group)], int(group.min())))


def _parts(correlations: Correlations, least: float) -> tuple[list[Numbers], tuple[str, ...]]:
    """What hangs together by pairs of at least this |correlation|; too large parts are parted by stronger pairs."""
    done: list[Numbers] = []
    whole = _hanging_together(correlations, least, None)
    large = [part for part in whole if len(part) > MOST_LINKED]
    done += [part for part in whole if len(part) <= MOST_LINKED]
    notes = (
        (
            f"{sum(map(len, large)):,} units hang together, more than are linked at once: they were parted by their "
            "stronger correlations first, and what that parts is not joined.",
        )
        if large
        else ()
    )
    while large:
        least += (1 - least) / 4
        smaller = [piece for part in large for piece in _hanging_together(correlations, least, part)]
        done += [part for part in smaller if len(part) <= MOST_LINKED]
        large = [part for part in smaller if len(part) > MOST_LINKED]
        if least > 0.999:  # as good as equal: any parts of them are groups
            done += [piece for part in large for piece in np.array_split(part, -(-len(part) // MOST_LINKED))]
            break
    return done, notes


def _hanging_together(correlations: Correlations, least: float, among: Numbers | None) -> list[Numbers]:
    """Connected parts of the graph whose edges are pairs of at least this |correlation|."""
    labels = np.arange(len(correlations.varies))
    edges: list[Any] = []
    for one, other in _compared(correlations, among):
        rows, columns = (np.abs(correlations.between(one, other)) >= least).nonzero()
        edges.append((one[rows], other[columns]))
        if sum(len(ends[0]) for ends in edges) > _EDGES:
            labels, edges = _joined(labels, edges), []
    labels = _joined(labels, edges)
    chosen = np.arange(len(labels)) if among is None else among
    order = chosen[np.argsort(labels[chosen], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def _compared(correlations: Correlations, among: Numbers | None) -> Any:
    if among is None:
        return correlations.compared()
    return ((among[begin : begin + 512], among[begin:]) for begin in range(0, len(among), 512))


def _joined(labels: Numbers, edges: list[Any]) -> Numbers:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    if not edges:
        return labels
    ones, others = (labels[np.concatenate([ends[side] for ends in edges])] for side in (0, 1))
    graph = coo_matrix((np.ones(len(ones), bool), (ones, others)), shape=(len(labels), len(labels)))
    component: Numbers = connected_components(graph, directed=False)[1]
    return component[labels]


def _average(correlations: Correlations, units: Numbers, cut: float) -> list[Numbers]:
    """Average linkage of units that hang together, cut."""
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(units) < 2:
        return [units]
    tree = linkage(squareform(_distances(correlations, units), checks=False), "average")
    order = leaves_list(tree)
    labels = fcluster(tree, cut, "distance")[order]
    return np.split(units[order], np.flatnonzero(np.diff(labels)) + 1)


def _by_density(correlations: Correlations, units: Numbers, least: int) -> list[Numbers]:
    """HDBSCAN on the same distances: it finds weaker groups, and takes more in that belongs to none."""
    from sklearn.cluster import HDBSCAN

    if len(units) > MOST_LINKED:
        raise ValueError(
            f'method="hdbscan" holds the distances of all pairs, for {MOST_LINKED:,} units at most, and these are '
            f'{len(units):,}: take method="linkage", or fewer sites.'
        )
    least = max(least, 3)
    if len(units) < 2 * least:
        return []
    clustering = HDBSCAN(min_cluster_size=least, min_samples=least, metric="precomputed", copy=True)
    labels = clustering.fit_predict(_distances(correlations, units).astype(np.float64))
    return [units[labels == label] for label in range(labels.max() + 1)]


def _distances(correlations: Correlations, units: Numbers) -> Any:
    apart = 1 - np.abs(correlations.between(units, units))
    np.fill_diagonal(apart, 0)
    return np.minimum(apart, apart.T)
