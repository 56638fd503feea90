"""Pictures with outlines: of the mask of a concept, and of the part in which a unit is on."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.png import png

Flags = NDArray[np.bool_]
_SIDE = 192
#: Colours that the colour-blind tell apart: of the mask, and of the unit.
_MASK, _UNIT = (86, 180, 233), (213, 94, 0)


def outlined(pixels: NDArray[np.uint8], mask: Flags, on: Flags) -> str:
    """A picture [height, width, 1 or 3] with both outlines, as the address of a PNG."""
    height, width = pixels.shape[:2]
    share = _SIDE / max(height, width)
    size = max(1, round(height * share)), max(1, round(width * share))
    picture = np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels
    large = _nearest(picture, size).copy()
    for flags, colour in ((mask, _MASK), (on, _UNIT)):
        large[_edge(_nearest(flags, size))] = colour
    return f"data:image/png;base64,{b64encode(png(large, 2)).decode()}"


def _nearest(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    down, across = ((np.arange(side) * length) // side for side, length in zip(size, pixels.shape[:2], strict=True))
    large: NDArray[Any] = pixels[down][:, across]
    return large


def _edge(flags: NDArray[Any]) -> Flags:
    """The rim of a region, two pixels wide, inside of it."""
    padded = np.pad(flags.astype(bool), 2)
    inside = padded.copy()
    for axis in (0, 1):
        for by in (-2, -1, 1, 2):
            inside &= np.roll(padded, by, axis)
    rim: Flags = (padded & ~inside)[2:-2, 2:-2]
    return rim
