"""Distances between points, in blocks: so much memory and no more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

Floats = NDArray[np.float64]
_VALUES = 4 << 20


def squared_lengths(points: Floats) -> Floats:
    """Squared length of each point [points, dimensions]."""
    squares: Floats = np.einsum("ij,ij->i", points, points)
    return squares


def squared_distances(points: Floats, others: Floats, norms: Floats | None = None) -> Iterator[tuple[int, Floats]]:
    """Squared distances [some points, others], block by block, each with the number of its first point.

    `norms`: the squared lengths of the others, where they are known.
    """
    step = max(1, _VALUES // max(1, len(others)))
    norms = squared_lengths(others) if norms is None else norms
    for start in range(0, len(points), step):
        block = points[start : start + step]
        squares = block @ others.T
        squares *= -2
        squares += norms
        squares += squared_lengths(block)[:, None]
        yield start, np.maximum(squares, 0.0, out=squares)


def core_distances(points: Floats, neighbours: int) -> Floats:
    """The distance of each point to the last of its `neighbours` nearest others.

    Differences are squared, and not lengths taken from products: a distance is the same to the last bit whoever asks,
    and that many edges of a spanning tree are as long as a core distance can be seen.
    """
    core, step = np.empty(len(points)), max(1, _VALUES // len(points))
    for start in range(0, len(points), step):
        distances = cdist(points[start : start + step], points)  # a point itself is its first neighbour
        core[start : start + step] = np.partition(distances, neighbours, axis=1)[:, neighbours]
    return core
