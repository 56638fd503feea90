"""Panel of the map: units × positions of one site, in bytes, with as many cells as the screen can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.stream.protocol.checks import one_of, pair, within, wrong
from neuronwidget.stream.protocol.frames import ScaleHeader
from neuronwidget.stream.protocol.shared import LIMITS, ORDERS
from neuronwidget.stream.raster import Scale, bin_starts, first_largest, pools_alike, quantise, strongest
from neuronwidget.widgets.frames.frame_pass import Floats, FramePass
from neuronwidget.widgets.frames.order import order_units
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.readout import MapReadout
from neuronwidget.widgets.frames.request import Request

Indices = NDArray[np.intp]

#: A map has no more cells than this, however large the view, so that a whole frame stays under 400 kB.
MOST_CELLS = 250_000
#: Of so many rows the cells are made anew alone, where the others' units are as they were.
_FEW = 16


@dataclass(frozen=True, slots=True)
class MapAsk:
    """What is visible of the map: ranges over ordered, filtered units and over the positions; the pixels for it."""

    rows: tuple[int, int] | None
    cols: tuple[int, int] | None
    height: int
    width: int
    order: str = "index"
    hold: bool = False
    units: tuple[int, ...] | None = None


class MapPart(TypedDict):
    """Which rows (of ordered, filtered units) and columns (positions) a map shows; half-open ranges.

    Arrays: `cells` [rows, columns] of bytes, `units` [rows]: the strongest unit of each row.
    """

    rows: list[int]
    cols: list[int]
    total: int
    selected: int | None
    scale: ScaleHeader


@dataclass
class _Pooled:
    """Cells of a map [columns, rows] before they become bytes; `key`: site, units and rows that they are of.

    `lasts`: nobody wrote to the values since. `painted`: the bytes [rows, columns], with their scale; `peaks`: the
    largest magnitude of each unit of the site; `pools_alike`: are rows pooled alike on their own? All are made when
    they are first wanted.
    """

    number: int
    key: tuple[Site, bytes, bytes]
    values: Floats
    lasts: bool
    cells: Floats
    painted: tuple[Scale, NDArray[np.uint8]] | None = None
    peaks: Floats | None = None
    pools_alike: bool | None = None

    def bytes_in(self, scale: Scale) -> NDArray[np.uint8]:
        """The cells as bytes of a scale: [rows, columns]."""
        if self.painted is None or self.painted[0] != scale:
            self.painted = scale, np.ascontiguousarray(quantise(self.cells, scale).T)
        return self.painted[1]

    def holders(self, units: Indices, rows: Indices, seen: Floats) -> Indices:
        """The strongest unit of each row, of what is seen of the values [columns, units of the site]."""
        if len(rows) == len(units):
            return units
        if self.peaks is None:
            self.peaks = _peaks(seen)
        return units[first_largest(self.peaks[units], rows)]

    def of_others(self, values: Floats, units: Indices, rows: Indices) -> _Pooled | None:
        """The same of values of which a few units are others than these; None where it takes more than that."""
        if values.shape != self.values.shape:
            return None
        is_other = (values != self.values).any(axis=0)
        others = np.flatnonzero(is_other)
        if len(others) > _FEW or not pools_alike(values[:, others], rows, len(units)):
            return None
        if self.pools_alike is None:
            self.pools_alike = pools_alike(self.values, rows, len(units))
        if not self.pools_alike:
            return None
        bins = np.unique(np.searchsorted(rows, np.flatnonzero(is_other[units]), side="right") - 1)
        cells, painted, peaks = self.cells.copy(), self.painted, self.peaks
        for number in bins.tolist():
            end = rows[number + 1] if number + 1 < len(rows) else len(units)
            cells[:, number] = strongest(values[:, units[rows[number] : end]], np.zeros(1, np.intp), axis=1)[:, 0]
        if painted is not None:
            painted = painted[0], painted[1].copy()
            painted[1][bins] = quantise(cells[:, bins], painted[0]).T
        if peaks is not None:
            peaks = peaks.copy()
            peaks[others] = _peaks(values[:, others])
        return replace(self, values=values, cells=cells, painted=painted, peaks=peaks)


def _peaks(values: Floats) -> Floats:
    """The largest magnitude of each unit: [units]."""
    with np.errstate(invalid="ignore"):
        peaks: Floats = np.nan_to_num(np.maximum(values.max(0), -values.min(0)), nan=np.inf)
    return peaks


class MapPanel(Panel[MapAsk, MapPart]):
    """Panel of all units of a site; keeps cells from frame to frame, and the order of the rows where it is to hold."""

    name, reading = "map", "map"

    def __init__(self) -> None:
        self._order: tuple[tuple[str, tuple[int, ...] | None], Indices] | None = None
        self._pooled: _Pooled | None = None

    def forget(self) -> None:
        self._pooled = None

    @staticmethod
    def read(asked: Mapping[str, Any]) -> MapAsk:
        units = asked.get("units")
        if units is not None and not (isinstance(units, list) and all(type(unit) is int for unit in units)):
            raise wrong("units", "a list of unit numbers or null", units)
        return MapAsk(
            rows=pair(asked, "rows"),
            cols=pair(asked, "cols"),
            height=within(asked, "height", 1, LIMITS["bins"]),
            width=within(asked, "width", 1, LIMITS["bins"]),
            order=one_of(asked, "order", ORDERS),
            hold=bool(asked.get("hold", False)),
            units=None if units is None else tuple(units),
        )

    def needs(self, asked: MapAsk, request: Request) -> Needs:
        return Needs((request.site,))

    def give(self, asked: MapAsk, frame_pass: FramePass) -> Given[MapPart]:
        site = frame_pass.request.site
        values, scale = frame_pass.values[site], frame_pass.scale(site)
        order = self._ordered(asked, site, values)
        row0, row1 = _clip(asked.rows, len(order))
        col0, col1 = _clip(asked.cols, len(values))
        part: MapPart = {
            "rows": [row0, row1],
            "cols": [col0, col1],
            "total": len(order),
            "selected": _place_of(frame_pass.request.unit, site, order),
            "scale": scale.header(),
        }
        if row0 == row1 or col0 == col1:
            self._pooled = None
            return Given(part, {"cells": np.empty((0, 0), np.uint8), "units": np.empty(0, np.int32)})
        width = min(asked.width, col1 - col0)
        cols = bin_starts(col1 - col0, width)
        rows = bin_starts(row1 - row0, min(asked.height, max(1, MOST_CELLS // width)))
        units = order[row0:row1]
        seen = values[col0:col1]
        pooled = self._pool(frame_pass, seen, cols, units, rows)
        cells, holders = pooled.bytes_in(scale), pooled.holders(units, rows, seen)
        readout = MapReadout(frame_pass.first, site, values, order, rows + row0, cols + col0, (row1, col1))
        return Given(part, {"cells": cells, "units": holders.astype(np.int32)}, readout)

    def _pool(self, frame_pass: FramePass, values: Floats, cols: Indices, units: Indices, rows: Indices) -> _Pooled:
        """The cells; of positions that were not run again they are those of the pass before."""
        site = frame_pass.request.site
        key = (site, units.tobytes(), rows.tobytes())
        every, lasts = frame_pass.values[site], frame_pass.recorded.lasts
        whole = len(cols) == len(values) == len(every)
        before, cells = self._pooled, values[:0, rows]
        if whole and before is not None and before.key == key:
            again = before if before.values is every else None
            if again is None and before.lasts:
                again = before.of_others(every, units, rows)
            if again is not None:
                self._pooled = replace(again, number=frame_pass.number, lasts=lasts)
                return self._pooled
            if before.number == frame_pass.number - 1:
                cells = before.cells
        reused = min(frame_pass.recorded.rows_kept, len(cells))
        part = strongest(values, cols, axis=0)[reused:]
        part = part if len(units) == part.shape[1] and (np.diff(units) == 1).all() else part[:, units]
        joined = np.concatenate([cells[:reused], strongest(part, rows, axis=1)])
        pooled = _Pooled(frame_pass.number, key, every, lasts, joined)
        self._pooled = pooled if whole else None
        return pooled

    def _ordered(self, asked: MapAsk, site: Site, values: Floats) -> Indices:
        key = (site.name, asked.units)
        if asked.hold and self._order is not None and self._order[0] == key:
            return self._order[1]
        if asked.units is None:
            order = order_units(values, asked.order)
        else:
            chosen = np.array([u for u in asked.units if 0 <= u < site.width], np.intp)
            order = chosen[order_units(values[:, chosen], asked.order)] if len(chosen) else chosen
        self._order = (key, order)
        return order


def _place_of(unit: Unit | None, site: Site, order: Indices) -> int | None:
    """The row at which the selected unit stands, if it is one of the map's."""
    if unit is None or unit.site != site.name:
        return None
    place = np.flatnonzero(order == unit.index)
    return int(place[0]) if len(place) else None


def _clip(wanted: tuple[int, int] | None, length: int) -> tuple[int, int]:
    first, last = wanted or (0, length)
    first = max(0, min(first, length))
    return first, max(first, min(last, length))
