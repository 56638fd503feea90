"""Rows of units with an effect each, for the tables of views, whichever question they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.stream.protocol.checks import readable
from neuronwidget.stream.protocol.results.units import UnitRow, UnitsInfo
from neuronwidget.widgets.answers.results.shown import finite

if TYPE_CHECKING:
    import pandas as pd

#: So many units are sent at most, and so many characters of a word of theirs.
MOST, WORD = 500, 120


def units_info(
    units: pd.DataFrame,
    *,
    effect: str = "effect",
    hint: str = "",
    zero: float = 0.0,
    null: tuple[float, float] | None = None,
    more: Mapping[str, str] | None = None,
    most: int = MOST,
) -> UnitsInfo:
    """The rows of a table of units, in the order in which they are given.

    Parameters
    ----------
    units
        One row a unit: unit (its name, or its number beside a `site`), effect, and where they are known low, high, q,
        found (does it pass?), and the columns that `more` names.
    effect, hint, zero, null
        What the effect is called and means, that of a unit that does nothing, and where chance alone would lie.
    more
        Further columns and what each means: numbers, words or None.
    """
    columns = dict(more or {})
    shown = units.head(most)
    return {
        "effect": effect,
        "hint": hint,
        "zero": float(zero),
        "ends": _ends(shown, zero, null),
        "null": None if null is None else (float(null[0]), float(null[1])),
        "columns": list(columns.items()),
        "total": len(units),
        "rows": [_row(entry, list(columns)) for entry in shown.to_dict("records")],
    }


def _row(entry: Mapping[Any, Any], columns: list[str]) -> UnitRow:
    return {
        "unit": _name(entry),
        "effect": finite(entry["effect"]),
        "low": finite(entry.get("low")),
        "high": finite(entry.get("high")),
        "q": finite(entry.get("q")),
        "found": bool(entry.get("found", True)),
        "cells": [_cell(entry.get(name)) for name in columns],
    }


def _name(entry: Mapping[Any, Any]) -> str:
    unit = entry["unit"]
    return unit if isinstance(unit, str) else f"{entry['site']}:{int(unit)}"


def _cell(value: Any) -> float | str | None:
    if value is None or isinstance(value, str):
        return value if value is None else readable(value, WORD)
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return finite(value)


def _ends(units: pd.DataFrame, zero: float, null: tuple[float, float] | None) -> tuple[float, float]:
    """The ends of an axis that has all effects with their intervals, where chance lies, and zero."""
    columns = [units[name].to_numpy(np.float64) for name in ("effect", "low", "high") if name in units]
    places = np.concatenate([*columns, [zero], null or []])
    places = places[np.isfinite(places)]
    low, high = float(places.min()), float(places.max())
    room = 0.03 * (high - low) or 0.5
    return low - (room if low < zero else 0.0), high + (room if high > zero else 0.0)
