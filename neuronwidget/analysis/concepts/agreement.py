"""Agreement of two corpora, or two halves of one, about what a unit is: are their exemplars alike?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neuronwidget.analysis.concepts.clusters import Floats, likeness

Flags = np.ndarray[Any, np.dtype[np.bool_]]
_DRAWS, _LEVEL, _HALF = 199, 0.05, 0.5


@dataclass(frozen=True)
class Agreement:
    """How alike the exemplars of two corpora are.

    Attributes
    ----------
    between
        "halves" of the exemplars' inputs, or "corpora".
    value
        The mean cosine of an exemplar of one with one of the other, as a share of what it is within each: 1 where it
        makes no difference from which of the two an exemplar is, 0 where they have nothing in common.
    p
        How often they differ as much when exemplars are dealt out at random.
    """

    between: str
    value: float
    p: float

    @property
    def differs(self) -> bool:
        """Is the unit another one in each of the two?"""
        return self.value < _HALF and self.p <= _LEVEL


def agreement(rows: Floats, weights: Floats, second: Flags, between: str, seed: int) -> Agreement | None:
    """Agreement of two parts of weighted directions [n, d]; `second` [n]: which are of the second. None: too few."""
    strong = weights > 0
    if min((strong & second).sum(), (strong & ~second).sum()) < 3:
        return None
    source = np.random.default_rng(seed)
    value, apart = _measured(rows, weights, second)
    drawn = [_measured(rows, weights, source.permutation(second))[1] for _ in range(_DRAWS)]
    return Agreement(between, value, float((1 + sum(other >= apart for other in drawn)) / (1 + _DRAWS)))


def _measured(rows: Floats, weights: Floats, second: Flags) -> tuple[float, float]:
    """The cosine between the two as a share of that within, and by how much it is below."""
    sides = [(rows[chosen], weights[chosen]) for chosen in (~second, second)]
    within = [likeness(*side) for side in sides]
    sums = [(weight @ side) / max(weight.sum(), 1e-30) for side, weight in sides]
    between = float(sums[0] @ sums[1])
    return float(between / max(np.sqrt(max(within[0], 0) * max(within[1], 0)), 1e-9)), float(np.mean(within)) - between
