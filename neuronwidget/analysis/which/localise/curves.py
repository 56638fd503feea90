"""Curves of one concept over several splits: of the units, of a random basis of them, and with the labels shuffled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.groups.null import rotated
from neuronwidget.analysis.scores.halves import halves
from neuronwidget.analysis.which.localise.probe import METRICS, curve, scaled, sizes

BASES = ("units", "rotated", "control")
"""The units themselves; as many directions of a random basis of them; the units with the labels shuffled."""


@dataclass(frozen=True)
class Curves:
    """How well the best k tell a concept on the other half, for each split.

    Attributes
    ----------
    ks
        For which k.
    scores
        By basis float64 [splits, k, metrics].
    orders
        The units in their order on the training half, int64 [splits, units].
    first
        The halves of the first split: bool [rows] each.
    """

    ks: list[int]
    scores: dict[str, NDArray[np.float64]]
    orders: NDArray[np.int64]
    first: tuple[NDArray[np.bool_], NDArray[np.bool_]]

    def mean(self, basis: str, metric: str) -> NDArray[np.float64]:
        """Mean over the splits, for each k."""
        mean: NDArray[np.float64] = self.scores[basis][:, :, METRICS.index(metric)].mean(0)
        return mean

    def ends(self, basis: str, metric: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Least and largest of the splits, for each k."""
        all_ = self.scores[basis][:, :, METRICS.index(metric)]
        return all_.min(0), all_.max(0)


def curves(
    values: NDArray[np.float32],
    documents: NDArray[np.int64],
    positive: NDArray[np.bool_],
    ks: Sequence[int] | None,
    splits: int,
    seed: int,
    step: Callable[[], None],
) -> Curves:
    """Curves of rows [rows, units] of documents [rows], which have a concept or not."""
    wanted = [k for k in ks if k <= values.shape[1]] if ks is not None else sizes(values.shape[1])
    scores: dict[str, list[Any]] = {basis: [] for basis in BASES}
    orders, first = [], None
    for split in range(splits):
        source = np.random.default_rng([seed, split])
        both = halves(documents, positive, seed=seed + split)
        first = first or both
        own = scaled(values, both[0])
        turned = scaled(rotated(values, documents, source), both[0])
        drawn = positive.copy()
        for half in both:  # each keeps as many as it had
            drawn[half] = shuffled(positive[half], documents[half], source)
        for basis, rows, truth in (("units", own, positive), ("rotated", turned, positive), ("control", own, drawn)):
            order, score = curve(rows, truth, both, wanted, step)
            scores[basis].append(score)
            if basis == "units":
                orders.append(order)
    assert first is not None
    return Curves(wanted, {basis: np.stack(score) for basis, score in scores.items()}, np.stack(orders), first)


def rotations(
    values: NDArray[np.float32],
    documents: NDArray[np.int64],
    positive: NDArray[np.bool_],
    both: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    k: int,
    draws: int,
    seed: int,
    step: Callable[[], None],
) -> NDArray[np.float64]:
    """What the best k directions of random bases score on one split, Matthews' correlation of each: [draws].

    Where no basis is better than another, the units' own is one of them: it is ahead of all of 19 in 1 of 20 cases.
    """
    source = np.random.default_rng([seed, draws])
    place = METRICS.index("mcc")
    scores = np.empty(draws)
    for draw in range(draws):
        turned = scaled(rotated(values, documents, source), both[0])
        scores[draw] = curve(turned, positive, both, [k], step)[1][0, place]
    return scores


def shuffled(
    positive: NDArray[np.bool_], documents: NDArray[np.int64], source: np.random.Generator
) -> NDArray[np.bool_]:
    """The labels of documents in a random order; those of positions, documents in a random order, moved on by a number.

    What follows each other in a document goes on doing so.
    """
    names, place = np.unique(documents, return_inverse=True)
    if len(names) == len(documents):
        drawn: NDArray[np.bool_] = positive[source.permutation(len(positive))]
        return drawn
    order = np.argsort(source.permutation(len(names))[place], kind="stable")
    moved = np.empty_like(positive)
    moved[order] = np.roll(positive[order], int(source.integers(len(positive))))
    return moved
