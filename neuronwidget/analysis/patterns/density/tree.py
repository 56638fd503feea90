"""The tree of branches in which a cloud of points parts as one asks for more and more density."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.density.spanning import LEAST

Floats = NDArray[np.float64]
#: Points as dense as this are the same one.
SAME = 0.5 / LEAST


@dataclass(frozen=True, eq=False)
class Branches:
    """Branches of at least so many points, by number; a parent comes before its children.

    Attributes
    ----------
    parent
        The branch that each came out of; −1 for the whole cloud.
    birth, top
        Densities (1 ÷ distance) at which a branch parts from its parent, and the largest one in it that is not of
        points which are the same.
    branch, left
        Of each point the branch that it was in to the last, and the density at which it left that.
    outlier
        How much less dense it is where a point leaves than at the densest place of its branch (GLOSH): 0 to 1.
    """

    parent: NDArray[np.int64]
    birth: Floats
    top: Floats
    branch: NDArray[np.int64]
    left: Floats
    outlier: Floats

    def holding(self, points: NDArray[np.int64]) -> int:
        """The branch that all of these points are in, and no others: their last common one."""
        chains = [self._chain(int(branch)) for branch in np.unique(self.branch[points])]
        return max(set(chains[0]).intersection(*chains[1:]))

    def _chain(self, branch: int) -> list[int]:
        chain = []
        while branch >= 0:
            chain.append(branch)
            branch = int(self.parent[branch])
        return chain


def branches(pairs: NDArray[np.int64], lengths: Floats, counts: NDArray[np.int64], smallest: int) -> Branches:
    """Branches of at least `smallest` points, from what joins what at which length, and how many points that makes.

    >>> pairs, lengths, counts = np.array([[0, 1], [2, 3], [4, 5]]), np.array([0.5, 0.5, 2.0]), np.array([2, 2, 4])
    >>> branches(pairs, lengths, counts, 2).birth.tolist()
    [0.0, 0.5, 0.5]
    """
    points = len(pairs) + 1
    sizes = [1] * points + counts.tolist()
    nodes = [(int(left), int(right)) for left, right in pairs.tolist()]
    densities = (1.0 / lengths).tolist()
    parent, birth = [-1], [0.0]
    branch, left = np.zeros(points, np.int64), np.zeros(points)
    open_ = [(2 * points - 2, 0)]
    while open_:
        node, own = open_.pop()
        density = densities[node - points]
        large = [child for child in nodes[node - points] if sizes[child] >= smallest]
        if len(large) == 2:
            for child in large:
                parent.append(own)
                birth.append(density)
                open_.append((child, len(parent) - 1))
            continue
        open_ += [(child, own) for child in large]
        for child in nodes[node - points]:
            if child not in large:
                fallen = _points_under(child, nodes, points)
                branch[fallen], left[fallen] = own, density
    return _with_scores(np.array(parent), np.array(birth), branch, left)


def _points_under(node: int, nodes: list[tuple[int, int]], points: int) -> list[int]:
    under, todo = [], [node]
    while todo:
        one = todo.pop()
        if one < points:
            under.append(one)
        else:
            todo += nodes[one - points]
    return under


def _with_scores(parent: NDArray[np.int64], birth: Floats, branch: NDArray[np.int64], left: Floats) -> Branches:
    apart = np.where(left < SAME, left, 0.0)
    own, deepest = np.zeros(len(parent)), np.zeros(len(parent))
    np.maximum.at(own, branch, apart)
    np.maximum.at(own, parent[1:], np.where(birth[1:] < SAME, birth[1:], 0.0))
    np.maximum.at(deepest, branch, apart)
    for number in range(len(parent) - 1, 0, -1):
        deepest[parent[number]] = max(deepest[parent[number]], deepest[number], own[number])
    top = np.where(own > 0, own, 1.0)
    densest = np.where(deepest > 0, deepest, 1.0)[branch]
    outlier = 1.0 - np.minimum(1.0, left / densest)
    return Branches(parent, birth, top, branch, left, outlier)
