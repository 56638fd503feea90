"""Ranks: how well units tell two sides of inputs apart, and how sure that is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from neuronwidget.analysis.scores.intervals import bootstrap
from neuronwidget.analysis.scores.ordered import Ordered
from neuronwidget.analysis.scores.sides import Flags, Floats, Values, blocks, checked


def auroc(values: Any, positive: Any) -> Floats:
    """The chance that a positive input is above another one, those alike counted half: [units].

    NaN where a unit has a NaN, or where all inputs are of one side.

    >>> auroc(np.array([[1.0, 5.0], [2.0, 4.0], [0.0, 5.0], [1.0, 6.0]]), [True, True, False, False])
    array([0.875, 0.125])
    """
    values, positive = checked(values, positive)
    yes = int(positive.sum())
    if yes in (0, len(positive)):
        return np.full(values.shape[1], np.nan)

    def told(part: Values) -> Floats:
        ordered = Ordered.of(part)
        over = np.einsum("ui,ui->u", ordered.ranks_in_order(), positive[ordered.order].astype(np.float64))
        area: Floats = (over - yes * (yes + 1) / 2) / (yes * (len(positive) - yes))
        return np.where(ordered.broken, np.nan, area)

    return _by_block(values, told)


def mann_whitney(values: Any, positive: Any) -> Floats:
    """The two-sided p-value of a rank-sum test, [units]: normal, corrected for ties and for being continuous."""
    values, positive = checked(values, positive)
    return _by_block(values, lambda part: RankSums.of(part).p(positive))


def auroc_interval(
    values: Any, positive: Any, documents: Any = None, draws: int = 1000, seed: int = 0, level: float = 0.95
) -> tuple[Floats, Floats]:
    """An interval of `auroc`, [units] each, from inputs drawn again, those of one document together.

    Where all of one side are above the other the draws all say so: then the interval ends where as many pairs as the
    smaller side has would no longer all have come out so.
    """
    values, positive = checked(values, positive)
    if not positive.any() or positive.all():
        return np.full(values.shape[1], np.nan), np.full(values.shape[1], np.nan)
    documents = np.arange(len(values)) if documents is None else np.asarray(documents)
    low, high = np.empty(values.shape[1]), np.empty(values.shape[1])
    sides = np.stack([positive, ~positive], 1).astype(np.float64)
    fewest = min(len(np.unique(documents[side])) for side in (positive, ~positive))
    surely = float((1 - level) / 2) ** (1 / fewest)
    for part in blocks(values):
        above = _above(values[:, part], positive)
        units = above.shape[1]
        middle = above[positive].mean(0)

        def statistic(sums: Floats, units: int = units, middle: Floats = middle) -> Floats:
            yes, no = sums[:, :units] / sums[:, -2:-1], sums[:, units:-2] / sums[:, -1:]
            return yes + no - middle

        rows = np.concatenate([above * sides[:, :1], above * sides[:, 1:], sides], 1)
        strata = _strata(documents, positive)
        ends = bootstrap(rows, statistic, documents, draws, seed, level, strata)
        low[part] = np.where(middle >= 1, surely, ends[0].clip(0, 1))
        high[part] = np.where(middle <= 0, 1 - surely, ends[1].clip(0, 1))
    return low, high


class RankSums:
    """Ranks of inputs for some units, less their mean, from which any way to put inputs on two sides is told.

    Attributes
    ----------
    ranks
        [inputs, units].
    """

    def __init__(self, ranks: Floats) -> None:
        self.ranks = ranks
        self._squares = np.square(ranks).sum(0)

    @classmethod
    def of(cls, values: Values) -> RankSums:
        """Ranks of values [inputs, units]."""
        return cls(Ordered.of(values).ranks() - (len(values) + 1) / 2)

    def auroc(self, positive: Flags) -> Floats:
        """`auroc` for sides [inputs] or several draws of them [draws, inputs]: [units] or [draws, units]."""
        over, pairs = self._over(positive)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(pairs > 0, 0.5 + over / pairs, np.nan)

    def p(self, positive: Flags) -> Floats:
        """`mann_whitney` of the same."""
        over, pairs = self._over(positive)
        inputs = len(self.ranks)
        with np.errstate(invalid="ignore", divide="ignore"):
            spread = np.sqrt(pairs * self._squares / (inputs * (inputs - 1)))
            z = (np.abs(over) - 0.5) / spread
        z = np.where((spread > 0) | np.isnan(over), z, -np.inf)
        return np.where(pairs > 0, np.minimum(1.0, 2 * ndtr(-z)), np.nan)

    def _over(self, positive: Flags) -> tuple[Floats, NDArray[np.float64]]:
        """By how many pairs the positive side is above what chance gives, and how many pairs there are."""
        flags = np.asarray(positive, bool)
        count = flags.sum(-1, keepdims=True).astype(np.float64)
        return flags.astype(np.float64) @ self.ranks, count * (flags.shape[-1] - count)


def _by_block(values: Values, score: Any) -> Floats:
    parts = [score(values[:, part]) for part in blocks(values)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _above(values: Values, positive: Flags) -> Floats:
    """Of each input the share of the other side that it is on the right side of: [inputs, units]."""
    ranks = Ordered.of(values).ranks()
    share = np.empty_like(ranks)
    for side in (positive, ~positive):
        own = Ordered.of(values[side]).ranks()
        below = (ranks[side] - own) / (len(values) - side.sum())
        share[side] = below if side is positive else 1 - below
    return share


def _strata(documents: NDArray[Any], positive: Flags) -> NDArray[np.int64]:
    """On which side a row's document is: 1, 2, or 3 for both."""
    names, place = np.unique(documents, return_inverse=True)
    there = [np.bincount(place[side], minlength=len(names)) > 0 for side in (positive, ~positive)]
    strata: NDArray[np.int64] = (there[0] + 2 * there[1])[place].astype(np.int64)
    return strata
