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
    """How many, and the most cells of each."""

    count: int
    height: int
    width: int


class TilesPart(TypedDict):
    """Nothing beside its arrays: `cells` [k, height, width] of bytes, `units` [k], `values` [k]."""


class Tiles(Panel[TilesAsk, TilesPart]):
    """Maps of the strongest units on the scale of the site."""

    name = "tiles"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> TilesAsk:
        sides = (within(asked, side, 1, LIMITS["tile"]) for side in ("height", "width"))
        return TilesAsk(within(asked, "count", 0, LIMITS["tiles"]), *sides)

    def needs(self, asked: TilesAsk, request: Request) -> Needs:
        return Needs((request.site,))

    def give(self, asked: TilesAsk, done: FramePass) -> Given[TilesPart] | None:
        site = done.request.site
        if site.grid is None or done.tensor is None:
            return None
        units, values = strongest_units(done, site, asked.count)
        height, width = site.grid
        maps = done.values[site][lead_of(site) :, units].T.reshape(len(units), height, width)
        for axis, most in ((1, asked.height), (2, asked.width)):
            maps = strongest(maps, bin_starts(maps.shape[axis], most), axis=axis)
        cells = np.ascontiguousarray(quantise(maps, done.scale(site)))
        return Given({}, {"cells": cells, "units": units, "values": values})
