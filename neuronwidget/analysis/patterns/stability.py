"""Stability: do patterns come back when inputs are left out, and in halves that share no input?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.density.cluster import Labels, Settings
from neuronwidget.analysis.patterns.density.field import Field

Floats = NDArray[np.float64]
Step = Callable[[], None]
#: What part of the inputs each draw keeps.
SHARE = 0.8
#: How many times the inputs are cut into halves.
HALVES = 3
#: From which mean Jaccard on a pattern holds: over draws, and between halves.
HOLDS, REPEATS = 0.6, 0.6


def overlaps(labels: Labels, others: Labels) -> Floats:
    """Jaccard of each cluster with each of another clustering of the same points: [clusters, others].

    >>> overlaps(np.array([0, 0, 1, -1]), np.array([0, 0, 0, 1])).round(2).tolist()
    [[0.67, 0.0], [0.33, 0.0]]
    """
    ours, theirs = int(labels.max(initial=-1)) + 1, int(others.max(initial=-1)) + 1
    both = np.zeros((ours + 1, theirs + 1))
    np.add.at(both, (labels, others), 1)  # −1 is the last row and column
    union = both.sum(1)[:, None] + both.sum(0) - both
    shares: Floats = (both / np.maximum(union, 1))[:ours, :theirs]
    return shares


def best(shares: Floats) -> Floats:
    """The largest of each row; 0 where there is no column."""
    largest: Floats = shares.max(1, initial=0.0)
    return largest


@dataclass(frozen=True, eq=False)
class Stability:
    """How well each cluster comes back.

    Attributes
    ----------
    draws
        Jaccard with the likest cluster of each draw of 80 % of the inputs: [draws, clusters].
    repeats
        Jaccard between what two halves make of the cluster, each judged on the inputs of the other: [clusters].
    """

    draws: Floats
    repeats: Floats

    @property
    def mean(self) -> Floats:
        means: Floats = self.draws.mean(0) if len(self.draws) else np.zeros(self.draws.shape[1])
        return means

    @property
    def holds(self) -> NDArray[np.bool_]:
        """Which clusters hold: they come back, and halves that share nothing agree on them."""
        return (self.mean >= HOLDS) & (self.repeats >= REPEATS)


def stability(points: Floats, labels: Labels, settings: Settings, draws: int, seed: int, step: Step) -> Stability:
    """How well clusters come back; `step` is called after each draw and each pair of halves."""
    count, source = int(labels.max(initial=-1)) + 1, np.random.default_rng(seed)
    by_draw = np.zeros((draws, count))
    for draw in range(draws):
        chosen = np.sort(source.permutation(len(points))[: round(SHARE * len(points))])
        if count:
            by_draw[draw] = best(_padded(overlaps(labels[chosen], settings.labels(points[chosen])), count))
        step()
    repeats = np.zeros((HALVES, count))
    for cut in range(HALVES):
        order = source.permutation(len(points))
        if count:
            repeats[cut] = _between_halves(points, labels, settings, order[: len(order) // 2], order[len(order) // 2 :])
        step()
    return Stability(by_draw, repeats.mean(0))


def _padded(shares: Floats, count: int) -> Floats:
    """With a row of nothing for each cluster that lost all of its points."""
    rows = np.zeros((count, shares.shape[1]))
    rows[: len(shares)] = shares
    return rows


def _between_halves(
    points: Floats, labels: Labels, settings: Settings, one: NDArray[np.int64], other: NDArray[np.int64]
) -> Floats:
    """Each half makes its own clusters and places the other's inputs in them: how far do they agree on a cluster?"""
    count = int(labels.max(initial=-1)) + 1
    clusters = [settings.clusters(points[half]) for half in (one, other)]
    agreed = np.zeros(count)
    if not clusters[0].count or not clusters[1].count:
        return agreed
    like = [
        _padded(overlaps(labels[half], own.labels), count).argmax(1)
        for half, own in zip((one, other), clusters, strict=True)
    ]
    for ours, theirs in ((0, 1), (1, 0)):
        half = (one, other)[theirs]
        placed = Field(points[(one, other)[ours]], clusters[ours], settings.neighbours).assign(points[half]).labels
        shares = _padded(overlaps(placed, clusters[theirs].labels), clusters[ours].count)
        agreed += shares[like[ours], like[theirs]] / 2
    return agreed
