"""Upsampling: a map of activations laid over the picture, each value at the middle of the part that it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Upsampling:
    """Matrices from a site's positions to the pixels of masks: `down` [height, rows] and `across` [width, columns].

    Between the middles of receptive fields values are drawn out in straight lines, beyond them they stay. `anchored`:
    are the middles known? Else the grid is spread evenly over the picture.
    """

    down: Floats
    across: Floats
    lead: int
    anchored: bool

    @classmethod
    def of(cls, live: Any, site: Site, size: tuple[int, int]) -> Upsampling:
        """`size`: height and width of the masks, which span the picture."""
        assert site.grid is not None
        assert site.layout is not None
        (rows, columns), lead = site.grid, site.layout.lead
        picture = live.inputs.picture
        boxes_down = [live.field(site, lead + row * columns) for row in range(rows)]
        boxes_across = [live.field(site, lead + column) for column in range(columns)]
        y = _middles([box and (box[1], box[3]) for box in boxes_down])
        x = _middles([box and (box[0], box[2]) for box in boxes_across])
        anchored = y is not None and x is not None
        if y is None or x is None:
            y, x = ((np.arange(n) + 0.5) * side / n for n, side in ((rows, picture[0]), (columns, picture[1])))
        return cls(_weights(y, picture[0], size[0]), _weights(x, picture[1], size[1]), lead, anchored)

    def __call__(self, values: Floats) -> Floats:
        """Values of a picture [positions, units] as [height, width, units]."""
        rows, columns = self.down.shape[1], self.across.shape[1]
        grid = values[self.lead :].reshape(rows, columns, -1)
        wide: Floats = np.tensordot(self.across, np.tensordot(self.down, grid, 1), (1, 1)).swapaxes(0, 1)
        return wide


def _middles(ends: list[tuple[int, int] | None]) -> NDArray[np.float64] | None:
    """The middle of each field along one side, from those that no edge cuts; None where that cannot be told."""
    fields = [(place, *pair) for place, pair in enumerate(ends) if pair is not None]
    if len(fields) < len(ends) or not fields:
        return None
    place, first, last = np.array(fields, np.float64).T
    whole = last - first == (last - first).max()
    if whole.sum() < 2:
        return None
    step, start = np.polyfit(place[whole], (first + last)[whole] / 2, 1)
    return start + step * place if step > 0 else None


def _weights(middles: NDArray[np.float64], side: int, pixels: int) -> Floats:
    """How much each position counts at each pixel [pixels, positions]."""
    at = (np.arange(pixels) + 0.5) * side / pixels
    return np.stack([np.interp(at, middles, row) for row in np.eye(len(middles))], axis=1).astype(np.float32)
