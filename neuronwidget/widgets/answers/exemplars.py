"""Exemplars of a unit for the page, a stretch of the list at a time."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from neuronwidget.atlas.files.exemplars import GROUPS, STRATA
from neuronwidget.atlas.maps import MapShape
from neuronwidget.live.inputs.table import TableInputs
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.answers import (
    ExemplarRow,
    ExemplarsAnswer,
    Kind,
    ScaleHeader,
    Stratum,
    TableColumn,
    UseAnswer,
    Value,
)
from neuronwidget.stream.protocol.checks import ProtocolError, one_of, whole, within
from neuronwidget.stream.raster import fit_scale
from neuronwidget.widgets.answers.context import AtlasContext, Fields, Reply
from neuronwidget.widgets.frames.readout import readable

MOST = 200


def exemplars(desk: AtlasContext, about: Fields) -> Reply[ExemplarsAnswer]:
    """Rows `first` … `first + count − 1` of a unit's exemplars of one group, and what stands around them.

    `groups` says how many each group has, `strata` where each stratum of this group begins and which values it holds;
    the array `values` [all tokens of all rows] is the unit on the tokens of `pieces`. Of pictures: `images` [rows,
    height, width, 3], and `values` are the unit's maps, each of `map.kept` rows and columns; of table rows: `columns`.
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
    kind = cast("Kind", desk.atlas.input)
    arrays = {"values": np.concatenate(values) if values else np.zeros(0, np.float32)}
    answer: ExemplarsAnswer = {
        "input": kind,
        "unit": str(unit),
        "group": group,
        "groups": {name: int((table["group"] == name).sum()) for name in GROUPS},
        "first": first,
        "total": len(chosen),
        "strata": _strata(desk, unit, group, chosen),
        "state": str(about_unit["state"]),
        "seen": int(about_unit["seen"]),
        "scale": _scale(about_unit),
        "rows": [_row(index, row, kind) for index, row in rows.iterrows()],
    }
    if kind == "image" and len(rows):
        arrays["images"] = np.stack(rows["image"].tolist())
        answer["map"] = {"grid": list(_map(desk, unit).grid), "kept": list(_map(desk, unit).kept)}
    if kind == "table":
        answer["columns"] = _columns(desk, table)
    return Reply(answer, arrays)


def _map(desk: AtlasContext, unit: Unit) -> MapShape:
    shape = desk.atlas.map_of(unit.site)
    assert shape is not None
    return shape


def _row(index: Any, row: pd.Series, kind: str) -> ExemplarRow:
    """One exemplar; `key` is its row in `atlas.exemplars(unit)`."""
    label = row["label"]
    found: ExemplarRow = {
        "key": int(index),
        "stratum": int(row["stratum"]),
        "rank": int(row["rank"]),
        "value": readable(float(row["value"])),
        "copies": int(row["copies"]),
        "document": int(row["document"]),
        "id": str(row["id"]),
        "label": None if pd.isna(label) else str(label),
        "position": int(row["position"]),
        "peak": int(row["peak"]),
        "pieces": list(row["pieces"]),
        "values": len(row["values"]),
    }
    if kind == "image":
        found["at"] = None if pd.isna(row["y"]) else [int(row["y"]), int(row["x"])]
    elif kind == "table":
        found["row"] = {name: _cell(value) for name, value in row["row"].items()}
    return found


def _cell(value: Any) -> Value | str:
    return readable(float(value)) if isinstance(value, (int, float)) else str(value)


def _columns(desk: AtlasContext, table: pd.DataFrame) -> list[TableColumn]:
    """Columns of numbers with their ends: over the data where the live model knows them, else over the exemplars."""
    inputs: Any = desk.live.inputs if desk.live is not None else None
    known: dict[str, tuple[float, float]] = {}
    if isinstance(inputs, TableInputs):
        described = [column.describe() for column in inputs.columns]
        known = {c["name"]: (c["low"], c["high"]) for c in described if c["kind"] == "number"}
    rows = table["row"].tolist()
    found: list[TableColumn] = []
    for name in rows[0] if rows else []:
        numbers = [row[name] for row in rows if isinstance(row.get(name), (int, float)) and np.isfinite(row[name])]
        ends = known.get(name) or ((min(numbers), max(numbers)) if numbers else None)
        found.append({"name": str(name), "ends": None if ends is None else [float(end) for end in ends]})
    return found


def _scale(unit: pd.Series) -> ScaleHeader:
    """Colours over all that the unit did in the data set, so that they mean the same on every page."""
    low, high = float(unit["min"]), float(unit["max"])
    low, high = (low, high) if np.isfinite([low, high]).all() else (0.0, 0.0)
    return fit_scale(low, high, "linear", None).header()


def _strata(desk: AtlasContext, unit: Unit, group: str, chosen: pd.DataFrame) -> list[Stratum]:
    """The strata of a group, strongest first: where in the list each begins, how many it has, from and to which value.

    Intervals are told by their edges, fifths of documents by the values that are shown of them.
    """
    if group not in ("intervals", "quantiles"):
        return []
    ends = desk.atlas.read(unit.site, ("peak_low", "peak_high"), unit.index)
    # JSON has no words for what is not finite; such values are no exemplars, but they may be all that a unit did.
    low, high = (float(np.nan_to_num(ends[name][0])) for name in ("peak_low", "peak_high"))
    edges = np.linspace(low, high, STRATA + 1)
    found: list[Stratum] = []
    for number in reversed(range(STRATA)):
        here = (chosen["stratum"] == number).to_numpy()
        if group == "intervals":
            low, high = float(edges[number]), float(edges[number + 1])
        else:
            shown = chosen["value"].to_numpy()[here]
            low, high = (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 0.0)
        begin = int((chosen["stratum"].to_numpy() > number).sum())
        found.append({"stratum": number, "first": begin, "count": int(here.sum()), "low": low, "high": high})
    return [s for s in found if s["count"] or (group == "intervals" and s["high"] > s["low"])]


def use(desk: AtlasContext, about: Fields) -> Reply[UseAnswer]:
    """An exemplar, or all of its `document`, was put into the editor: the answer says where it went."""
    if desk.use is None:
        raise ProtocolError("There is no editor to put it into.", "Use nw.explore(live, atlas=atlas).")
    return Reply({"to": desk.use(desk.unit(about), whole(about, "key"), about.get("document") is True)})
