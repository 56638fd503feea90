"""Distances between points, in blocks: so much memory and no more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_VALUES = 4 << 20


def squared_lengths(points: Floats) -> Floats:
    """Of each point [points, dimensions]."""
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
    """The distance of each point to the last of its `neighbours` nearest others."""
    core = np.empty(len(points))
    for start, squares in squared_distances(points, points):
        squares[np.arange(len(squares)), start + np.arange(len(squares))] = 0.0
        core[start : start + len(squares)] = np.partition(squares, neighbours, axis=1)[:, neighbours]
    return np.sqrt(core)
