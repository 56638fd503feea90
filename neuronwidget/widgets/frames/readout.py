"""Exact values under the pointer, read off what the last frame showed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.stream.protocol.answers import Reading
from neuronwidget.stream.protocol.asks import Probe
from neuronwidget.stream.protocol.frames import Value

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]


class Readout(Protocol):
    """Readout of a panel: what it showed, and where; enough to read a value off it."""

    def read(self, probe: Probe) -> Reading | None:
        """The value at the place that `probe` points at; None where there is no such place."""


@dataclass(frozen=True)
class MapReadout:
    """Readout of the bins of a map.

    `rows` and `cols` are where the bins begin, in `order` and in the positions; `ends` is where the last ones end.
    `first` is the number of the first position.
    """

    first: int
    site: Site
    values: Floats
    order: Indices
    rows: Indices
    cols: Indices
    ends: tuple[int, int]

    def read(self, probe: Probe) -> Reading | None:
        if not (0 <= probe.y < len(self.rows) and 0 <= probe.x < len(self.cols)):
            return None
        rows = bin_at(self.rows, probe.y, self.ends[0])
        units = self.order[rows.start : rows.stop]
        return _strongest(probe, self.first, self.site, self.values, units, bin_at(self.cols, probe.x, self.ends[1]))


@dataclass(frozen=True)
class OverviewReadout:
    """Readout of an overview: the values of each site, and where its columns begin in its positions."""

    first: int
    sites: list[Site]
    values: list[Floats]
    cols: list[Indices]

    def read(self, probe: Probe) -> Reading | None:
        if not (0 <= probe.y < len(self.sites) and 0 <= probe.x < len(self.cols[probe.y])):
            return None
        site, values = self.sites[probe.y], self.values[probe.y]
        cols = bin_at(self.cols[probe.y], probe.x, len(values))
        return _strongest(probe, self.first, site, values, np.arange(site.width), cols)


def _strongest(probe: Probe, first: int, site: Site, values: Floats, units: Indices, cols: range) -> Reading:
    """The value of largest magnitude of some units over some positions."""
    part = values[cols.start : cols.stop][:, units]
    at = int(np.nan_to_num(np.abs(part), nan=np.inf).argmax())
    column, row = divmod(at, part.shape[1])
    return {
        "where": probe.where,
        "x": probe.x,
        "y": probe.y,
        "unit": str(Unit(site.name, int(units[row]))),
        "token": first + cols.start + column,
        "value": readable(float(part[column, row])),
        "units": len(units),
        "tokens": len(cols),
    }


def readable(value: float) -> Value:
    """A number that JSON can carry."""
    return value if np.isfinite(value) else "nan" if np.isnan(value) else "inf" if value > 0 else "-inf"


def bin_at(starts: Indices, index: int, end: int) -> range:
    """The places of a bin; several bins that begin at the same place are the same bin."""
    later = starts[index + 1 :]
    after = later[later > starts[index]]
    return range(int(starts[index]), int(after[0]) if len(after) else end)
