"""Answers with exemplars of a unit, a stretch of the list at a time."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd

from neuronwidget.atlas.base import AtlasBase
from neuronwidget.atlas.exemplars.choose import GROUPS, STRATA
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.atlas import (
    ExemplarRow,
    ExemplarsAnswer,
    Stratum,
    UseAnswer,
)
from neuronwidget.stream.protocol.checks import ProtocolError, one_of, whole, within
from neuronwidget.stream.raster import Scale, fit_scale
from neuronwidget.widgets.answers.context import AtlasContext, Fields, Reply
from neuronwidget.widgets.frames.kinds.kind import FrameKind, ShownExemplars
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.frames.readout import readable

MOST = 200


def exemplars(context: AtlasContext, params: Fields) -> Reply[ExemplarsAnswer]:
    """Rows `first` … `first + count − 1` of a unit's exemplars of one group, and what stands around them.

    `groups` says how many each group has, `strata` where each stratum of this group begins and which values it holds;
    the array `values` [all tokens of all rows] is the unit on the tokens of `pieces`; of pictures they are its maps.
    The kind of input adds what only it has.
    """
    unit = context.unit(params)
    group = one_of(params, "group", GROUPS)
    first, count = within(params, "first", 0, 1 << 30), within(params, "count", 0, MOST)
    table = context.exemplars(unit)
    chosen = table[table["group"] == group]
    if group in ("intervals", "quantiles"):  # the strongest first, as in the other groups
        chosen = chosen.sort_values(["stratum", "rank"], ascending=[False, True], kind="stable")
    numbers = context.atlas.unit(unit)
    rows = chosen.iloc[first : first + count]
    values = [np.asarray(row, np.float32) for row in rows["values"]]
    kind = kind_of(context.atlas.input)
    fields, arrays = kind.exemplars(ShownExemplars(context.atlas, context.live, unit, rows, table))
    answer: ExemplarsAnswer = {
        "input": context.atlas.input,
        "unit": str(unit),
        "group": group,
        "groups": {name: int((table["group"] == name).sum()) for name in GROUPS},
        "first": first,
        "total": len(chosen),
        "strata": _strata(context, unit, group, chosen),
        "state": str(numbers["state"]),
        "seen": int(numbers["seen"]),
        "scale": unit_scale(context.atlas, unit).header(),
        "rows": [_row(index, row, kind) for index, row in rows.iterrows()],
    }
    if group in context.atlas.lacks:
        answer["missing"] = context.atlas.lacks[group]
    together = cast("ExemplarsAnswer", {**answer, **fields})
    return Reply(together, {"values": np.concatenate(values) if values else np.zeros(0, np.float32), **arrays})


def _row(index: Any, row: pd.Series, kind: FrameKind) -> ExemplarRow:
    """One exemplar; `key` is its row in `atlas.exemplars(unit)`."""
    label = row.get("label")
    exemplar: ExemplarRow = {
        "key": int(index),
        "stratum": int(row["stratum"]),
        "rank": int(row["rank"]),
        "value": readable(float(row["value"])),
        "copies": int(row.get("copies", 0)),
        "document": _told(row, "document"),
        "id": str(row.get("id", "")),
        "label": None if pd.isna(label) else str(label),
        "position": _told(row, "position"),
        "peak": int(row["peak"]),
        "pieces": list(row["pieces"]),
        "values": len(row["values"]),
    }
    return cast("ExemplarRow", {**exemplar, **kind.exemplar(row)})


def _told(row: pd.Series, column: str) -> int | None:
    """A number; None where an atlas that was imported does not tell it."""
    return int(row[column]) if column in row else None


def unit_scale(atlas: AtlasBase, unit: Unit) -> Scale:
    """Colours over all that the unit did in the data set, so that they mean the same on every page."""
    low, high = atlas.ends(unit)
    low, high = (low, high) if np.isfinite([low, high]).all() else (0.0, 0.0)
    return fit_scale(low, high, "linear", None)


def _strata(context: AtlasContext, unit: Unit, group: str, chosen: pd.DataFrame) -> list[Stratum]:
    """The strata of a group, strongest first: where in the list each begins, how many it has, from and to which value.

    Intervals are told by their edges, fifths of documents by the values that are shown of them.
    """
    if group not in ("intervals", "quantiles"):
        return []
    intervals = context.atlas.intervals(unit) if group == "intervals" else []
    strata: list[Stratum] = []
    for number in reversed(range(len(intervals) or STRATA)):
        here = (chosen["stratum"] == number).to_numpy()
        if intervals:
            low, high = intervals[number]
        else:
            shown = chosen["value"].to_numpy()[here]
            low, high = (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 0.0)
        begin = int((chosen["stratum"].to_numpy() > number).sum())
        strata.append({"stratum": number, "first": begin, "count": int(here.sum()), "low": low, "high": high})
    return [s for s in strata if s["count"] or (group == "intervals" and s["high"] > s["low"])]


def apply(context: AtlasContext, params: Fields) -> Reply[UseAnswer]:
    """An exemplar, or all of its `document`, was put into the editor: the answer says where it went."""
    if context.apply is None:
        raise ProtocolError("There is no editor to put it into.", "Use nw.explore(live, atlas=atlas).")
    return Reply({"to": context.apply(context.unit(params), whole(params, "key"), params.get("document") is True)})
