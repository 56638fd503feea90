"""Saved pictures of what an atlas knows: a unit's numbers and exemplars, and units that were found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from neuronwidget.analysis.inspect.card import state_in_words
from neuronwidget.analysis.inspect.find import as_rows
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.widgets.answers.exemplars import unit_scale
from neuronwidget.widgets.frames.kinds.kind import ShownExemplars
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved
from neuronwidget.widgets.saved.picture import png_of_cells

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.labels.labels import Labels
    from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit

EXEMPLARS, FOUND, BARS, HEIGHT = 8, 12, 60, 24


def saved_exemplars(atlas: AtlasBase, live: LiveModel | None, unit: Unit, group: str = "top") -> list[str]:
    """The first exemplars of a group, each with its value."""
    table = atlas.exemplars(unit)
    rows = table[table["group"] == group].head(EXEMPLARS)
    scale = unit_scale(atlas, unit)
    shown = kind_of(atlas.input).saved_exemplars(ShownExemplars(atlas, live, unit, rows, table), scale)
    top = 'style="vertical-align:top;text-align:left;padding:2px 12px 2px 0"'
    lines = [
        f"<tr><td {top}>{html.number(float(value))}</td><td {top}>{words}</td></tr>"
        for value, words in zip(rows["value"], shown, strict=True)
    ]
    if not lines:
        return [html.line(f"No exemplars in the group {group}.", quiet=True)]
    head = html.line(f"Exemplars of {unit}, {group}: value, input", quiet=True)
    return [head, f"<table>{''.join(lines)}</table>", html.legend(scale, "over the data set")]


def saved_numbers(atlas: AtlasBase, unit: Unit) -> tuple[str, list[str]]:
    """A unit's state in words, and its histogram."""
    words = state_in_words(atlas, atlas.unit(unit))
    histogram = atlas.histogram(unit)
    parts = [html.line(words)]
    counts = histogram["count"].to_numpy(np.float64)
    if len(counts):
        starts = np.linspace(0, len(counts), min(BARS, len(counts)), endpoint=False).astype(int)
        heights = np.sqrt(np.add.reduceat(counts, starts))
        filled = np.arange(HEIGHT)[::-1, None] < np.ceil(HEIGHT * heights / max(heights.max(), 1.0))[None]
        low, high = float(histogram["low"].iloc[0]), float(histogram["high"].iloc[-1])
        ends = f"{html.number(low)} to {html.number(high)}"
        bars = html.image(png_of_cells(np.where(filled, 255, 3).astype(np.uint8), False), f"Histogram, {ends}", 360, 72)
        parts += [html.line(f"Histogram from {ends} (heights: square roots of counts)", quiet=True), bars]
    return words, parts


def saved_grid(name: str, atlas: AtlasBase, live: LiveModel | None, unit: Unit, group: str) -> Saved:
    """A unit's state and its exemplars."""
    words, parts = saved_numbers(atlas, unit)
    called = (atlas if live is None else live).labels.called(unit)
    what = f"{name} of {atlas.model or 'an atlas'} · unit {called}"
    shown = saved_exemplars(atlas, live, unit, group)
    return Saved(f"{what}\n{words}", (html.title(what), parts[0], *shown))


def with_atlas(live_view: Saved, atlas: AtlasBase, live: LiveModel, unit: Unit, group: str) -> Saved:
    """A live view with what the atlas knows of its unit below it; as it is where that unit was not scanned."""
    try:
        words, numbers = saved_numbers(atlas, unit)
    except (KeyError, IndexError):
        return live_view
    more = (*numbers, *saved_exemplars(atlas, live, unit, group))
    return Saved(f"{live_view.words}\n{words}", (*live_view.parts, *more))


def saved_finding(atlas: AtlasBase, labels: Labels, finding: pd.DataFrame, asked: str) -> Saved:
    """The first units of a search, with what is known of each."""
    what = f"UnitFinder in {atlas.model or 'an atlas'} · {len(finding):,} of {len(atlas.units):,} units{asked}"
    names = [name for name in ("state", "density", "max", "matches", "value", "strength") if name in finding]
    rows = [[labels.called(row["unit"]), *(row[name] for name in names)] for row in as_rows(finding.head(FOUND))]
    first = f"\nThe first: {', '.join(row[0] for row in rows[:3])}" if rows else ""
    return Saved(what + first, (html.title(what), html.table(rows, ["unit", *names])))
