"""Answers with inputs of a pattern: the most typical, and those that hardly belong to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.checks import ProtocolError, part, readable, whole, within, wrong
from neuronwidget.stream.protocol.results.patterns import MemberRow, MembersAnswer
from neuronwidget.widgets.answers.chosen import WIDE, aligned, is_chosen, read_narrowed
from neuronwidget.widgets.answers.context import Fields, Reply
from neuronwidget.widgets.answers.shown_inputs import shown_inputs

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.analysis.patterns.result import Patterns
    from neuronwidget.live.model import LiveModel

#: The most inputs of one answer, how many hardly belong, and of how large a pattern these are shown.
MOST, OUTLIERS, ENOUGH = 200, 6, 18
_NAME = 80


@dataclass(frozen=True)
class PatternContext:
    """The patterns of one layer or two, and the live model where there is one."""

    layers: Sequence[Patterns]
    live: LiveModel | None = None


def members(context: PatternContext, params: Fields) -> Reply[MembersAnswer]:
    """Inputs of a pattern as far as they are chosen, those at its heart first; or those of some `documents`."""
    if params.get("documents") is not None:
        return _answer(context, _named(context, params["documents"]), None, None)
    layer, pattern = within(params, "layer", 0, len(context.layers) - 1), _pattern(params)
    try:
        narrowed = read_narrowed(part(params, "narrowed") or WIDE)
    except ValueError as error:
        raise ProtocolError(str(error), "Reload the page.") from error
    shown = aligned(context.layers, layer)
    kept = is_chosen(context.layers, None, narrowed)
    kept &= (shown["pattern"] == pattern).to_numpy() if pattern is not None else True
    rows = shown[kept].sort_values(["membership", "outlier"], ascending=[False, True], kind="stable")
    typical = rows.head(within(params, "most", 1, MOST))
    belongs = pattern is not None and pattern >= 0 and len(rows) >= ENOUGH
    outliers = rows.iloc[len(typical) :].tail(OUTLIERS)[::-1] if belongs else rows.iloc[:0]
    unit = None if pattern is None else marker(context.layers[layer], pattern)
    return _answer(context, typical, outliers, unit, len(rows))


def marker(patterns: Patterns, pattern: int) -> Unit | None:
    """The unit that sets a pattern apart most; None for inputs in none."""
    table = patterns.markers[patterns.markers["pattern"] == pattern]
    return None if table.empty else Unit(str(table["site"].iloc[0]), int(table["unit"].iloc[0]))


def _named(context: PatternContext, documents: object) -> pd.DataFrame:
    if not isinstance(documents, list):
        raise wrong("documents", "a list of numbers", documents)
    numbers = [whole({"document": number}, "document") for number in documents[:MOST]]
    inputs = context.layers[0].inputs
    return inputs[inputs["document"].isin(numbers)]


def _pattern(params: Mapping[str, Any]) -> int | None:
    return None if params.get("pattern") is None else whole(params, "pattern")


def _answer(
    context: PatternContext,
    typical: pd.DataFrame,
    outliers: pd.DataFrame | None,
    unit: Unit | None,
    total: int | None = None,
) -> Reply[MembersAnswer]:
    outliers = typical.iloc[:0] if outliers is None else outliers
    numbers = [*typical["document"].astype(int), *outliers["document"].astype(int)]
    shown = shown_inputs(context.layers[0].kept, numbers, context.live, unit)
    entries = [*typical.to_dict("records"), *outliers.to_dict("records")]
    rows = [cast("MemberRow", {**_row(row), **own}) for row, own in zip(entries, shown.each, strict=True)]
    answer = {
        "total": len(typical) if total is None else total,
        "typical": rows[: len(typical)],
        "outliers": rows[len(typical) :],
        **shown.common,
    }
    return Reply(cast("MembersAnswer", answer), shown.arrays)


def _row(row: Mapping[Any, Any]) -> MemberRow:
    def words(column: str) -> str | None:
        value = row.get(column)
        return readable(value, _NAME) if isinstance(value, str) else None

    return {
        "document": int(row["document"]),
        "name": readable(str(row["name"]), _NAME),
        "label": words("label"),
        "prediction": words("prediction"),
        "membership": float(row["membership"]),
        "outlier": float(row["outlier"]),
    }


ANSWERS: dict[str, Callable[[PatternContext, Fields], Reply[MembersAnswer]]] = {"members": members}
