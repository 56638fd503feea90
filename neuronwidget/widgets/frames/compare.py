"""Comparison of two passes: without edits and with them, or over another input and over this; and their difference."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site
from neuronwidget.widgets.frames.frame_pass import Compared, Floats, FramePass, Recorded, Values
from neuronwidget.widgets.frames.peaks import KeptPeaks, Peaks
from neuronwidget.widgets.frames.request import Request


class Differences:
    """Differences of one pair of passes after another: of two arrays that are the same ones, it is the same one."""

    def __init__(self) -> None:
        self._kept: dict[Site, tuple[Floats, Floats, Floats]] = {}
        self._peaks = KeptPeaks()

    def forget(self) -> None:
        self._kept.clear()
        self._peaks = KeptPeaks()

    def of(self, before: Recorded, after: Recorded) -> tuple[Recorded, Peaks]:
        """Values of the pass after less those of the one before, else as the pass after; and their ends."""
        values = {
            site: self._of(site, before.values[site], rows)
            for site, rows in after.values.items()
            if site in before.values
        }
        recorded = replace(
            after,
            values=Values(values, {**before.values.failed, **after.values.failed}),
            reused=min(before.reused, after.reused),
            rows_kept=min(before.rows_kept, after.rows_kept),
            lasts=True,
        )
        return recorded, self._peaks.of(recorded.values, lasts=True)

    def _of(self, site: Site, before: Floats, after: Floats) -> Floats:
        kept = self._kept.get(site)
        if kept is None or kept[0] is not before or kept[1] is not after:
            with np.errstate(invalid="ignore", over="ignore"):
                kept = self._kept[site] = before, after, after - before
        return kept[2]


def compare(
    live: LiveModel, request: Request, both: Compared, peaks: tuple[Peaks, Peaks], number: int, kept: Differences
) -> FramePass:
    """What is shown of two passes; `peaks` are those before and after. Before and after share their colours.

    `live` made the pass after; the one before is of the same without edits, unless it is of another input.
    """
    before, after = peaks
    if both.shows == "before":
        return FramePass(live if both.of_inputs else live.unedited, request, both.before, before, number, both, after)
    if both.shows == "after":
        return FramePass(live, request, both.after, after, number, both, before)
    return FramePass(live, request, *kept.of(both.before, both.after), number, both)
