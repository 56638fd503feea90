"""Saved pictures of comparisons: verdict, figures, effect against certainty, the best units, one of them closely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neuronwidget.analysis.patterns.picture import picture
from neuronwidget.widgets.answers.compared import meaning
from neuronwidget.widgets.answers.results.comparison_info import figures, heights
from neuronwidget.widgets.frames.kinds.kind import ShownMembers
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved

if TYPE_CHECKING:
    from neuronwidget.analysis.which.compare.result import Comparison
    from neuronwidget.live.structure.sites import Unit

UNITS, INPUTS = 12, 4
#: Columns of its table, as they are called on the page.
_COLUMNS = {
    "site": "site",
    "unit": "unit",
    "group": "higher in",
    "effect": "effect",
    "low": "low",
    "high": "high",
    "q": "q",
    "in_sample": "when found",
}


def saved_comparison(comparison: Comparison, unit: Unit | None) -> Saved:
    """Saved picture of a comparison, to be read without a kernel."""
    edits = comparison.provenance.edits
    edited = [html.line(f"The model was changed: {', '.join(edits)}.")] if edits else []
    numbers = [html.line(f"{one['name']} {one['value']} {one['words']}", quiet=True) for one in figures(comparison)]
    table = comparison.table().head(UNITS)
    table["unit"] = [html.called(unit, label) for unit, label in zip(table["unit"], table["label"], strict=True)]
    rows = [[row[name] for name in _COLUMNS] for row in table.to_dict("records")]
    best = html.table(rows, [*_COLUMNS.values()])
    parts = [html.title(comparison.verdict), *edited, *numbers, _points(comparison), best]
    if unit is not None:
        parts += _closely(comparison, unit)
    return Saved(comparison.verdict, tuple(parts))


def _points(comparison: Comparison) -> str:
    table = comparison.units
    marks = np.where(table["found"], [list(comparison.groups).index(name) for name in table["group"]], -1)
    words = html.escaped(f"Each unit's {comparison.effect_name} against how sure it is (−log of q)")
    return picture(table["effect"].to_numpy(np.float64), np.sqrt(heights(table)), marks.astype(np.int64), words)


def _closely(comparison: Comparison, unit: Unit) -> list[str]:
    try:
        spread, exemplars = comparison.distributions(unit), comparison.exemplars(unit)
    except KeyError:  # of many units the values of the best are kept
        return []
    lines = [html.line(f"{unit}: {meaning(comparison, unit)}")]
    for name in comparison.groups:
        middle = spread.loc[spread["group"] == name, "value"].median()
        strongest = exemplars[exemplars["group"] == name].head(INPUTS)
        if (strongest["value"] == 0).all():
            lines.append(html.line(f"{name}: zero also where it is strongest"))
            continue
        lines.append(html.line(f"{name}: {html.number(float(middle))} in the middle; it responds most strongly to"))
        kept = comparison.kept.some(strongest["document"].astype(int).tolist())
        shown = ShownMembers(kept.contents(kept.entries["document"].astype(int).tolist()))
        lines.append(f"<div>{' '.join(kind_of(kept.kind).saved_members(shown))}</div>")
    return lines
