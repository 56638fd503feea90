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
        count, known = len(points), self._by_cluster
        labels = np.full(count, -1)
        membership, outlier = np.zeros(count), np.ones(count)
        near = np.zeros((count, min(nearest, len(self.points))), np.int64)
        for first, squares in squared_distances(points, known.points, known.norms):
            block = slice(first, first + len(squares))
            distances = np.sqrt(squares, out=squares)
            some, farthest = _smallest(distances, near.shape[1], self.neighbours)
            near[block] = known.order[some]
            if self.clusters.count:
                # The least of what is at least the core distance is the least, or that.
                between = np.minimum.reduceat(np.maximum(distances[:, known.skip :], known.core), known.starts, axis=1)
                found = self._nearest_cluster(np.maximum(between, farthest[:, None]))
                labels[block], membership[block], outlier[block] = found
            closest = distances[np.arange(len(some)), some[:, 0]]
            self._same(closest, near[block, 0], block, labels, membership, outlier)
        return Assigned(labels, membership, outlier, near)

    @cached_property
    def _by_cluster(self) -> _ByCluster:
        labels = self.clusters.labels
        order = np.argsort(labels, kind="stable")
        skip = int((labels < 0).sum())
        starts = np.searchsorted(labels[order[skip:]], np.arange(self.clusters.count))
        points = np.ascontiguousarray(self.points[order])
        return _ByCluster(order, skip, starts, points, squared_lengths(points), self.clusters.core[order[skip:]])

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
        closest: NDArray[np.int64],
        block: slice,
        labels: Labels,
        membership: Floats,
        outlier: Floats,
    ) -> None:
        """What is one of the points has its cluster; `distances`: to the closest of them, of each."""
        same = np.flatnonzero(distances <= _SAME * np.maximum(self.clusters.core[closest], 1e-12))
        if len(same):
            at = closest[same]
            labels[block][same] = self.clusters.labels[at]
            membership[block][same] = self.clusters.membership[at]
            outlier[block][same] = self.clusters.outlier[at]


@dataclass(frozen=True, eq=False)
class _ByCluster:
    """Points in the order of their clusters, those of none first; made ready once, for a point is placed at every key.

    `order`: their places in the field; `skip`: so many have no cluster; `starts`: where each cluster begins behind
    these; `core`: core distances behind these.
    """

    order: NDArray[np.int64]
    skip: int
    starts: NDArray[np.int64]
    points: Floats
    norms: Floats
    core: Floats


def _smallest(distances: Floats, count: int, nth: int) -> tuple[NDArray[np.int64], Floats]:
    """Places of the smallest in each row, the smallest first; and the value of the `nth` smallest."""
    rows = np.arange(len(distances))[:, None]
    most = min(max(count, nth), distances.shape[1])
    some = np.argpartition(distances, most - 1, axis=1)[:, :most]
    values = distances[rows, some]
    order = np.argsort(values, axis=1, kind="stable")
    return some[rows, order[:, :count]], values[rows[:, 0], order[:, nth - 1]]


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
