"""Saved pictures of patterns: verdicts, figures, the map, and patterns with their most typical inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from neuronwidget.analysis.patterns.picture import picture, sign
from neuronwidget.analysis.patterns.verdict import in_percent
from neuronwidget.widgets.answers.results.pattern_info import figures, pattern_rows
from neuronwidget.widgets.frames.kinds.kind import ShownMembers
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved

if TYPE_CHECKING:
    from neuronwidget.analysis.patterns.result import Patterns

PATTERNS, MEMBERS = 8, 6


def saved_patterns(layers: Sequence[Patterns]) -> Saved:
    """Saved picture of patterns, to be read without a kernel."""
    if not layers:
        return Saved("PatternView of neuronwidget")
    parts: list[str] = []
    for patterns in layers:
        parts += [html.title(patterns.verdict), *_figures(patterns), _map(patterns), *_rows(patterns)]
    words = "\n".join(patterns.verdict for patterns in layers)
    return Saved(words, tuple(parts))


def _figures(patterns: Patterns) -> list[str]:
    return [html.line(f"{one['name']} {one['value']} {one['words']}", quiet=True) for one in figures(patterns)]


def _map(patterns: Patterns) -> str:
    inputs = patterns.inputs
    x, y = (inputs[name].to_numpy(np.float64) for name in ("x", "y"))
    words = html.escaped(f"A map of the inputs at {patterns.site} in the colours of their patterns")
    return picture(x, y, inputs["pattern"].to_numpy(np.int64), words)


def _rows(patterns: Patterns) -> list[str]:
    lines = []
    for row in pattern_rows(patterns)[:PATTERNS]:
        mix = ", ".join(f"{_named(name)} ({count})" for name, count in (row["labels"] or row["predictions"])[:3])
        steady = "" if row["stability"] is None else f", stability {row['stability']:.2f}"
        words = f"pattern {row['pattern']}: {row['inputs']} inputs ({in_percent(row['share'])}){steady}"
        words += f"; {'label' if row['labels'] else 'the model says'} {mix}" if mix else ""
        members = " ".join(_members(patterns, row["pattern"]))
        lines += [f"<div>{sign(row['pattern'])} {html.escaped(words)}</div>", f"<div>{members}</div>"]
    return lines


def _named(name: str) -> str:
    """A label; signs stand in quotes, as on the page."""
    return name if name[:1].isalnum() else f"“{html.signs(name)}”"


def _members(patterns: Patterns, pattern: int) -> Sequence[str]:
    own = patterns.inputs[patterns.inputs["pattern"] == pattern]
    typical = own.sort_values("membership", ascending=False, kind="stable").head(MEMBERS)
    kept = patterns.kept.some(typical["document"].astype(int).tolist())
    contents = kept.contents(kept.entries["document"].astype(int).tolist())
    return kind_of(kept.kind).saved_members(ShownMembers(contents))
