"""Answer with what one unit does on the groups of a comparison: its values in each, and inputs of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.inspect.card import state_in_words
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.checks import readable, wrong
from neuronwidget.stream.protocol.results.comparison import ComparedAnswer, ComparedGroup, ExemplarRow
from neuronwidget.widgets.answers.context import Fields, Reply
from neuronwidget.widgets.answers.results.shown import finite
from neuronwidget.widgets.answers.shown_inputs import shown_inputs
from neuronwidget.widgets.saved import html

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.analysis.which.compare.result import Comparison
    from neuronwidget.live.model import LiveModel

#: Into so many equal parts the values are sorted, and so many inputs of each group are shown.
PARTS, INPUTS = 32, 4
_NAME = 80


@dataclass(frozen=True)
class ComparisonContext:
    """A comparison, and the live model and the atlas beside it where there are any."""

    comparison: Comparison
    live: LiveModel | None = None
    atlas: AtlasBase | None = None


def compared(context: ComparisonContext, params: Fields) -> Reply[ComparedAnswer]:
    """The values of a unit in each group, on the half that had no part in finding it, and its strongest inputs."""
    if not isinstance(params.get("unit"), str):
        raise wrong("unit", "a unit's name", params.get("unit"))
    unit, comparison = Unit.parse(params["unit"]), context.comparison
    words = meaning(comparison, unit)
    spread, exemplars = comparison.distributions(unit), comparison.exemplars(unit)
    strongest = {name: exemplars[exemplars["group"] == name].head(INPUTS) for name in comparison.groups}
    documents = [int(number) for rows in strongest.values() for number in rows["document"]]
    shown = shown_inputs(comparison.kept, documents, context.live, unit)
    own = iter(shown.each)
    named = dict(zip(comparison.kept.entries["document"], comparison.kept.entries["id"], strict=True))
    inputs = {
        name: [_exemplar(row, named, next(own)) for row in rows.to_dict("records")] for name, rows in strongest.items()
    }
    ends, rates = _ends(spread), _rates(comparison, unit)
    answer = {
        "words": words,
        "over": _over(context.atlas, unit),
        "cause": _cause(comparison, unit),
        "ends": ends,
        "groups": [
            _group(name, _values(spread, name), ends, rates.get(name), inputs[name]) for name in comparison.groups
        ],
        **shown.common,
    }
    return Reply(cast("ComparedAnswer", answer), shown.arrays)


def meaning(comparison: Comparison, unit: Unit) -> str:
    """What the effect of a unit means, without words of statistics."""
    row = row_of(comparison, unit)
    if comparison.measure == "entropy":
        return f"Active most often in {row['group']}. The effect is 0 where groups are alike, 1 where one alone has it."
    share, low, high = (0.5 + abs(row["effect"]), *_beyond_half(row))
    others = [name for name in comparison.groups if name != row["group"]]
    between = f" ({low:.0%} to {high:.0%})" if low is not None and high is not None else ""
    return (
        f"Of one input of {row['group']} and one of {' or '.join(others)}, it is higher on that of {row['group']} "
        f"in {share:.0%} of all pairs{between}; 50% would be chance."
    )


def row_of(comparison: Comparison, unit: Unit) -> Mapping[Any, Any]:
    """The row of a unit; raises `KeyError` where it was not searched."""
    table = comparison.units
    own = table[(table["site"] == unit.site) & (table["unit"] == unit.index)]
    if own.empty:
        raise KeyError(f"{unit} is not among the {len(table):,} units that were compared.")
    row: Mapping[Any, Any] = own.iloc[0].to_dict()
    return row


def _beyond_half(row: Mapping[Any, Any]) -> tuple[float | None, float | None]:
    """The interval of how often it is higher in the group where it is."""
    low, high = finite(row["low"]), finite(row["high"])
    if low is None or high is None:
        return None, None
    return (0.5 + low, 0.5 + high) if row["effect"] >= 0 else (0.5 - high, 0.5 - low)


def _exemplar(row: Mapping[Any, Any], named: Mapping[int, Any], own: Mapping[str, Any]) -> ExemplarRow:
    document = int(row["document"])
    entry = {
        "document": document,
        "name": readable(str(named.get(document) or f"input {document}"), _NAME),
        "label": None,
        "prediction": None,
        "value": finite(row["value"]),
        **own,
    }
    return cast("ExemplarRow", entry)


def _group(
    name: str,
    values: NDArray[np.float64],
    ends: tuple[float, float],
    rate: float | None,
    exemplars: list[ExemplarRow],
) -> ComparedGroup:
    low, middle, high = np.percentile(values, [25, 50, 75]) if len(values) else (None, None, None)
    counts = np.histogram(values, PARTS, ends)[0]
    return {
        "name": readable(name, _NAME),
        "inputs": len(values),
        "low": finite(low),
        "middle": finite(middle),
        "high": finite(high),
        "rate": rate,
        "shares": (counts / max(1, len(values))).round(4).tolist(),
        "exemplars": exemplars,
    }


def _values(spread: pd.DataFrame, group: str) -> NDArray[np.float64]:
    values: NDArray[np.float64] = spread.loc[spread["group"] == group, "value"].to_numpy(np.float64)
    return values[np.isfinite(values)]


def _ends(spread: pd.DataFrame) -> tuple[float, float]:
    """The ends of all values; apart where they are all alike."""
    values = spread["value"].to_numpy(np.float64)
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _rates(comparison: Comparison, unit: Unit) -> dict[str, float | None]:
    """On how large a share of each group's inputs the unit is active; {} where that is not told."""
    rates = comparison.rates
    if rates.empty:
        return {}
    own = rates[(rates["site"] == unit.site) & (rates["unit"] == unit.index)]
    return {} if own.empty else {name: finite(own.iloc[0][name]) for name in comparison.groups}


def _cause(comparison: Comparison, unit: Unit) -> str | None:
    """What came of holding the unit at its mean; None where that was not tried."""
    causes = comparison.causes
    own = None if causes is None else causes[causes["unit"] == str(unit)]
    if own is None or own.empty:
        return None
    row = own.iloc[0]
    held = f"Held at its mean it changes what the model says by KL {html.number(float(row['effect']))}"
    beside = f"the largest of {int(row['random'])} random units that were changed as much does by "
    beside += html.number(float(row["largest_random"]))
    verdict = "the model uses it" if row["cause"] else "it tells the groups apart, but is not shown to be a cause"
    return f"{held}; {beside}: {verdict}."


def _over(atlas: AtlasBase | None, unit: Unit) -> str:
    """What an atlas says of the unit, over its whole data set; "" where there is none or it does not know the unit."""
    if atlas is None:
        return ""
    try:
        return readable(state_in_words(atlas, atlas.unit(atlas.resolve(unit))), 300)
    except (LookupError, ValueError):
        return ""


ANSWERS: dict[str, Callable[[ComparisonContext, Fields], Reply[ComparedAnswer]]] = {"compared": compared}
