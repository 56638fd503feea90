"""Candidates: units that differ between wrong and right answers, and units that go with a plain property of the input.

Neither proves anything: a unit that feeds a wrong answer differs, whether it is a shortcut or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.which.answers import some
from neuronwidget.analysis.which.shortcuts.properties import Property
from neuronwidget.live.structure.sites import Unit

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
#: Of one label so many inputs must be answered wrong, and so many right.
LEAST = 5
#: So many units are screened, shared among the sites, and so many of each site for each property that tells labels.
SCREENED, OF_PROPERTY = 40, 8
#: A unit goes with a property from this |correlation| on.
GOES_WITH = 0.75
WRONG = "wrong answers"


@dataclass(frozen=True, eq=False)
class Candidate:
    """A unit that is to be tried.

    Attributes
    ----------
    why, label, difference
        What made it one: "wrong answers", to inputs of which label, and by how much wrong and right ones differ there
        (medians, in standard deviations of the unit); or the name of a property, and the correlation with it.
    values
        What it comes to for each input: [inputs].
    goes_with
        The property that it goes with most on the first half, where it goes with any.
    """

    unit: Unit
    why: str
    label: str
    difference: float
    values: Floats
    goes_with: Property | None

    def correlation(self, half: Bools) -> float:
        """Correlation with the property that it goes with, on a half."""
        one = self.goes_with
        return float("nan") if one is None else float(correlations(self.values[half, None], one.values[half])[0])


def candidates(
    responses: Responses,
    sites: Sequence[str],
    labels: Sequence[str],
    right: Bools,
    first: Bools,
    of: Sequence[Property],
) -> list[Candidate]:
    """Units of all sites, the largest differences first; only the `first` half of the inputs is looked at."""
    each = max(2, SCREENED // max(1, len(sites)))
    listed: list[Candidate] = []
    for site in sites:
        rows = responses.of(site)[:].astype(np.float64)
        units, _ = responses.units(site)
        differences, where = wrong_from_right(rows[first], some(labels, first), right[first])
        chosen: dict[int, Candidate] = {}
        for column in np.argsort(-np.abs(differences), kind="stable")[:each].tolist():
            if differences[column]:
                goes = _nearest(rows[:, column], of, first)
                unit = Unit(site, int(units[column]))
                one = Candidate(unit, WRONG, where[column], float(differences[column]), rows[:, column], goes)
                chosen.setdefault(unit.index, one)
        for prop in of:
            if not prop.telling:
                continue
            r = correlations(rows[first], prop.values[first])
            for column in np.argsort(-np.abs(r), kind="stable")[:OF_PROPERTY].tolist():
                if abs(r[column]) >= GOES_WITH:
                    unit = Unit(site, int(units[column]))
                    goes = _nearest(rows[:, column], of, first)
                    one = Candidate(unit, prop.name, prop.tells, float(r[column]), rows[:, column], goes)
                    chosen.setdefault(unit.index, one)
        listed += chosen.values()
    return listed


def wrong_from_right(rows: Floats, labels: Sequence[str], right: Bools) -> tuple[Floats, list[str]]:
    """Largest difference of medians between wrong and right answers to inputs of one label, for each unit.

    In standard deviations of the unit: [units]; and the label. Zero where no label has enough of both.
    """
    own = np.array(labels, dtype=object)
    spread = rows.std(0)
    spread[spread < 1e-9] = np.inf
    largest, where = np.zeros(rows.shape[1]), [""] * rows.shape[1]
    for label in dict.fromkeys(labels):
        wrong_ones, right_ones = rows[(own == label) & ~right], rows[(own == label) & right]
        if min(len(wrong_ones), len(right_ones)) < LEAST:
            continue
        difference = (np.median(wrong_ones, 0) - np.median(right_ones, 0)) / spread
        for column in np.flatnonzero(np.abs(difference) > np.abs(largest)):
            largest[column], where[column] = difference[column], label
    return largest, where


def _nearest(values: Floats, of: Sequence[Property], first: Bools) -> Property | None:
    """The property that a unit goes with most, one that tells labels before others; None where it goes with none."""
    for several in ([one for one in of if one.telling], of):
        if several:
            r = np.abs(correlations(np.stack([one.values[first] for one in several], 1), values[first]))
            if r.max() >= GOES_WITH:
                return several[int(r.argmax())]
    return None


def correlations(rows: Floats, values: Floats) -> Floats:
    """Correlations of the columns of rows [inputs, columns] with values [inputs]; 0 where either does not vary.

    >>> correlations(np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 1.0]]), np.array([2.0, 1.0, 0.0])).round(6).tolist()
    [-1.0, 0.0]
    """
    rows, values = rows - rows.mean(0), values - values.mean()
    norms = np.linalg.norm(rows, axis=0) * np.linalg.norm(values)
    dots = values @ rows
    return np.where(norms > 1e-9, dots / np.where(norms > 1e-9, norms, 1), 0.0)
