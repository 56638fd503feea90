"""Panel of tiles: small pictures of the strongest units, for sites whose positions lie on a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np

from neuronwidget.stream.protocol.checks import within
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.stream.raster import bin_starts, quantise, strongest
from neuronwidget.widgets.frames.frame_pass import FramePass, lead_of
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.panels.top import strongest_units
from neuronwidget.widgets.frames.request import Request


@dataclass(frozen=True, slots=True)
class TilesAsk:
    """Request for tiles: how many, and the most cells of each."""

    count: int
    height: int
    width: int


class TilesPart(TypedDict):
    """Part without fields; its arrays: `cells` [k, height, width] of bytes, `units` [k], `values` [k]."""


class TilesPanel(Panel[TilesAsk, TilesPart]):
    """Panel of maps of the strongest units, on the scale of the site."""

    name = "tiles"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> TilesAsk:
        sides = (within(asked, side, 1, LIMITS["tile"]) for side in ("height", "width"))
        return TilesAsk(within(asked, "count", 0, LIMITS["tiles"]), *sides)

    def needs(self, asked: TilesAsk, request: Request) -> Needs:
        return Needs((request.site,))

    def give(self, asked: TilesAsk, frame_pass: FramePass) -> Given[TilesPart] | None:
        site = frame_pass.request.site
        if site.grid is None or frame_pass.tensor is None:
            return None
        units, values = strongest_units(frame_pass, site, asked.count)
        height, width = site.grid
        maps = frame_pass.values[site][lead_of(site) :, units].T.reshape(len(units), height, width)
        for axis, most in ((1, asked.height), (2, asked.width)):
            maps = strongest(maps, bin_starts(maps.shape[axis], most), axis=axis)
        cells = np.ascontiguousarray(quantise(maps, frame_pass.scale(site)))
        return Given({}, {"cells": cells, "units": units, "values": values})
