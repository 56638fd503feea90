"""Probes: how well the best k units of a training half tell a concept on the other half, for each k."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.scores.detection import average_precision, best_threshold, f1_at, mcc_at

Floats = NDArray[np.floating[Any]]
Truths = NDArray[np.bool_]
METRICS = ("f1", "mcc", "ap")
"""What a probe is measured by: F1 and Matthews correlation at a threshold of the training half, average precision."""
_FIRST = (1, 2, 3, 4, 5, 8, 16, 32)
_MOST = 1024


def sizes(width: int) -> list[int]:
    """For which k probes are fitted to a layer of so many units: 1, 2, 3, 4, 5, 8, 16, 32 … and all, up to 1,024.

    >>> sizes(12), sizes(40)
    ([1, 2, 3, 4, 5, 8, 12], [1, 2, 3, 4, 5, 8, 16, 32, 40])
    """
    doubled = [64 << step for step in range(5)]
    return [k for k in (*_FIRST, *doubled) if k < width] + ([width] if width <= _MOST else [])


def ranked(values: Floats, positive: Truths) -> NDArray[np.int64]:
    """Units by how well each alone separates the concept from the rest, F of an analysis of variance, best first.

    `values` [rows, units]. Units that do not vary come last; ties go to the lower number.
    """
    from sklearn.feature_selection import f_classif

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of units that do not vary
        strength = f_classif(values, positive)[0]
    # Two values that separate without any spread give an infinite F: the best there is.
    order: NDArray[np.int64] = np.argsort(-np.nan_to_num(strength, nan=-1.0, posinf=np.inf), kind="stable")
    return order


def scaled(values: Floats, train: Truths) -> NDArray[np.float32]:
    """Each unit with the mean 0 and the deviation 1 on the training half; 0 where it does not vary there."""
    part = values[train].astype(np.float64)
    mean, spread = part.mean(0), part.std(0)
    still = spread <= 1e-12 * np.maximum(1.0, np.abs(mean))
    scale = np.where(still, 0.0, 1.0 / np.where(still, 1.0, spread))
    standard: NDArray[np.float32] = ((values - mean) * scale).astype(np.float32)
    return standard


def curve(
    values: Floats,
    positive: Truths,
    halves: tuple[Truths, Truths],
    ks: Sequence[int],
    step: Callable[[], None] = lambda: None,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The units in their order on the training half, and the scores on the other half, [k, metrics].

    `values` [rows, units], scaled; `positive` [rows]; `halves` bool [rows] each. The probes are logistic regressions
    with an L2 penalty, in which both sides weigh the same.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    train, test = halves
    given, wanted = values[train], positive[train]
    order = ranked(given, wanted)
    scores = np.empty((len(ks), len(METRICS)))
    for place, k in enumerate(ks):
        step()
        probe = LogisticRegression(class_weight="balanced", max_iter=300)
        columns = order[:k]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the last bits change no score
            probe.fit(given[:, columns], wanted)
        decision = probe.decision_function(values[:, columns])[:, None]
        threshold = best_threshold(decision[train], wanted)
        held = decision[test], positive[test]
        scores[place] = [float(f1_at(*held, threshold)[0]), float(mcc_at(*held, threshold)[0]),
                         float(average_precision(*held)[0])]  # fmt: skip
    return order, scores
