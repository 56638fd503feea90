"""Trait of localised concepts: curves with their baselines, and the units at each k."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.which.localise.curves import BASES
from neuronwidget.analysis.which.localise.probe import METRICS
from neuronwidget.stream.protocol.checks import readable
from neuronwidget.stream.protocol.results.localised import LocalisedConcept, LocalisedInfo, LocalisedLine
from neuronwidget.widgets.answers.results.shown import finite
from neuronwidget.widgets.answers.results.units_info import units_info

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.analysis.which.localise.result import Localised

_WORD = 120
_BASES = {"units": "the best k units", "rotated": "k directions of a random basis", "control": "labels shuffled"}
_METRICS = {"f1": "F1", "mcc": "Matthews' correlation", "ap": "average precision"}
_HINT = "AUROC on the other half, less the .5 of chance; its sign says on which side the unit is larger"
_CHOSEN = "in which share of the splits it is among the best k"


def localised_info(localised: Localised) -> LocalisedInfo:
    """All that the page shows."""
    first = localised.curves[localised.curves["concept"] == localised.found["concept"].iloc[0]]
    return {
        "model": readable(localised.provenance.model, _WORD),
        "sites": list(localised.sites),
        "verdict": localised.verdict,
        "ks": [int(k) for k in first.loc[first["basis"] == BASES[0], "k"]],
        "bases": [(basis, _BASES[basis]) for basis in BASES],
        "metrics": [(metric, _METRICS[metric]) for metric in METRICS],
        "concepts": [_concept(localised, row) for row in localised.found.to_dict("records")],
    }


def _concept(localised: Localised, row: dict[Any, Any]) -> LocalisedConcept:
    name = row["concept"]
    units = localised.units[localised.units["concept"] == name]
    return {
        "name": readable(str(name), _WORD),
        "says": str(row["says"]),
        "k": int(row["k"]),
        "f1": finite(row["f1"]),
        "verdict": localised.said_of(name),
        "cause": str(row["cause"]),
        "lines": _lines(localised.curves[localised.curves["concept"] == name]),
        "units": units_info(units, effect="AUROC − .5", hint=_HINT, more={"chosen": _CHOSEN}),
    }


def _lines(curves: pd.DataFrame) -> list[LocalisedLine]:
    return [
        {
            "basis": str(basis),
            "metric": metric,
            "mean": [finite(value) for value in own[metric]],
            "low": [finite(value) for value in own[f"{metric}_low"]],
            "high": [finite(value) for value in own[f"{metric}_high"]],
        }
        for basis, own in curves.groupby("basis", sort=False)
        for metric in METRICS
    ]
