"""Saved pictures of blind tests: examples that explain the unit, or in the end the score; never an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from neuronwidget.stream.raster import fit_scale
from neuronwidget.widgets.frames.kinds.kind import ShownMembers
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved

if TYPE_CHECKING:
    from neuronwidget.analysis.labels.blind.blind import BlindRounds
    from neuronwidget.analysis.labels.blind.example import Example
    from neuronwidget.analysis.labels.blind.score import BlindScore

#: So many examples of either sort.
SHOWN = 5


def saved_blind(blind: BlindRounds, score: BlindScore, *, explains: bool, is_over: bool) -> Saved:
    """Saved picture of a blind test, to be read without a kernel."""
    parts = [html.title(score.verdict)]
    if is_over:
        heads = ["kind", "judged", "right", "score", "low", "high", "chance"]
        parts.append(html.table([[row[name] for name in heads] for row in score.table().to_dict("records")], heads))
    if explains:
        for fires, words in ((True, "It fires in these"), (False, "It does not fire in these")):
            some = [one for one in blind.examples.explain if one.fires == fires][:SHOWN]
            parts += [html.line(words, quiet=True), *_shown(blind, some)]
    return Saved(score.verdict, tuple(parts))


def _shown(blind: BlindRounds, examples: Sequence[Example]) -> list[str]:
    values = np.concatenate([one.values for one in blind.examples.explain])
    scale = fit_scale(float(values.min()), float(values.max()), "linear", None)
    if all(len(one.pieces) == len(one.values) for one in examples):
        texts = [html.shaded(one.pieces, one.values.astype(np.float32), scale) for one in examples]
        return [*texts, html.legend(scale, "what the unit does")]
    contents = [one.content for one in examples]
    return [f"<div>{' '.join(kind_of(blind.kind).saved_members(ShownMembers(contents)))}</div>"]
