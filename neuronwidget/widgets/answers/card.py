"""Answers to what a unit's card and the finder ask an atlas."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from neuronwidget.analysis.inspect.card import outputs_of, outputs_told, similar_told, state_in_words, things_of
from neuronwidget.analysis.inspect.find import ORDERS, as_rows, best_order, find_units
from neuronwidget.analysis.inspect.text_matches import PLACES
from neuronwidget.atlas.states import STATES
from neuronwidget.stream.protocol.atlas import CardAnswer, FindAnswer, KinAnswer, UnitNumbers
from neuronwidget.stream.protocol.checks import ProtocolError, numbers, one_of, texts, within, wrong
from neuronwidget.widgets.answers.context import AtlasContext, Fields, Reply

MOST_FOUND = 500
_COLUMNS = ("state", "density", "max", "min", "exclusive", "matches", "end", "value", "strength", "correlation")


def card(context: AtlasContext, params: Fields) -> Reply[CardAnswer]:
    """What the atlas alone knows of a unit: numbers, state in words, histogram, the values of its exemplars.

    Arrays: `counts` [bins], of width `width` from `low` on; `top` and `bottom`: the exemplars' values, strongest first.
    `site` holds the ends of all units of the site.
    """
    unit = context.unit(params)
    row, histogram, table = context.atlas.unit(unit), context.atlas.histogram(unit), context.exemplars(unit)
    low = float(histogram["low"].iloc[0]) if len(histogram) else 0.0
    width = float(histogram["high"].iloc[0]) - low if len(histogram) else 0.0
    values = {
        group: table.loc[table["group"] == group, "value"].to_numpy(np.float32) for group in ("top", "bottom")
    }  # fmt: skip
    return Reply(
        {
            "unit": str(unit),
            "state": str(row["state"]),
            "words": state_in_words(context.atlas, row),
            "things": things_of(context.atlas, unit.site),
            "seen": int(row["seen"]),
            "nonfinite": int(row["nonfinite"]),
            **_numbers(row),
            "low": low,
            "width": width,
            "site": [_finite(end) for end in context.atlas.ends_of_site(unit.site)],
        },
        {"counts": np.minimum(histogram["count"].to_numpy(np.int64), 2**31 - 1).astype(np.int32), **values},
    )


def _numbers(row: Any) -> UnitNumbers:
    return {
        "density": _finite(row["density"]),
        "density_low": _finite(row["density_low"]),
        "density_high": _finite(row["density_high"]),
        "mean": _finite(row["mean"]),
        "std": _finite(row["std"]),
        "min": _finite(row["min"]),
        "max": _finite(row["max"]),
        "skew": _finite(row["skew"]),
        "kurtosis": _finite(row["kurtosis"]),
        "active": _finite(row["active"]),
    }


def related(context: AtlasContext, params: Fields) -> Reply[KinAnswer]:
    """What takes longer: `count` similar units, and the outputs that the unit promotes and suppresses directly."""
    unit, count = context.unit(params), within(params, "count", 1, 100)
    similar, apart = similar_told(context.atlas, unit, count)
    live = context.live
    outputs = outputs_of(live, unit, count) if live is not None else outputs_told(context.atlas, unit, count)
    return Reply(
        {
            "unit": str(unit),
            "apart": apart,
            "similar": [
                [name, round(float(value), 4)]
                for name, value in zip(similar["unit"], similar["correlation"], strict=True)
            ],
            "promoted": _effects(outputs.promoted),
            "suppressed": _effects(outputs.suppressed),
            "note": outputs.note,
            "reason": outputs.reason,
        }
    )


def find(context: AtlasContext, params: Fields) -> Reply[FindAnswer]:
    """Units that fit all that is asked; see `find_units`. `total` says how many there are, `rows` has the first.

    They come in `order`, also where none was asked for. `sites`, `states`: lists, empty for all; `density`: [least,
    most] or null; `text`: a pattern or "", looked for `at` the "peak" or in the "window"; `fires`: in the input of the
    view beside the atlas; `similar`: a unit or null; `order`: one of `ORDERS` or "" for what fits best.
    """
    similar, pattern = params.get("similar") or None, params.get("text") or None
    for name, value in (("similar", similar), ("text", pattern)):
        if not isinstance(value, str | None):
            raise wrong(name, "a text or null", value)
    order = one_of(params, "order", ("", *ORDERS))
    states = texts(params, "states", STATES)
    sites, at = texts(params, "sites"), one_of(params, "at", ("", *PLACES))
    try:
        units = find_units(
            context.atlas,
            sites=sites or None,
            state=states or None,
            density=numbers(params, "density"),
            text=pattern,
            at=at if at and pattern else None,
            fires=(context.recorded or context.record(params)) if params.get("fires") is True else None,
            similar=similar,
            order=order or None,
            unwanted=context.unwanted,
        )
    except ProtocolError:
        raise
    except ValueError as error:
        raise ProtocolError(str(error), "Change what is looked for.") from error
    shown = units.head(within(params, "count", 1, MOST_FOUND))
    columns = [name for name in _COLUMNS if name in units]
    rows = [[row["unit"], *(_cell(row[name]) for name in columns)] for row in as_rows(shown)]
    order = order or best_order(columns)
    return Reply(
        {"total": len(units), "of": len(context.atlas.units), "order": order, "columns": columns, "rows": rows}
    )


def _effects(outputs: Any) -> list[list[Any]]:
    return [[str(row["output"]), float(row["effect"])] for row in outputs.to_dict("records")]


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None


def _cell(value: Any) -> float | int | str | None:
    return _finite(value) if isinstance(value, (int, float, np.number)) else str(value)
