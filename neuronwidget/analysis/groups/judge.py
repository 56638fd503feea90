"""Judges groups on inputs that had no part in finding them: the mean correlation of their pairs, and its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neuronwidget.analysis.groups.products import Correlations, Floats, Numbers, Sampled, mean_of_pairs

#: Parts of the inputs that are left out in turn.
_PARTS = 20
_NORMAL = 1.96


@dataclass(frozen=True)
class Judged:
    """A group as it was found and as it holds.

    `signs`, `each` [units]: whether a unit goes with the first, and its correlation with the others of the group.
    """

    in_sample: float
    correlation: float
    low: float
    high: float
    signs: Numbers
    each: Floats


def judged(finding: Correlations, judging: Correlations, group: Numbers, rows: Floats, inputs: Numbers) -> Judged:
    """`rows` float32 [rows, units of the group], `inputs` [rows]: a sample of what judges, for the interval.

    Correlations count with the sign that they had when the group was found: a pair that turned round counts against it.
    """
    pairs = finding.between(group, group)
    signs = np.where(pairs[0] < 0, -1, 1)
    signs[0] = 1
    together = np.sign(pairs)
    held = judging.between(group, group) * together
    correlation = mean_of_pairs(held)
    low, high = _interval(rows, inputs, together, correlation)
    each = ((held.sum(1) - np.diag(held)) / (len(group) - 1)).astype(np.float32)
    return Judged(mean_of_pairs(np.abs(pairs)), correlation, low, high, signs, each)


def _interval(rows: Floats, inputs: Numbers, signs: Floats, value: float) -> tuple[float, float]:
    """95 % about a value, by leaving out a part of the inputs at a time; NaN where there are too few inputs."""
    names, place = np.unique(inputs, return_inverse=True)
    parts = min(_PARTS, len(names))
    if parts < 4:
        return float("nan"), float("nan")
    part = (place * parts) // len(names)
    without = [mean_of_pairs(_of_rows(rows[part != number]) * signs) for number in range(parts)]
    error = float(np.sqrt((parts - 1) * np.var(without)))
    return max(-1.0, value - _NORMAL * error), min(1.0, value + _NORMAL * error)


def _of_rows(rows: Floats) -> Floats:
    standard = Sampled(rows).rows
    correlations: Floats = standard.T @ standard
    return correlations
