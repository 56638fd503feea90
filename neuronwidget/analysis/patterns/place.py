"""Placing: the pattern that an input falls into which had no part in finding the patterns, and its place in the map."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.density.cluster import Clusters
from neuronwidget.analysis.patterns.density.field import Assigned, Field
from neuronwidget.analysis.patterns.space import Space
from neuronwidget.analysis.responses.reduce import row_of

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float64]
_NEAREST = 8


class Placement(NamedTuple):
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
    clusters
        The clusters of these points.
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
    clusters: Clusters
    map: Floats
    middle: Floats | None
    axes: Floats | None
    neighbours: int

    def place(self, values: Tensor) -> Placement:
        """Where an input lies, from what the site does on it: [positions, units]."""
        return self.place_values(values.numpy())

    def place_values(self, values: NDArray[np.float32], nearest: int = _NEAREST) -> Placement:
        """The same from an array, with so many of the nearest documents; a value that is no number is in no pattern."""
        point = self.space.point(row_of(values, self.how))
        assigned = self.field.assign_one(point, nearest if self.axes is not None else max(nearest, _NEAREST))
        if assigned is None:
            return Placement(-1, 0.0, 1.0, float("nan"), float("nan"), [])
        label, membership, outlier, near, along = assigned
        x, y = along or self.map[self.field.order[near]].mean(0).tolist()
        numbers = self._numbers
        return Placement(label, membership, outlier, x, y, [numbers[place] for place in near])

    @cached_property
    def _numbers(self) -> list[int]:
        """Numbers of the documents, in the order of the field."""
        numbers: list[int] = self.documents[self.field.order].tolist()
        return numbers

    @cached_property
    def field(self) -> Field:
        """The points with their clusters, made ready once: an input is placed at every key."""
        return Field(np.asarray(self.points, np.float64), self.clusters, self.neighbours, self.middle, self.axes)

    def onto_map(self, points: Floats, assigned: Assigned) -> Floats:
        """Places of points in the map [points, 2]; where that is no projection, in the middle of their neighbours."""
        if self.axes is not None and self.middle is not None:
            return (points - self.middle) @ self.axes
        middles: Floats = self.map[assigned.nearest].mean(1)
        return middles
