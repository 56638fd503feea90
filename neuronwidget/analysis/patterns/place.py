"""Placing: the pattern that an input falls into which had no part in finding the patterns, and its place in the map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.density.cluster import Clusters, Labels
from neuronwidget.analysis.patterns.density.nearest import squared_distances, squared_lengths
from neuronwidget.analysis.patterns.space import Space
from neuronwidget.analysis.responses.reduce import reduced

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float64]
_NEAREST = 8
#: Nearer than this part of a point's usual distance to its neighbours, two points are the same.
_SAME = 1e-3


@dataclass(frozen=True)
class Placement:
    """Where an input lies among the patterns.

    Attributes
    ----------
    pattern
        Its number; −1 for none.
    membership, outlier
        How near to the heart of the pattern, and how far outside of what is dense: 0 to 1.
    x, y
        Its place in the map.
    nearest
        Numbers of the documents that the site treats most alike, the nearest first.
    """

    pattern: int
    membership: float
    outlier: float
    x: float
    y: float
    nearest: list[int]


@dataclass(frozen=True, eq=False)
class Assigned:
    """Patterns of several inputs [inputs]; `nearest`: the places of their nearest points [inputs, some]."""

    labels: Labels
    membership: Floats
    outlier: Floats
    nearest: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Field:
    """Points with their clusters, among which others are placed.

    A point belongs to a cluster that it is near enough to for the density between them to be above the one at which
    the cluster parts from the rest; of several, to the one that it is nearest to.
    """

    points: Floats
    clusters: Clusters
    neighbours: int

    def assign(self, points: Floats, nearest: int = 1) -> Assigned:
        """The clusters of other points [points, dimensions]."""
        clusters, count = self.clusters, len(points)
        order, starts = self._by_cluster
        labels = np.full(count, -1)
        membership, outlier = np.zeros(count), np.ones(count)
        near = np.zeros((count, min(nearest, len(self.points))), np.int64)
        for first, squares in squared_distances(points, self.points, self._norms):
            block = slice(first, first + len(squares))
            distances = np.sqrt(squares)
            near[block] = _smallest(distances, near.shape[1])
            core = np.partition(distances, self.neighbours - 1, axis=1)[:, self.neighbours - 1]
            if clusters.count:
                reach = np.maximum(np.maximum(distances, clusters.core), core[:, None])[:, order]
                between = np.minimum.reduceat(reach, starts, axis=1)
                labels[block], membership[block], outlier[block] = self._nearest_cluster(between)
            self._same(distances, near[block], block, labels, membership, outlier)
        return Assigned(labels, membership, outlier, near)

    @cached_property
    def _norms(self) -> Floats:
        return squared_lengths(self.points)

    @cached_property
    def _by_cluster(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The points in the order of their clusters, those of none left out; and where each cluster begins there."""
        labels = self.clusters.labels
        order = np.argsort(labels, kind="stable")[int((labels < 0).sum()) :]
        return order, np.searchsorted(labels[order], np.arange(self.clusters.count))

    def _nearest_cluster(self, between: Floats) -> tuple[Labels, Floats, Floats]:
        """From the distances [points, clusters]: labels, membership, outlier score."""
        birth, top = self.clusters.birth, self.clusters.top
        with np.errstate(divide="ignore"):
            density = 1.0 / between
        inside = density > birth
        best = np.where(inside, between, np.inf).argmin(1)
        rows = np.arange(len(between))
        belongs = inside[rows, best]
        closeness = np.minimum(1.0, density / top)
        labels = np.where(belongs, best, -1)
        membership = np.where(belongs, closeness[rows, best], 0.0)
        return labels, membership, 1.0 - np.where(belongs, closeness[rows, best], closeness.max(1))

    def _same(
        self,
        distances: Floats,
        near: NDArray[np.int64],
        block: slice,
        labels: Labels,
        membership: Floats,
        outlier: Floats,
    ) -> None:
        """What is one of the points has its cluster."""
        closest = near[:, 0]
        typical = np.maximum(self.clusters.core[closest], 1e-12)
        same = np.nonzero(distances[np.arange(len(near)), closest] <= _SAME * typical)[0]
        at = closest[same]
        labels[block][same] = self.clusters.labels[at]
        membership[block][same] = self.clusters.membership[at]
        outlier[block][same] = self.clusters.outlier[at]


def _smallest(distances: Floats, count: int) -> NDArray[np.int64]:
    """Places of the smallest in each row, the smallest first."""
    rows = np.arange(len(distances))[:, None]
    some = np.argpartition(distances, min(count, distances.shape[1] - 1), axis=1)[:, :count]
    return some[rows, np.argsort(distances[rows, some], axis=1, kind="stable")]


@dataclass(frozen=True, eq=False)
class Placer:
    """Places inputs among patterns, from what a site does on them. It needs no data and no second pass.

    Attributes
    ----------
    site, how
        What a row is made of.
    space
        Rows → points.
    points, documents
        The points [inputs, dimensions] that the patterns were found in, float32, and their numbers in the data.
    labels, membership, outlier, core, birth, top
        As in `Clusters`.
    map
        The place of each point in the map [inputs, 2].
    middle, axes
        How points come into the map, where it is a projection: [dimensions], [dimensions, 2]; None where neighbours
        tell.
    neighbours
        How many others must be near.
    """

    site: str
    how: str
    space: Space
    points: NDArray[np.float32]
    documents: NDArray[np.int64]
    labels: Labels
    membership: Floats
    outlier: Floats
    core: Floats
    birth: Floats
    top: Floats
    map: Floats
    middle: Floats | None
    axes: Floats | None
    neighbours: int

    def place(self, values: Tensor) -> Placement:
        """Where an input lies, from what the site does on it: [positions, units]."""
        return self.place_row(reduced(values, self.how).numpy())

    def place_row(self, row: NDArray[np.float32]) -> Placement:
        """The same from its row [columns]; one with a value that is no number lies in no pattern."""
        if not np.isfinite(row[self.space.columns]).all():
            return Placement(-1, 0.0, 1.0, float("nan"), float("nan"), [])
        points = self.space.points(row[None])
        found = self.field.assign(points, _NEAREST)
        x, y = self.onto_map(points, found)[0]
        return Placement(
            int(found.labels[0]),
            float(found.membership[0]),
            float(found.outlier[0]),
            float(x),
            float(y),
            self.documents[found.nearest[0]].tolist(),
        )

    @cached_property
    def field(self) -> Field:
        """The points with their clusters, made ready once: an input is placed at every key."""
        clusters = Clusters(self.labels, self.membership, self.outlier, self.core, self.birth, self.top)
        return Field(np.asarray(self.points, np.float64), clusters, self.neighbours)

    def onto_map(self, points: Floats, found: Assigned) -> Floats:
        """Places of points in the map [points, 2]; where that is no projection, in the middle of their neighbours."""
        if self.axes is not None and self.middle is not None:
            return (points - self.middle) @ self.axes
        middles: Floats = self.map[found.nearest].mean(1)
        return middles
