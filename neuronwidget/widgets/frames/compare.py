"""Comparison of two passes over one input: the unedited model's, the edited one's, and their difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neuronwidget.live.model import LiveModel
from neuronwidget.widgets.frames.frame_pass import Compared, FramePass, Peaks, Recorded, Values, peaks_of
from neuronwidget.widgets.frames.request import Request


def compare(edited: LiveModel, request: Request, both: Compared, peaks: tuple[Peaks, Peaks], number: int) -> FramePass:
    """What is shown of two passes; `peaks` are those before and after. Before and after share their colours."""
    before, after = peaks
    if both.shows == "before":
        return FramePass(edited.unedited, request, both.before, before, number, both, after)
    if both.shows == "after":
        return FramePass(edited, request, both.after, after, number, both, before)
    recorded = difference(both.before, both.after)
    return FramePass(edited, request, recorded, peaks_of(recorded.values, {}, 0), number, both)


def difference(before: Recorded, after: Recorded) -> Recorded:
    """Values of the edited pass less those of the unedited one; else as the edited pass."""
    with np.errstate(invalid="ignore", over="ignore"):
        values = {site: rows - before.values[site] for site, rows in after.values.items() if site in before.values}
    return replace(
        after,
        values=Values(values, {**before.values.failed, **after.values.failed}),
        reused=min(before.reused, after.reused),
        rows_kept=min(before.rows_kept, after.rows_kept),
    )
