"""Panel of traces: the exact values of the selected unit and of the pinned ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.stream.protocol.answers import Reading
from neuronwidget.stream.protocol.asks import Probe
from neuronwidget.stream.protocol.frames import Grid, ScaleHeader, Value
from neuronwidget.widgets.frames.frame_pass import Floats, FramePass, TensorPass, lead_of
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.frames.request import Request

if TYPE_CHECKING:
    from typing_extensions import NotRequired


@dataclass(frozen=True, slots=True)
class TraceAsk:
    """Request for traces; has no fields, since unit and pins stand in the request."""


class TracePart(TypedDict):
    """Scales of the unit and of the pins; arrays: `unit` [positions], `pins` [pins, positions].

    Of a text, where the edited model is shown: `before` and `pinsBefore`, the same in the model as it was.
    Of pictures and rows besides: the scale of the site, the grids on which values lie (null: one value), and `lead`:
    values of the unit that lie nowhere in the picture. Pins on different grids come one by one, as `pin_0`, `pin_1`, ….
    """

    scale: ScaleHeader | None
    pinScales: list[ScaleHeader]
    siteScale: NotRequired[ScaleHeader]
    grid: NotRequired[Grid | None]
    unitGrid: NotRequired[Grid | None]
    pinGrids: NotRequired[list[Grid | None]]
    lead: NotRequired[list[Value]]


class TracePanel(Panel[TraceAsk, TracePart]):
    """Panel of what single units do at each position."""

    name, reading = "trace", "unit"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> TraceAsk:
        return TraceAsk()

    def needs(self, asked: TraceAsk, request: Request) -> Needs:
        return Needs(request.unit_sites or (request.site,))

    def give(self, asked: TraceAsk, frame_pass: FramePass) -> Given[TracePart]:
        request = frame_pass.request
        scales = [frame_pass.scale(site).header() for site in request.pin_sites]
        if frame_pass.tensor is not None:
            return _on_grids(frame_pass, frame_pass.tensor, scales)
        scale = None if request.unit_site is None else frame_pass.scale(request.unit_site).header()
        arrays: dict[str, NDArray[Any]] = {}
        if request.unit is not None and request.unit_site is not None:
            arrays["unit"] = frame_pass.trace(request.unit, request.unit_site)
        pins = list(zip(request.pins, request.pin_sites, strict=True))
        if pins:
            arrays["pins"] = np.stack([frame_pass.trace(pin, site) for pin, site in pins])
        if (before := frame_pass.before) is not None:
            if request.unit is not None and request.unit_site is not None:
                arrays["before"] = before.trace(request.unit, request.unit_site)
            if pins:
                arrays["pinsBefore"] = np.stack([before.trace(pin, site) for pin, site in pins])
        return Given({"scale": scale, "pinScales": scales}, arrays)


def _on_grids(frame_pass: FramePass, tensor: TensorPass, scales: list[ScaleHeader]) -> Given[TracePart]:
    """The part of a picture or row: values lie on the grid of their site."""
    request = frame_pass.request
    shown = request.unit_site or request.site
    part: TracePart = {
        "scale": frame_pass.scale(shown).header(),
        "pinScales": scales,
        "siteScale": frame_pass.scale(request.site).header(),
        "grid": _grid(request.site),
    }
    arrays: dict[str, NDArray[Any]] = {}
    readout = None
    if request.unit is not None:
        values = frame_pass.trace(request.unit, shown)
        arrays["unit"] = values[lead_of(shown) :]
        part["unitGrid"] = _grid(shown)
        part["lead"] = [readable(float(value)) for value in values[: lead_of(shown)]]
        readout = CellReadout(tensor, shown, request.unit, values)
    if request.pins:
        pairs = zip(request.pins, request.pin_sites, strict=True)
        pins = [frame_pass.trace(pin, site)[lead_of(site) :] for pin, site in pairs]
        grids = [_grid(site) for site in request.pin_sites]
        if all(grid == grids[0] for grid in grids):
            arrays["pins"] = np.stack(pins)
        else:
            arrays.update({f"pin_{i}": pin for i, pin in enumerate(pins)})
        part["pinGrids"] = grids
    return Given(part, arrays, readout)


@dataclass(frozen=True)
class CellReadout:
    """Cells of the unit's own map, and the part of the picture that each can come from."""

    tensor: TensorPass
    site: Site
    unit: Unit
    values: Floats

    def read(self, probe: Probe) -> Reading | None:
        height, width = self.site.grid or (1, 1)
        if not (0 <= probe.x < width and 0 <= probe.y < height):
            return None
        position = lead_of(self.site) + probe.y * width + probe.x
        box = self.tensor.live.field(self.site, position) if self.site.grid is not None else None
        return {
            "where": probe.where,
            "x": probe.x,
            "y": probe.y,
            "unit": str(self.unit),
            "token": position,
            "value": readable(float(self.values[position])),
            "units": 1,
            "tokens": 1,
            "box": None if box is None else list(box),
        }


def _grid(site: Site) -> Grid | None:
    return None if site.grid is None else list(site.grid)
