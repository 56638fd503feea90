"""Detection: how well a unit that fires above a threshold finds the positive inputs; all units at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neuronwidget.analysis.scores.ordered import Ordered
from neuronwidget.analysis.scores.sides import Flags, Floats, blocks, checked

#: Up to this share of positive inputs AUROC cannot see that some of them are not labelled.
RARE = 0.02


def average_precision(values: Any, positive: Any) -> Floats:
    """The mean over positive inputs of the precision at their value, [units]; chance gives the share of them.

    >>> average_precision([3.0, 2.0, 1.0, 0.0], [True, False, True, False]).round(3).tolist()
    [0.833]
    """
    values, positive = checked(values, positive)
    scores = np.full(values.shape[1], np.nan)
    for part in blocks(values):
        ordered = Ordered.of(values[:, part])
        hits, fired, flags = _from_each_place(ordered, positive)
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.where(flags, hits / fired, 0.0).sum(1) / positive.sum()
        scores[part] = np.where(ordered.broken, np.nan, precision)
    return scores


def best_threshold(values: Any, positive: Any, measure: str = "f1") -> Floats:
    """The threshold above which a unit finds the positive inputs best by a measure ("f1", "mcc", "iou"): [units].

    It lies in the middle between two values; −∞ where it is best to fire always, NaN where a unit has a NaN or where
    no input is positive.
    """
    values, positive = checked(values, positive)
    if measure not in _MEASURES:
        raise ValueError(f"measure= is one of {', '.join(_MEASURES)}, not {measure!r}.")
    thresholds = np.full(values.shape[1], np.nan)
    if not positive.any():
        return thresholds
    for part in blocks(values):
        ordered = Ordered.of(values[:, part])
        hits, fired, _ = _from_each_place(ordered, positive)
        best = _MEASURES[measure](hits, fired, float(positive.sum()), float(len(positive))).argmax(1)
        place = np.take_along_axis(ordered.first, best[:, None], 1)[:, 0]
        units = np.arange(len(best))
        with np.errstate(invalid="ignore"):
            between = (ordered.values[units, place].astype(np.float64) + ordered.values[units, place - 1]) / 2
        thresholds[part] = np.where(ordered.broken, np.nan, np.where(place > 0, between, -np.inf))
    return thresholds


def f1_at(values: Any, positive: Any, threshold: Any) -> Floats:
    """F1 of units that fire above a threshold, one or [units]: [units]."""
    return _at(values, positive, threshold, "f1")


def mcc_at(values: Any, positive: Any, threshold: Any) -> Floats:
    """Matthews' correlation of units that fire above a threshold; 0 where one of both is always the same."""
    return _at(values, positive, threshold, "mcc")


def iou_at(values: Any, positive: Any, threshold: Any) -> Floats:
    """Inputs that are positive and fire, over those that are one of both."""
    return _at(values, positive, threshold, "iou")


def _at(values: Any, positive: Any, threshold: Any, measure: str) -> Floats:
    values, positive = checked(values, positive)
    fires = values > threshold
    hits, fired = (fires & positive[:, None]).sum(0).astype(np.float64), fires.sum(0).astype(np.float64)
    score = _MEASURES[measure](hits, fired, float(positive.sum()), float(len(positive)))
    missing = np.isnan(values).any(0) | np.isnan(threshold)
    return np.where(missing, np.nan, score)


def _from_each_place(ordered: Ordered, positive: Flags) -> tuple[Floats, Floats, Flags]:
    """For each place in the order, if all from its value on fire: positive ones that do, all that do; and its flag."""
    flags = positive[ordered.order]
    before = flags.cumsum(1) - flags
    first = ordered.first
    hits = flags.sum(1, keepdims=True) - np.take_along_axis(before, first, 1)
    return hits.astype(np.float64), (flags.shape[1] - first).astype(np.float64), flags


def _f1(hits: Floats, fired: Floats, positive: float, inputs: float) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(positive + fired > 0, 2 * hits / (positive + fired), 0.0)


def _mcc(hits: Floats, fired: Floats, positive: float, inputs: float) -> Floats:
    spread = np.sqrt(positive * (inputs - positive) * fired * (inputs - fired))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(spread > 0, (hits * inputs - fired * positive) / spread, 0.0)


def _iou(hits: Floats, fired: Floats, positive: float, inputs: float) -> Floats:
    either = positive + fired - hits
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(either > 0, hits / either, 0.0)


_MEASURES: dict[str, Callable[[Floats, Floats, float, float], Floats]] = {"f1": _f1, "mcc": _mcc, "iou": _iou}
