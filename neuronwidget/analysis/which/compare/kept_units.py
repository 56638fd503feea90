"""Details of the units that tell most: intervals, detection, what they do on inputs, and their strongest inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.scores.detection import average_precision, best_threshold, f1_at
from neuronwidget.analysis.scores.intervals import bootstrap
from neuronwidget.analysis.scores.ranks import auroc_interval
from neuronwidget.analysis.scores.sides import Flags, Floats
from neuronwidget.analysis.which.compare.groups.input_groups import InputGroups
from neuronwidget.analysis.which.compare.more_groups import specificity
from neuronwidget.analysis.which.compare.searched import Numbers

if TYPE_CHECKING:
    import pandas as pd

#: So many units are kept with what they do on inputs; of each group so many inputs, and so many of the strongest.
KEPT, DRAWN, STRONGEST = 100, 400, 4
_DRAWS = 1000


@dataclass(frozen=True)
class Shown:
    """What kept units do on some inputs of the half that reports.

    Attributes
    ----------
    units
        Their names.
    documents, group
        [inputs]: the number of each, and that of its group.
    values
        float32 [inputs, units].
    """

    units: tuple[str, ...]
    documents: NDArray[np.int64]
    group: NDArray[np.int64]
    values: NDArray[np.float32]


def intervals(
    values: NDArray[np.float32], group: Numbers, documents: Numbers, count: int, seed: int
) -> tuple[Floats, Floats]:
    """95 % intervals of the effects of kept units, from inputs of the half that reports drawn again: [units] each."""
    if count == 2:
        low, high = auroc_interval(values, group == 0, documents, _DRAWS, seed)
        return low - 0.5, high - 0.5
    inside = (group[:, None] == np.arange(count)).astype(np.float64)
    rows = np.concatenate([(inside[:, :, None] * values[:, None]).reshape(len(values), -1), inside], 1)

    def statistic(sums: Floats) -> Floats:
        totals = sums[:, :-count].reshape(len(sums), count, -1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return specificity(totals / sums[:, -count:, None])

    alone = len(np.unique(documents)) == len(documents)
    return bootstrap(rows, statistic, documents, _DRAWS, seed, strata=group if alone else None)


def usual_interval(effect: Floats, ones: int, others: int) -> tuple[Floats, Floats]:
    """An interval of AUROC − .5 by the formula of Hanley and McNeil, for units that are not kept."""
    area = np.clip(effect + 0.5, 0.0, 1.0)
    towards, away = area / (2 - area), 2 * area**2 / (1 + area)
    spread = area * (1 - area) + (ones - 1) * (towards - area**2) + (others - 1) * (away - area**2)
    error = np.sqrt(np.maximum(spread, 0) / (ones * others))
    return np.maximum(effect - 1.96 * error, -0.5), np.minimum(effect + 1.96 * error, 0.5)


def detection(
    values: NDArray[np.float32], positive: Flags, first: Flags, side: Numbers
) -> dict[str, NDArray[np.float64]]:
    """How well kept units find the inputs of the first group in the half that reports: ap, f1, threshold, difference.

    A unit that is lower there is turned round; its threshold, of the other half, is turned back.
    """
    sign = np.where(side == 0, 1.0, -1.0)
    turned, held = values * sign.astype(np.float32), ~first
    threshold = best_threshold(turned[first], positive[first])
    ones, others = (values[held & flags].astype(np.float64) for flags in (positive, ~positive))
    degrees = max(1, len(ones) + len(others) - 2)
    pooled = np.sqrt((len(ones) * ones.var(0) + len(others) * others.var(0)) / degrees)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = np.where(pooled > 0, (ones.mean(0) - others.mean(0)) / pooled, 0.0)
    return {
        "difference": difference,
        "ap": average_precision(turned[held], positive[held]),
        "f1": f1_at(turned[held], positive[held], threshold),
        "threshold": threshold * sign,
    }


def shown(groups: InputGroups, units: tuple[str, ...], values: NDArray[np.float32], held: Flags, seed: int) -> Shown:
    """What kept units [inputs, units] do on some inputs of each group in the half that reports, drawn by a seed."""
    source, group, chosen = np.random.default_rng(seed), groups.group, []
    for number in range(len(groups.names)):
        places = np.flatnonzero(held & (group == number))
        chosen.append(np.sort(source.choice(places, min(DRAWN, len(places)), False)))
    places = np.concatenate(chosen)
    return Shown(units, groups.responses.documents[places], group[places], values[places])


def strongest(groups: InputGroups, units: tuple[str, ...], values: NDArray[np.float32], held: Flags) -> pd.DataFrame:
    """The inputs of each group on which kept units are strongest, in the half that reports: a row each."""
    import pandas as pd

    group, entries = groups.group, []
    for column, unit in enumerate(units):
        for number, name in enumerate(groups.names):
            places = np.flatnonzero(held & (group == number))
            best = places[np.argsort(-values[places, column], kind="stable")[:STRONGEST]]
            entries += [(unit, name, int(groups.responses.documents[at]), float(values[at, column])) for at in best]
    return pd.DataFrame(entries, columns=["unit", "group", "document", "value"])
