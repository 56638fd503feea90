"""Panel of the overview: the strongest unit of every layer at each position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site
from neuronwidget.stream.protocol.checks import within
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.stream.raster import bin_starts, extremes, fit_peaks, quantise, strongest
from neuronwidget.widgets.frames.frame_pass import FramePass
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.peaks import Peak
from neuronwidget.widgets.frames.readout import OverviewReadout
from neuronwidget.widgets.frames.request import Request

if TYPE_CHECKING:
    from typing_extensions import NotRequired


@dataclass(frozen=True, slots=True)
class OverviewAsk:
    """Request for an overview: how many columns can be shown."""

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
    """Panel of the default sites, from the first to the last."""

    name, reading = "overview", "overview"

    def __init__(self) -> None:
        #: What a line was made of, and the line: of each site the last one.
        self._lines: dict[Site, tuple[Peak, tuple[int, str], _Line]] = {}

    def forget(self) -> None:
        self._lines.clear()

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
            line = self._line(site, frame_pass.peaks[site], length, width, frame_pass.request.ask.mode)
            lows.append(line.low)
            highs.append(line.high)
            starts.append(line.cols)
            lines.append(line.cells)
        part: OverviewPart = {"sites": [site.name for site in sites], "lows": lows, "highs": highs}
        if len(sites) < len(every):
            part["missing"] = [site.name for site in every if site not in sites]
        readout = OverviewReadout(frame_pass.first, sites, [frame_pass.values[site] for site in sites], starts)
        return Given(part, {"cells": np.stack(lines)}, readout)

    def _line(self, site: Site, peaks: Peak, length: int, width: int, mode: str) -> _Line:
        """A site's row; the one of the frame before where it is made of the same."""
        kept = self._lines.get(site)
        if kept is None or kept[0] is not peaks or kept[1] != (width, mode):
            kept = self._lines[site] = peaks, (width, mode), _line_of(peaks, length, width, mode)
        return kept[2]


class _Line(NamedTuple):
    """A row of an overview: cells, where they begin in the positions, and the ends of their scale."""

    cells: NDArray[np.uint8]
    cols: NDArray[np.intp]
    low: float
    high: float


def _line_of(peaks: Peak, length: int, width: int, mode: str) -> _Line:
    low, high = peaks
    with np.errstate(invalid="ignore"):
        peak = np.maximum(high, -low)
    scale = fit_peaks(*extremes(peak)[:2], mode)
    cols = bin_starts(length, width) if length else np.arange(0)
    cells = quantise(strongest(peak, cols, axis=0) if length else peak, scale)
    if len(cols) < width:  # a site of fewer positions than the others is drawn as wide as they
        places = (np.arange(width) * len(cols)) // width
        cols, cells = cols[places], cells[places]
    return _Line(cells, cols, scale.lo, scale.hi)
