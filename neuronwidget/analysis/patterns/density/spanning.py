"""The spanning tree of a cloud of points, by how far one must reach for both to lie in dense places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.spatial.distance import cdist

Floats = NDArray[np.float64]
#: Points that are the same lie so far apart: a sparse matrix has no entry of 0.
LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class SpanningTree:
    """The shortest edges that connect all points: from, to, and how long they are [points − 1], in no order."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    lengths: Floats

    @property
    def matrix(self) -> csr_matrix:
        """The lengths as a sparse matrix [points, points]."""
        both = np.concatenate([self.starts, self.ends]), np.concatenate([self.ends, self.starts])
        points = len(self.lengths) + 1
        return coo_matrix((np.tile(self.lengths, 2), both), (points, points)).tocsr()

    def joined(self) -> tuple[NDArray[np.int64], Floats, NDArray[np.int64]]:
        """The order in which edges join clusters: which two [joints, 2], at what length, and how many points then.

        Clusters have the numbers of their points, and those that were joined go on from there.
        """
        points, order = len(self.lengths) + 1, np.argsort(self.lengths, kind="stable")
        above = list(range(2 * points - 1))
        sizes = [1] * points + [0] * (points - 1)
        pairs = []
        for joint, edge in enumerate(order.tolist(), points):
            pair = []
            for node in (int(self.starts[edge]), int(self.ends[edge])):
                top = node
                while above[top] != top:
                    above[top] = top = above[above[top]]
                pair.append(top)
            above[pair[0]] = above[pair[1]] = joint
            sizes[joint] = sizes[pair[0]] + sizes[pair[1]]
            pairs.append(pair)
        return np.array(pairs), self.lengths[order], np.array(sizes[points:])


def spanning_tree(points: Floats, core: Floats) -> SpanningTree:
    """The tree of points [points, dimensions]; `core`: how far each must reach for its neighbours to be within.

    An edge is as long as two points are apart, and no shorter than the core distance of either. Point after point joins
    the tree (Prim), and all that is left is compared with the newest; of several that are as near the first joins, to
    that which it was near to first.
    """
    count = len(points)
    numbers, rest, reach = np.arange(1, count), points[1:], core[1:].copy()
    best, source = np.full(count - 1, np.inf), np.zeros(count - 1, np.int64)
    starts, ends, lengths = np.zeros(count - 1, np.int64), np.zeros(count - 1, np.int64), np.zeros(count - 1)
    newest, since = 0, 0
    for step in range(count - 1):
        distances = cdist(points[newest : newest + 1], rest)[0]
        np.maximum(distances, reach, out=distances)
        np.maximum(distances, core[newest], out=distances)
        closer = distances < best
        np.copyto(best, distances, where=closer)
        np.copyto(source, newest, where=closer)
        at = int(best.argmin())
        newest = int(numbers[at])
        starts[step], ends[step], lengths[step] = source[at], newest, best[at]
        best[at] = reach[at] = np.inf  # it is in the tree, and never the nearest again
        since += 1
        if since * 6 > len(numbers):
            there = np.isfinite(reach)
            numbers, rest = numbers[there], rest[there]
            reach, best, source, since = reach[there], best[there], source[there], 0
    return SpanningTree(starts, ends, _apart(np.maximum(lengths, LEAST)))


def _apart(lengths: Floats) -> Floats:
    """Lengths of which no two are the same, by a last bit, in the order that a sort of numpy puts them into.

    Many are the same: all edges to a point in a thin place are as long as its core distance. Which of them come first
    decides to which side such a point goes, and other implementations of HDBSCAN leave that to numpy's sort.
    """
    order = np.argsort(lengths)
    ordered = lengths[order]
    begins = np.concatenate([[True], np.diff(ordered) > 0])
    rank = np.arange(len(ordered)) - np.nonzero(begins)[0][np.cumsum(begins) - 1]
    apart = np.empty_like(lengths)
    apart[order] = np.maximum.accumulate(ordered * (1 + 1e-14 * rank))
    return apart
