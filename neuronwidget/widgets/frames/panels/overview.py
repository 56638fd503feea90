"""Panel of the overview: the strongest unit of every layer at each position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from neuronwidget.stream.protocol.checks import within
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.stream.raster import bin_starts, extremes, fit_peaks, quantise, strongest
from neuronwidget.widgets.frames.frame_pass import FramePass
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.readout import OverviewReadout
from neuronwidget.widgets.frames.request import Request

if TYPE_CHECKING:
    from typing_extensions import NotRequired


@dataclass(frozen=True, slots=True)
class OverviewAsk:
    """How many columns can be shown."""

    width: int


class OverviewPart(TypedDict):
    """The layers of an overview; each runs between its own ends. Array: `cells` [sites, columns] of bytes.

    `missing`: layers that could not be recorded on this input.
    """

    sites: list[str]
    lows: list[float]
    highs: list[float]
    missing: NotRequired[list[str]]


class OverviewPanel(Panel[OverviewAsk, OverviewPart]):
    """The default sites, from the first to the last."""

    name, reading = "overview", "overview"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> OverviewAsk:
        return OverviewAsk(within(asked, "width", 0, LIMITS["bins"]))

    def needs(self, asked: OverviewAsk, request: Request) -> Needs:
        return Needs(tuple(request.defaults) if asked.width else ())

    def give(self, asked: OverviewAsk, frame_pass: FramePass) -> Given[OverviewPart] | None:
        if not asked.width:
            return None
        every, values = frame_pass.request.defaults, frame_pass.values
        sites = [site for site in every if site in values] or every[:1]
        lengths = [len(frame_pass.values[site]) for site in sites]
        width = min(asked.width, max(lengths))
        lines, lows, highs, starts = [], [], [], []
        for site, length in zip(sites, lengths, strict=True):
            low, high = frame_pass.peaks[site]
            with np.errstate(invalid="ignore"):
                peak = np.maximum(high, -low)
            scale = fit_peaks(*extremes(peak)[:2], frame_pass.request.ask.mode)
            lows.append(scale.lo)
            highs.append(scale.hi)
            cols = bin_starts(length, width) if length else np.arange(0)
            line = quantise(strongest(peak, cols, axis=0) if length else peak, scale)
            if len(cols) < width:  # a site of fewer positions than the others is drawn as wide as they
                places = (np.arange(width) * len(cols)) // width
                cols, line = cols[places], line[places]
            starts.append(cols)
            lines.append(line)
        part: OverviewPart = {"sites": [site.name for site in sites], "lows": lows, "highs": highs}
        if len(sites) < len(every):
            part["missing"] = [site.name for site in every if site not in sites]
        readout = OverviewReadout(frame_pass.first, sites, [frame_pass.values[site] for site in sites], starts)
        return Given(part, {"cells": np.stack(lines)}, readout)
