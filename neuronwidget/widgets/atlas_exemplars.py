"""Exemplars of a unit for the page, a stretch of the list at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from neuronwidget.atlas.exemplars import GROUPS, STRATA
from neuronwidget.live.sites import Unit
from neuronwidget.stream.checks import ProtocolError, one_of, whole, within
from neuronwidget.stream.raster import fit_scale
from neuronwidget.widgets.atlas_desk import Desk, Fields, Reply

MOST = 200


def exemplars(desk: Desk, about: Fields) -> Reply:
    """Rows `first` … `first + count − 1` of a unit's exemplars of one group, and what stands around them.

    `groups` says how many each group has, `strata` where each stratum of this group begins and which values it holds;
    the array `values` [all tokens of all rows] is the unit on the tokens of `pieces`.
    """
    unit = desk.unit(about)
    group = one_of(about, "group", GROUPS)
    first, count = within(about, "first", 0, 1 << 30), within(about, "count", 0, MOST)
    table = desk.exemplars(unit)
    chosen = table[table["group"] == group]
    if group in ("intervals", "quantiles"):  # the strongest first, as in the other groups
        chosen = chosen.sort_values(["stratum", "rank"], ascending=[False, True], kind="stable")
    about_unit = desk.atlas.unit(unit)
    rows = chosen.iloc[first : first + count]
    values = [np.asarray(row, np.float32) for row in rows["values"]]
    return Reply(
        {
            "unit": str(unit),
            "group": group,
            "groups": {name: int((table["group"] == name).sum()) for name in GROUPS},
            "first": first,
            "total": len(chosen),
            "strata": _strata(desk, unit, group, chosen),
            "state": str(about_unit["state"]),
            "seen": int(about_unit["seen"]),
            "scale": _scale(about_unit),
            "rows": [_row(index, row) for index, row in rows.iterrows()],
        },
        {"values": np.concatenate(values) if values else np.zeros(0, np.float32)},
    )


def _row(index: Any, row: pd.Series) -> dict[str, Any]:
    """One exemplar; `key` is its row in `atlas.exemplars(unit)`."""
    label = row["label"]
    return {
        "key": int(index),
        "stratum": int(row["stratum"]),
        "rank": int(row["rank"]),
        "value": _number(row["value"]),
        "copies": int(row["copies"]),
        "document": int(row["document"]),
        "id": str(row["id"]),
        "label": None if pd.isna(label) else str(label),
        "position": int(row["position"]),
        "peak": int(row["peak"]),
        "pieces": list(row["pieces"]),
        "values": len(row["values"]),
    }


def _number(value: float) -> float | str:
    """JSON has no words for what is not finite."""
    value = float(value)
    return value if np.isfinite(value) else {"nan": "nan", "inf": "inf", "-inf": "-inf"}[str(value)]


def _scale(unit: pd.Series) -> dict[str, Any]:
    """Colours over all that the unit did in the data set, so that they mean the same on every page."""
    low, high = float(unit["min"]), float(unit["max"])
    low, high = (low, high) if np.isfinite([low, high]).all() else (0.0, 0.0)
    return fit_scale(low, high, "linear", None).header()


def _strata(desk: Desk, unit: Unit, group: str, chosen: pd.DataFrame) -> list[dict[str, Any]]:
    """The strata of a group, strongest first: where in the list each begins, how many it has, from and to which value.

    Intervals are told by their edges, fifths of documents by the values that are shown of them.
    """
    if group not in ("intervals", "quantiles"):
        return []
    ends = desk.atlas.read(unit.site, ("peak_low", "peak_high"), unit.index)
    edges = np.linspace(float(ends["peak_low"][0]), float(ends["peak_high"][0]), STRATA + 1)
    found = []
    for number in reversed(range(STRATA)):
        here = (chosen["stratum"] == number).to_numpy()
        if group == "intervals":
            low, high = float(edges[number]), float(edges[number + 1])
        else:
            shown = chosen["value"].to_numpy()[here]
            low, high = (float(shown.min()), float(shown.max())) if len(shown) else (np.nan, np.nan)
        begin = int((chosen["stratum"].to_numpy() > number).sum())
        found.append({"stratum": number, "first": begin, "count": int(here.sum()), "low": low, "high": high})
    return [s for s in found if s["count"] or (group == "intervals" and s["high"] > s["low"])]


def use(desk: Desk, about: Fields) -> Reply:
    """An exemplar was put into the editor: the answer says where it went."""
    if desk.use is None:
        raise ProtocolError("There is no editor to put it into.", "Use nw.explore(live, atlas=atlas).")
    return Reply({"to": desk.use(desk.unit(about), whole(about, "key"))})
