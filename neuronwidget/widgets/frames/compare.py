"""Comparison of two passes: without edits and with them, or over another input and over this; and their difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neuronwidget.live.model import LiveModel
from neuronwidget.widgets.frames.frame_pass import Compared, FramePass, Peaks, Recorded, Values, peaks_of
from neuronwidget.widgets.frames.request import Request


def compare(live: LiveModel, request: Request, both: Compared, peaks: tuple[Peaks, Peaks], number: int) -> FramePass:
    """What is shown of two passes; `peaks` are those before and after. Before and after share their colours.

    `live` made the pass after; the one before is of the same without edits, unless it is of another input.
    """
    before, after = peaks
    if both.shows == "before":
        return FramePass(live if both.of_inputs else live.unedited, request, both.before, before, number, both, after)
    if both.shows == "after":
        return FramePass(live, request, both.after, after, number, both, before)
    recorded = difference(both.before, both.after)
    return FramePass(live, request, recorded, peaks_of(recorded.values, {}, 0), number, both)


def difference(before: Recorded, after: Recorded) -> Recorded:
    """Values of the pass after less those of the one before; else as the pass after."""
    with np.errstate(invalid="ignore", over="ignore"):
        values = {site: rows - before.values[site] for site, rows in after.values.items() if site in before.values}
    return replace(
        after,
        values=Values(values, {**before.values.failed, **after.values.failed}),
        reused=min(before.reused, after.reused),
        rows_kept=min(before.rows_kept, after.rows_kept),
    )
