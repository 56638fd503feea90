"""Exact values under the pointer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.stream.protocol.answers import Reading, Value
from neuronwidget.stream.protocol.asks import Probe

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class FrameReadout:
    """What the last frame showed, and where: enough to read a value off it.

    `rows` and `cols` are where the bins of the map begin, in `order` and in the tokens of the window; `ends` is where
    the last ones end. `first` is the number of the window's first token.
    """

    seq: int
    first: int
    site: Site
    values: Floats
    order: NDArray[np.intp]
    rows: NDArray[np.intp]
    cols: NDArray[np.intp]
    ends: tuple[int, int]
    overview: dict[Site, Floats]
    overview_cols: NDArray[np.intp]

    def read(self, probe: Probe) -> Reading | None:
        """The strongest value of the bin that `probe` points at; None where there is no such bin in this frame."""
        if self.seq != probe.of:
            return None
        if probe.where == "overview":
            if not (0 <= probe.y < len(self.overview) and 0 <= probe.x < len(self.overview_cols)):
                return None
            site, values = list(self.overview.items())[probe.y]
            units = np.arange(site.width)
            cols = _bin(self.overview_cols, probe.x, len(values))
        else:
            if not (0 <= probe.y < len(self.rows) and 0 <= probe.x < len(self.cols)):
                return None
            site, values = self.site, self.values
            rows = _bin(self.rows, probe.y, self.ends[0])
            units = self.order[rows.start : rows.stop]
            cols = _bin(self.cols, probe.x, self.ends[1])
        part = values[cols.start : cols.stop][:, units]
        at = int(np.nan_to_num(np.abs(part), nan=np.inf).argmax())
        column, row = divmod(at, part.shape[1])
        return {
            "where": probe.where,
            "x": probe.x,
            "y": probe.y,
            "unit": str(Unit(site.name, int(units[row]))),
            "token": self.first + cols.start + column,
            "value": readable(float(part[column, row])),
            "units": len(units),
            "tokens": len(cols),
        }


def readable(value: float) -> Value:
    """A number that JSON can carry."""
    return value if np.isfinite(value) else "nan" if np.isnan(value) else "inf" if value > 0 else "-inf"


def _bin(starts: NDArray[np.intp], index: int, end: int) -> range:
    return range(int(starts[index]), int(starts[index + 1]) if index + 1 < len(starts) else end)
