"""Controls of patterns: the same made of permuted columns, and of an untrained twin."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.density.cluster import Labels, Settings
from neuronwidget.analysis.patterns.space import Space, turned
from neuronwidget.analysis.patterns.stability import HALVES, stability

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Beside:
    """Patterns of something that is not the model itself.

    Attributes
    ----------
    words
        What it is: "permuted columns", "digits (untrained)".
    patterns, holding
        How many groups there are, and how many of them hold; the mean over draws, where it was drawn several times.
    noise
        The share of inputs in none.
    stability
        The largest stability that one of them has; 0 where there is none.
    agreement
        How far patterns and labels agree (AMI); NaN where there are no labels.
    """

    words: str
    patterns: float
    holding: float
    noise: float
    stability: float
    agreement: float


def agreement(labels: Labels, names: Sequence[str | None]) -> float:
    """Adjusted mutual information of patterns, with the inputs in none as one of them, and names; NaN without names."""
    if all(name is None for name in names):
        return float("nan")
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score([str(name) for name in names], labels))


def beside(
    words: str,
    points: Floats,
    settings: Settings,
    draws: int,
    seed: int,
    step: Callable[[], None],
    names: Sequence[str | None] = (),
) -> Beside:
    """Patterns of other points, judged as those of the model are."""
    labels = settings.labels(points)
    step()
    held = stability(points, labels, settings, draws, seed, step)
    return Beside(
        words,
        float(held.draws.shape[1]),
        float(held.holds.sum()),
        float((labels < 0).mean()),
        float(held.mean.max(initial=0.0)),
        agreement(labels, names),
    )


def null(
    space: Space,
    scaled: NDArray[np.float32],
    settings: Settings,
    times: int,
    draws: int,
    seed: int,
    step: Callable[[], None],
) -> Beside | None:
    """Patterns of scaled rows whose columns were permuted apart, so that no unit goes with another; None: not asked."""
    drawn = []
    for number in range(times):
        source = np.random.default_rng([seed, number])
        mixed = source.permuted(scaled, axis=0)
        there = space if space.axes is None else turned(space, mixed, seed)
        points = there.turned(mixed)
        drawn.append(beside("permuted columns", points, settings, draws, seed + number, step))
    if not drawn:
        return None
    means = {name: float(np.mean([getattr(one, name) for one in drawn])) for name in ("patterns", "holding", "noise")}
    most = max(one.stability for one in drawn)
    return Beside("permuted columns", **means, stability=most, agreement=float("nan"))


def steps(draws: int, times: int) -> int:
    """How many steps so many draws take, made of so many sets of points beside the model's own."""
    return (1 + times) * (1 + draws + HALVES)
