"""Panel of the sweep: what the selected unit, the pins and the classes do as one column goes over its range."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.stream.protocol.checks import within, wrong
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.stream.raster import strongest
from neuronwidget.widgets.frames.frame_pass import Floats, FramePass, TensorPass
from neuronwidget.widgets.frames.panels.panel import Given, Panel
from neuronwidget.widgets.frames.request import Request


@dataclass(frozen=True, slots=True)
class SweepAsk:
    """Request for a sweep: the column that goes over its range, and in how many points."""

    column: str
    points: int


class SweepPart(TypedDict):
    """Part of a sweep: where it stopped on its way.

    Arrays: `unit` [points], `pins` [pins, points], `classes` [points, classes], each where there are any.
    """

    column: str
    xs: list[float | str]


class SweepPanel(Panel[SweepAsk, SweepPart]):
    """Panel of sweeps over a column. The last sweep is kept: it does not change while its own column does."""

    name = "sweep"

    def __init__(self) -> None:
        # `forget` leaves it: it has a key of its own, and outlives the row that it was made for.
        self._swept: tuple[Hashable, Given[SweepPart]] | None = None

    @staticmethod
    def read(asked: Mapping[str, Any]) -> SweepAsk:
        column = asked.get("column")
        if not isinstance(column, str):
            raise wrong("column", "a column's name", column)
        return SweepAsk(column, within(asked, "points", 2, LIMITS["points"]))

    def give(self, asked: SweepAsk, frame_pass: FramePass) -> Given[SweepPart] | None:
        tensor, request = frame_pass.tensor, frame_pass.request
        column_of = None if tensor is None else getattr(tensor.live.inputs, "column", None)
        if tensor is None or column_of is None:
            return None
        column = column_of(asked.column)
        others = tuple(item for item in tensor.value.items() if item[0] != column.name)
        key = (asked, others, request.unit, request.pins, tensor.live.signature())
        if self._swept is not None and self._swept[0] == key:
            return self._swept[1]
        points = column.points(asked.points)
        prepared = [tensor.live.inputs.prepare({**tensor.value, column.name: point}) for point in points]
        given: Given[SweepPart] = Given({"column": asked.column, "xs": points}, _curves(tensor, request, prepared))
        self._swept = (key, given)
        return given


def _curves(tensor: TensorPass, request: Request, prepared: list[Any]) -> dict[str, NDArray[Any]]:
    units = list(zip(request.pins, request.pin_sites, strict=True))
    if request.unit is not None and request.unit_site is not None:
        units.append((request.unit, request.unit_site))
    lines, classes = _lines(tensor, units, prepared)
    curves: dict[str, NDArray[Any]] = {}
    if request.unit is not None and not np.isnan(lines[-1]).all():
        curves["unit"] = lines[-1]
    if request.pins:
        curves["pins"] = lines[: len(request.pins)]
    if classes is not None:
        curves["classes"] = classes.astype(np.float32)
    return curves


def _lines(tensor: TensorPass, units: Sequence[tuple[Unit, Site]], prepared: list[Any]) -> tuple[Floats, Floats | None]:
    """Each unit's value of largest magnitude on each input, NaN where it has none: [units, inputs]; the classes."""
    wanted: dict[Site, list[int]] = {}
    for unit, site in units:
        wanted.setdefault(site, []).append(unit.index)
    values, classes = tensor.live.sweep(prepared, wanted)
    lines = np.full((len(units), len(prepared)), np.nan, np.float32)
    for line, (unit, site) in zip(lines, units, strict=True):
        if site in values:
            mine = values[site][:, :, wanted[site].index(unit.index)]
            line[:] = strongest(mine, np.zeros(1, np.intp), axis=1)[:, 0]
    return lines, classes
