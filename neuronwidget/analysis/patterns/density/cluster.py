"""Clusters of points by density (HDBSCAN of scikit-learn), with what it leaves out: outlier scores, births, tops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.density.nearest import core_distances
from neuronwidget.analysis.patterns.density.spanning import SpanningTree, spanning_tree
from neuronwidget.analysis.patterns.density.tree import Branches, branches

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
METHODS = ("eom", "leaf")
#: No pattern of "eom" holds more than this part of the inputs: without a cap one may swallow nearly all.
LARGEST = 4


@dataclass(frozen=True)
class Settings:
    """Settings of clustering.

    Attributes
    ----------
    method
        "eom": patterns that persist longest; "leaf": the finest ones, as published.
    smallest
        How many inputs make a pattern at least.
    neighbours
        How many other inputs must be near for a place to be dense; the paper counts so, scikit-learn counts the input
        itself as one of them.
    """

    method: str = "eom"
    smallest: int = 5
    neighbours: int = 5

    def labels(self, points: Floats) -> Labels:
        """The cluster of each point [points, dimensions]; −1 for none."""
        return self._labels(spanning_tree(points, core_distances(points, self.neighbours)))

    def clusters(self, points: Floats) -> Clusters:
        """The clusters, with all that is known of them."""
        core = core_distances(points, self.neighbours)
        tree = spanning_tree(points, core)
        return _clusters(self._labels(tree), branches(*tree.joined(), self.smallest), core)

    def _labels(self, tree: SpanningTree) -> Labels:
        """What scikit-learn makes of the tree. It is given lengths and not points: its own way to them takes longer."""
        from sklearn.cluster import HDBSCAN

        points = len(tree.lengths) + 1
        clustering = HDBSCAN(
            min_cluster_size=self.smallest,
            min_samples=1,  # the lengths have seen to the neighbours
            metric="precomputed",
            cluster_selection_method=self.method,
            max_cluster_size=max(self.smallest, points // LARGEST) if self.method == "eom" else None,
            copy=True,
        ).fit(tree.matrix)
        return np.asarray(clustering.labels_, np.int64)


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of points.

    Attributes
    ----------
    labels
        The cluster of each point; −1 for none.
    membership, outlier
        How near to the heart of its cluster a point lies (1: in it, 0: in no cluster), and how far outside of what is
        dense near it (GLOSH), both 0 to 1.
    core
        The distance of each point to the last of its neighbours.
    birth, top
        Of each cluster the densities (1 ÷ distance) at which it parts from the rest, and at its heart.
    """

    labels: Labels
    membership: Floats
    outlier: Floats
    core: Floats
    birth: Floats
    top: Floats

    @property
    def count(self) -> int:
        return len(self.birth)

    def ordered(self, order: NDArray[np.int64]) -> Clusters:
        """These clusters with other numbers: the one of number order[0] becomes the first."""
        place = np.full(self.count + 1, -1)
        place[order] = np.arange(self.count)
        labels = place[self.labels]  # −1 is the last entry
        return Clusters(labels, self.membership, self.outlier, self.core, self.birth[order], self.top[order])


def _clusters(labels: Labels, tree: Branches, core: Floats) -> Clusters:
    count = int(labels.max(initial=-1)) + 1
    chosen = np.array([tree.holding(np.nonzero(labels == number)[0]) for number in range(count)], np.int64)
    birth, top = tree.birth[chosen], tree.top[chosen]
    membership = np.zeros(len(labels))
    inside = labels >= 0
    membership[inside] = np.minimum(1.0, tree.left[inside] / top[labels[inside]])
    return Clusters(labels, membership, tree.outlier, core, birth, top)
