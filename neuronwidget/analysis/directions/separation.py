"""Separation: how well one number tells two groups apart, with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuronwidget.analysis.scores import ranks

Floats = np.ndarray[Any, np.dtype[np.float64]]
_DRAWS = 1000


def auroc(ones: np.ndarray[Any, Any], others: np.ndarray[Any, Any]) -> float:
    """The chance that one of the first group is above one of the second; ties count half.

    >>> auroc(np.array([1.0, 2.0]), np.array([0.0, 1.0]))
    0.875
    """
    values = np.concatenate([ones, others])
    return float(ranks.auroc(values, np.arange(len(values)) < len(ones))[0])


def interval(ones: Floats, others: Floats, seed: int) -> tuple[float, float]:
    """95 % of what the same comes to when documents are drawn again, from each group as many."""
    source = np.random.default_rng(seed)
    drawn = [
        np.concatenate([source.choice(ones, len(ones)), source.choice(others, len(others))]) for _ in range(_DRAWS)
    ]
    each = ranks.auroc(np.stack(drawn, 1), np.arange(len(ones) + len(others)) < len(ones))
    low, high = np.quantile(each, [0.025, 0.975])
    return float(low), float(high)
