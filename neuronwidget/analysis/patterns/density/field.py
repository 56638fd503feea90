"""Points with their clusters, among which others are placed: many at once, or one at every key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import hypot, inf, isfinite, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.density.cluster import Clusters, Labels
from neuronwidget.analysis.patterns.density.nearest import squared_distances, squared_lengths

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
#: Nearer than this part of a point's usual distance to its neighbours, two points are the same.
_SAME = 1e-3


class Assigned(NamedTuple):
    """Patterns of several inputs [inputs]; `nearest`: the places of their nearest points [inputs, some]."""

    labels: Labels
    membership: Floats
    outlier: Floats
    nearest: Places


class AssignedOne(NamedTuple):
    """Pattern of one input, as `Assigned` has those of several.

    `nearest`: the nearest points, by their places in `Field.order`; `along`: how far out it is along the field's axes.
    """

    label: int
    membership: float
    outlier: float
    nearest: list[int]
    along: list[float]


@dataclass(frozen=True, eq=False)
class Field:
    """Points with their clusters, among which others are placed.

    A point belongs to a cluster that it is near enough to for the density between them to be above the one at which
    the cluster parts from the rest; of several, to the one that it is nearest to. What is one of the points has its
    cluster. `axes` [dimensions, axes] through a `middle`, if there are any: one other point is told along these, too.
    """

    points: Floats
    clusters: Clusters
    neighbours: int
    middle: Floats | None = None
    axes: Floats | None = None

    def assign(self, points: Floats, nearest: int = 1) -> Assigned:
        """The clusters of other points [points, dimensions]."""
        ordered = self._by_cluster
        parts = [
            self._assigned(np.sqrt(squares, out=squares), nearest)
            for _, squares in squared_distances(points, ordered.points, ordered.norms)
        ]
        return parts[0] if len(parts) == 1 else Assigned(*map(np.concatenate, zip(*parts, strict=True)))

    @property
    def order(self) -> Places:
        """The points in the order of their clusters, those of none first."""
        return self._by_cluster.order

    def assign_one(self, point: list[float], nearest: int = 1) -> AssignedOne | None:
        """The cluster of one other point [dimensions], as `assign` tells it; None where it is no place.

        Caches are cold at every key: then a call of numpy that did not run a moment before takes as long as many steps
        of Python, so there are few of them, and the same again rather than others.
        """
        length = hypot(*point) ** 2
        if not isfinite(length):
            return None
        ready, points = self._ready, len(self.points)
        products = ready.rows.dot(np.array([*point, 1.0]))
        squares, along = products[:points], products[points:].tolist()
        places, values = [], []
        next_nearest, square_of = squares.argmin, squares.item
        for _ in range(min(max(nearest, self.neighbours), points)):
            place = int(next_nearest())
            places.append(place)
            values.append(square_of(place) + length)
            squares[place] = inf
        near = places[:nearest]
        if values[0] <= 0 or sqrt(values[0]) <= ready.same[places[0]]:
            at, clusters = self.order[places[0]], self.clusters
            closeness, outlier = float(clusters.membership[at]), float(clusters.outlier[at])
            return AssignedOne(int(clusters.labels[at]), closeness, outlier, near, along)
        farthest = max(values[self.neighbours - 1], 0.0)
        best, between = self._nearest_of(places, values, farthest)
        if best >= 0 and between <= values[-1]:  # none that is further away can be nearer than that
            closeness = _closeness(between, ready.tops[best])
            return AssignedOne(best, closeness, 1.0 - closeness, near, along)
        squares += length
        squares[places] = values
        return AssignedOne(*self._cluster_of(squares, farthest), near, along)

    def _nearest_of(self, places: list[int], values: list[float], farthest: float) -> tuple[int, float]:
        """The cluster that some points say, the nearest first, and the square of how near it is; −1: none of them."""
        core, labels, limits = self._ready.core, self._ready.labels, self._ready.limits
        best, between = -1, inf
        for place, value in zip(places, values, strict=True):
            if value > between:
                break
            cluster, own = labels[place], core[place]
            reached = own if own > value else value
            if farthest > reached:
                reached = farthest
            nearer = reached < between or (reached == between and cluster < best)
            if nearer and cluster >= 0 and reached < limits[cluster]:
                best, between = cluster, reached
        return best, between

    def _cluster_of(self, squares: Floats, farthest: float) -> tuple[int, float, float]:
        """From squared distances to all points, those in the order of their clusters, as `_nearest_cluster` does."""
        ready, ordered = self._ready, self._by_cluster
        if not self.clusters.count:
            return -1, 0.0, 1.0
        reached = np.maximum(squares[ordered.skip :], ready.cores)
        best, between, closest = -1, inf, 0.0
        for cluster, square in enumerate(np.minimum.reduceat(reached, ordered.starts).tolist()):
            own = square if square > farthest else farthest
            closest = max(closest, _closeness(own, ready.tops[cluster]))
            if own < between and own < ready.limits[cluster]:
                best, between = cluster, own
        if best < 0:
            return -1, 0.0, 1.0 - closest
        closeness = _closeness(between, ready.tops[best])
        return best, closeness, 1.0 - closeness

    @cached_property
    def _by_cluster(self) -> _ByCluster:
        labels = self.clusters.labels
        order = np.argsort(labels, kind="stable")
        skip = int((labels < 0).sum())
        starts = np.searchsorted(labels[order[skip:]], np.arange(self.clusters.count))
        points = np.ascontiguousarray(self.points[order])
        core = self.clusters.core[order]
        same = _SAME * np.maximum(core, 1e-12)
        return _ByCluster(order, skip, starts, points, squared_lengths(points), core[skip:], same)

    @cached_property
    def _ready(self) -> _Ready:
        ordered, clusters = self._by_cluster, self.clusters
        core, labels = clusters.core[ordered.order] ** 2, clusters.labels[ordered.order]
        limits = [inf if birth == 0 else birth**-2.0 for birth in clusters.birth.tolist()]
        rows = np.column_stack([-2.0 * ordered.points, ordered.norms])
        if self.axes is not None and self.middle is not None:
            rows = np.concatenate([rows, np.column_stack([self.axes.T, -self.middle.dot(self.axes)])])
        lists = (each.tolist() for each in (labels, core, ordered.same, clusters.top))
        return _Ready(rows, core[ordered.skip :], limits, *lists)

    def _assigned(self, distances: Floats, nearest: int) -> Assigned:
        """From the distances [points, others], those in the order of their clusters."""
        ordered, rows = self._by_cluster, np.arange(len(distances))[:, None]
        most = min(max(nearest, self.neighbours), distances.shape[1])
        some = np.argpartition(distances, most - 1, axis=1)[:, :most]
        values = distances[rows, some]
        order = np.argsort(values, axis=1, kind="stable")
        some, values = some[rows, order], values[rows, order]
        near = ordered.order[some[:, :nearest]]
        farthest = values[:, self.neighbours - 1 : self.neighbours]
        labels, membership, outlier = self._nearest_cluster(distances, farthest)
        same = values[:, 0] <= ordered.same[some[:, 0]]
        if same.any():
            at, clusters = near[same, 0], self.clusters
            labels[same], membership[same], outlier[same] = (
                each[at] for each in (clusters.labels, clusters.membership, clusters.outlier)
            )
        return Assigned(labels, membership, outlier, near)

    def _nearest_cluster(self, distances: Floats, farthest: Floats) -> tuple[Labels, Floats, Floats]:
        """Labels, membership, outlier score; `farthest` [points, 1]: how far the neighbours are that must be near."""
        ordered, birth, top = self._by_cluster, self.clusters.birth, self.clusters.top
        if not self.clusters.count:
            return np.full(len(distances), -1), np.zeros(len(distances)), np.ones(len(distances))
        # The least of what is at least the core distance is the least, or that.
        between = np.minimum.reduceat(np.maximum(distances[:, ordered.skip :], ordered.core), ordered.starts, axis=1)
        between = np.maximum(between, farthest)
        with np.errstate(divide="ignore"):
            density = 1.0 / between
        inside = density > birth
        best = np.where(inside, between, np.inf).argmin(1)
        rows = np.arange(len(between))
        belongs = inside[rows, best]
        closeness = np.minimum(1.0, density / top)
        own = closeness[rows, best]
        labels = np.where(belongs, best, -1)
        return labels, np.where(belongs, own, 0.0), 1.0 - np.where(belongs, own, closeness.max(1))


@dataclass(frozen=True, eq=False)
class _ByCluster:
    """Points in the order of their clusters, those of none first.

    `order`: their places in the field; `skip`: so many have no cluster; `starts`: where each cluster begins behind
    these; `core`: core distances behind these; `same`: nearer than this to a point is the same.
    """

    order: Places
    skip: int
    starts: Places
    points: Floats
    norms: Floats
    core: Floats
    same: Floats


class _Ready(NamedTuple):
    """What one point more needs of them.

    `rows` [points and axes, dimensions + 1]: with a point and a 1 behind it they give the squared distances less the
    squared length of the point, and how far out it is along each axis. `cores`: squared core distances of the points in
    clusters; `limits`: of each cluster the square of how near it must be; `labels`, `core` (squared), `same`: of each
    point; `tops`: densities at the clusters' hearts.
    """

    rows: Floats
    cores: Floats
    limits: list[float]
    labels: list[int]
    core: list[float]
    same: list[float]
    tops: list[float]


def _closeness(square: float, top: float) -> float:
    """How near to its heart a squared distance to a cluster is: 1 in it, 0 far away."""
    return min(1.0, 1.0 / sqrt(square) / top) if square > 0 else 1.0
