"""Separation: how well one number tells two groups apart, with its interval."""

from __future__ import annotations

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
_DRAWS = 1000


def auroc(ones: np.ndarray[Any, Any], others: np.ndarray[Any, Any]) -> float:
    """The chance that one of the first group is above one of the second; ties count half.

    >>> auroc(np.array([1.0, 2.0]), np.array([0.0, 1.0]))
    0.875
    """
    ordered = np.sort(others)
    below, not_above = (np.searchsorted(ordered, ones, side) for side in ("left", "right"))
    return float((below + not_above).mean() / 2 / len(others))


def interval(ones: Floats, others: Floats, seed: int) -> tuple[float, float]:
    """95 % of what the same comes to when documents are drawn again, from each group as many."""
    source = np.random.default_rng(seed)
    drawn = [auroc(source.choice(ones, len(ones)), source.choice(others, len(others))) for _ in range(_DRAWS)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)
