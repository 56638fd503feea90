"""Trait of shortcuts: the check of the data, candidates, gains among random units, where they look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.which.shortcuts.kinds.registry import property_kind
from neuronwidget.stream.protocol.checks import readable
from neuronwidget.stream.protocol.results.shortcuts import GainRow, LookRow, PropertyRow, ShortcutsInfo
from neuronwidget.stream.protocol.results.shown import Figure, Pixels64
from neuronwidget.widgets.answers.results.shown import finite, small
from neuronwidget.widgets.answers.results.units_info import units_info

if TYPE_CHECKING:
    from neuronwidget.analysis.which.shortcuts.looks import Look
    from neuronwidget.analysis.which.shortcuts.result import Shortcuts

#: So many properties are shown, those that tell most, and so many characters of a name.
PROPERTIES, WORD = 8, 120
#: The colour of where a unit looks, over the mean picture.
_MARK = np.array([0.95, 0.45, 0.0])
_SIDE = 64


def shortcuts_info(shortcuts: Shortcuts) -> ShortcutsInfo:
    """All that the page shows of shortcuts."""
    units = shortcuts.table()
    candidates = units.assign(
        effect=units["first"],
        found=units["state"] == "shortcut",
        because=[_because(row) for row in units.to_dict("records")],
        goes=[_goes(row) for row in units.to_dict("records")],
    ).drop(columns=["low", "high", "q"])
    more = {"because": "What made it a candidate, on the first half", "goes": "The plain property that it goes with"}
    info = units_info(
        candidates, effect="gain", more=more,
        hint="Gain in right answers where it is held at its mean, on the half of the inputs that it was chosen on",
    )  # fmt: skip
    info["columns"] = [("candidate by", more["because"]), ("goes with", more["goes"])]
    return {
        "model": readable(shortcuts.provenance.model, WORD),
        "verdict": shortcuts.verdict,
        "figures": _figures(shortcuts),
        "tried": property_kind(shortcuts.kind).tried,
        "halves": shortcuts.halves,
        "properties": [
            PropertyRow(
                property=readable(str(row["property"]), WORD),
                tells=readable(str(row["tells"]), WORD),
                auroc=finite(row["auroc"]),
                low=finite(row["low"]),
                high=finite(row["high"]),
                telling=bool(row["telling"]),
            )
            for row in shortcuts.properties.head(PROPERTIES).to_dict("records")
        ],
        "units": info,
        "gains": [_gain(shortcuts, row) for row in units.to_dict("records")],
        "sets": [_set(row) for row in shortcuts.sets.to_dict("records")],
        "looks": [_look(look) for look in shortcuts.looks],
        "notes": [readable(note, 2 * WORD) for note in shortcuts.notes],
    }


def _figures(shortcuts: Shortcuts) -> list[Figure]:
    chosen, proved = shortcuts.halves
    figures: list[Figure] = [
        {"name": "right", "value": f"{100 * shortcuts.accuracy:.1f} %", "words": f"of {proved:,} inputs held out"}
    ]
    if shortcuts.found or shortcuts.together:
        held = f"{100 * shortcuts.without:.1f} %"
        figures.append({"name": "with them held", "value": held, "words": "are right: all shortcuts at their means"})
    searched = f"{shortcuts.searched:,}"
    figures.append({"name": "searched", "value": searched, "words": f"units, on {chosen:,} other inputs"})
    return figures


def _because(row: dict[Any, Any]) -> str:
    if row["why"] == "wrong answers":
        return f"wrong answers to {row['answer']}"
    return f"goes with {row['why']}"


def _goes(row: dict[Any, Any]) -> str:
    return f"{row['goes_with']} (r {row['r']:.2f})" if row["goes_with"] else ""


def _gain(shortcuts: Shortcuts, row: dict[Any, Any]) -> GainRow:
    unit = f"{row['site']}:{row['unit']}"
    random = shortcuts.random.loc[shortcuts.random["unit"] == unit, "gain"]
    return {
        "unit": unit,
        "state": str(row["state"]),
        "gain": finite(row["gain"]),
        "low": finite(row["low"]),
        "high": finite(row["high"]),
        "random": [float(gain) for gain in random],
        "tried_on": readable(str(row["tried_on"]), 2 * WORD),
    }


def _set(row: dict[Any, Any]) -> str:
    """What came of units that were held together, in a sentence."""
    random = f", the best random set {100 * row['random']:+.1f} %" if np.isfinite(row["random"]) else ""
    state = "a shortcut together" if row["state"] == "shortcut" else "no shortcut"
    return (
        f"{readable(str(row['units']), WORD)}, held together: {100 * row['gain']:+.1f} % ({100 * row['low']:+.1f} % to "
        f"{100 * row['high']:+.1f} %){random}; {state}"
    ).replace("-", "−")


def _look(look: Look) -> LookRow:
    return {
        "unit": look.unit,
        "words": look.words,
        "where": [(readable(str(place), WORD), float(share)) for place, share in look.where],
        "average": None if look.average is None else small(look.average, _SIDE),
        "marked": _marked(look),
    }


def _marked(look: Look) -> Pixels64 | None:
    """The mean picture in grey, with where the unit looks in a colour over it."""
    if look.average is None or look.map is None:
        return None
    grey = look.average.mean(-1, keepdims=True) if look.average.ndim == 3 else look.average[..., None]
    much = (look.map / max(float(look.map.max()), 1e-12))[..., None]
    return small(grey * (1 - much) + _MARK * much, _SIDE)
