"""Panel of the strongest units: of a text those at the chosen token, of a picture or row those anywhere in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site
from neuronwidget.stream.protocol.checks import within
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.stream.raster import strongest
from neuronwidget.widgets.frames.frame_pass import Floats, FramePass
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.request import Request


@dataclass(frozen=True, slots=True)
class TopAsk:
    """Request for the strongest units: how many."""

    most: int


class TopPart(TypedDict):
    """Part without fields; its arrays: `units` [k] and `values` [k], the strongest first.

    Of a text, where the edited model is shown: `before` [k], what these units did in the model as it was.
    """


class TopPanel(Panel[TopAsk, TopPart]):
    """Panel of the units of the site by the magnitude of their values."""

    name = "top"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> TopAsk:
        return TopAsk(within(asked, "most", 0, LIMITS["top"]))

    def needs(self, asked: TopAsk, request: Request) -> Needs:
        return Needs((request.site,) if asked.most else ())

    def give(self, asked: TopAsk, frame_pass: FramePass) -> Given[TopPart] | None:
        if not asked.most:
            return None
        site = frame_pass.request.site
        if frame_pass.text is None:
            units, values = strongest_units(frame_pass, site, asked.most)
            return Given({}, {"units": units, "values": values})
        if frame_pass.text.token is None:
            return None
        place = frame_pass.text.token - frame_pass.text.start
        if frame_pass.compared is not None:
            frame_pass.compared.check_pair(place)
        row = frame_pass.values[site][place]
        strength = np.nan_to_num(np.abs(row), nan=np.inf)
        k = min(asked.most, len(row))
        best = np.argpartition(-strength, k - 1)[:k]
        best = best[np.lexsort((best, -strength[best]))]
        arrays: dict[str, NDArray[Any]] = {"units": best.astype(np.int32), "values": row[best].astype(np.float32)}
        if frame_pass.before is not None:
            arrays["before"] = frame_pass.before.values[site][place][best].astype(np.float32)
        return Given({}, arrays)


def strongest_units(frame_pass: FramePass, site: Site, most: int) -> tuple[NDArray[np.int32], Floats]:
    """Units with the largest magnitude over all positions, and those values."""
    peaks: Floats = strongest(frame_pass.values[site], np.zeros(1, np.intp), axis=0)[0]
    order = np.argsort(-np.nan_to_num(np.abs(peaks), nan=np.inf), kind="stable")[:most]
    return order.astype(np.int32), peaks[order].astype(np.float32)
