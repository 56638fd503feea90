"""The check of the data themselves: does a plain property of the inputs tell their labels by itself?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.scores.corrected import q_values
from neuronwidget.analysis.scores.detection import best_threshold
from neuronwidget.analysis.scores.ranks import auroc, auroc_interval, mann_whitney
from neuronwidget.analysis.which.shortcuts.kinds.kind import Floats, Measured

if TYPE_CHECKING:
    import pandas as pd

Bools = NDArray[np.bool_]
#: A property that tells labels apart at this AUROC tells them by itself; a label needs so many inputs in each half.
TELLING, LEAST = 0.9, 5
#: So many are listed, with intervals.
MOST = 20
_NAMED = 6


@dataclass(frozen=True, eq=False)
class Property:
    """A plain property of the inputs, and the labels that it tells from the others.

    Attributes
    ----------
    values
        Of each input: [inputs].
    group
        Which inputs have a label of those that go with high values.
    tells
        What it tells apart, in words: "3 from the rest", "3 (low) from the rest".
    high
        Which inputs have a high value: above the threshold that tells the labels best on the first half.
    in_sample
        AUROC on the first half, on which the labels were put into two groups.
    """

    name: str
    values: Floats
    group: Bools
    high: Bools
    tells: str
    in_sample: float

    def is_high(self, values: Floats) -> Bools:
        """Which of other values are high, by the same threshold."""
        high: Bools = values > self.values[~self.high].max(initial=-np.inf)
        return high

    @property
    def telling(self) -> bool:
        """Does it tell labels by itself, on the first half?"""
        return self.in_sample >= TELLING


def properties_of(measured: Measured, labels: Sequence[str], first: Bools) -> list[Property]:
    """Each property with the two groups of labels that it tells apart best on the first half of the inputs."""
    own = np.array(labels, dtype=object)
    kept = [
        label for label in dict.fromkeys(labels) if min((own[half] == label).sum() for half in (first, ~first)) >= LEAST
    ]
    properties: list[Property] = []
    for place, name in enumerate(measured.names):
        values = measured.values[:, place]
        if len(kept) < 2 or not np.ptp(values[first]) > 0:
            continue
        group, in_sample = _best_split(values, own, kept, first)
        threshold = float(np.ravel(best_threshold(values[first], group[first], measure="mcc"))[0])
        tells = tells_in_words([label for label in kept if group[own == label].any()], kept)
        properties.append(Property(name, values, group, values > threshold, tells, in_sample))
    return properties


def _best_split(values: Floats, own: NDArray[Any], kept: Sequence[str], first: Bools) -> tuple[Bools, float]:
    """Labels in the order of their mean values, cut in two where that tells them apart best: [inputs], AUROC."""
    usable = first & np.isin(own, kept)
    ordered = sorted(kept, key=lambda label: float(values[usable & (own == label)].mean()))
    best, score = np.zeros(len(values), bool), -1.0
    for cut in range(1, len(ordered)):
        group = np.isin(own, ordered[cut:])
        separation = float(np.ravel(auroc(values[usable], group[usable]))[0])
        if separation > score:
            best, score = group, separation
    return best, score


def tells_in_words(high: Sequence[str], of: Sequence[str]) -> str:
    """Labels that go with high values and the others, by the smaller of the two groups.

    >>> tells_in_words(["3"], ["1", "2", "3"]), tells_in_words(["1", "2"], ["1", "2", "3"])
    ('3 from the rest', '3 (low) from the rest')
    """
    low = [label for label in of if label not in high]
    few, others, side = (low, high, " (low)") if len(low) < len(high) else (high, low, "")
    names = ", ".join(few[:_NAMED]) + (f" and {len(few) - _NAMED} more" if len(few) > _NAMED else "")
    return f"{names}{side} from {others[0] if len(others) == 1 else 'the rest'}"


def table_of(properties: Sequence[Property], first: Bools, seed: int) -> pd.DataFrame:
    """A row a property, those that tell most first: property, tells, auroc (held out), low, high, in_sample, p, q.

    `telling`: is the held-out AUROC at least .9, and no chance? At most 20 of all that were `searched`.
    """
    import pandas as pd

    entries = []
    for one in properties:
        values, group = one.values[~first], one.group[~first]
        score, p = (float(np.ravel(of(values, group))[0]) for of in (auroc, mann_whitney))
        entries.append((one, score, p))
    q = q_values(np.array([p for _, _, p in entries], np.float64))
    scored = sorted(zip(entries, q.tolist(), strict=True), key=lambda entry: -entry[0][1])[:MOST]
    rows = []
    for (one, score, p), corrected in scored:
        values, group = one.values[~first], one.group[~first]
        low, high = (float(np.ravel(end)[0]) for end in auroc_interval(values, group, seed=seed))
        telling = score >= TELLING and corrected <= 0.05
        rows.append((one.name, one.tells, score, low, high, one.in_sample, p, corrected, telling, len(entries)))
    columns = {
        "property": object, "tells": object, "auroc": float, "low": float, "high": float, "in_sample": float,
        "p": float, "q": float, "telling": bool, "searched": "int64",
    }  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)


def balancing(one: Property, half: Bools) -> Floats | None:
    """Weights of the inputs of a half, with which a property goes with no label any more; None: too few go against it.

    >>> group = np.array([True] * 9 + [False] * 9)
    >>> high = np.array([True] * 4 + [False] * 5 + [True] * 5 + [False] * 4)
    >>> one = Property("brightness", high.astype(float), group, high, "3 from the rest", 0.9)
    >>> balancing(one, np.ones(18, bool)) is None
    True
    """
    group, high = one.group[half], one.high[half]
    weights = np.zeros(len(group))
    for label in (False, True):
        for value in (False, True):
            cell = (group == label) & (high == value)
            if cell.sum() < LEAST:
                return None
            weights[cell] = (group == label).mean() * (high == value).mean() / cell.mean()
    balanced: Floats = weights / weights.mean()
    return balanced
