"""PNG files of cells and pixels, in colours that can be seen on a light and on a dark ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.png import png
from neuronwidget.stream.raster import FIRST, LAST, MINUS_INF, NAN, PLUS_INF

Bytes = NDArray[np.uint8]
#: A colour and how much of it covers the ground, 0 to 1.
Shade = tuple[int, int, int, float]

_WARM, _COOL = (222, 92, 20), (38, 112, 228)
_ODD: dict[int, Shade] = {NAN: (128, 128, 128, 0.8), MINUS_INF: (0, 110, 120, 0.9), PLUS_INF: (40, 190, 90, 0.9)}
_MIDDLE = (FIRST + LAST) / 2


def shade_of(byte: int, signed: bool) -> Shade:
    """The colour of a byte as `quantise` gives it: warm above zero, blue below it, nothing at zero.

    >>> shade_of(3, signed=False)[3], shade_of(255, signed=False)[3], shade_of(129, signed=True)[3]
    (0.0, 1.0, 0.0)
    """
    if byte in _ODD:
        return _ODD[byte]
    part = (byte - _MIDDLE) / (LAST - _MIDDLE) if signed else (byte - FIRST) / (LAST - FIRST)
    return (*(_WARM if part >= 0 else _COOL), abs(part))


def png_of_cells(cells: Bytes, signed: bool) -> bytes:
    """A picture of bytes [rows, columns] in the colours of `shade_of`; where nothing is, the ground shows through."""
    shades = [shade_of(byte, signed) for byte in range(256)]
    colours = bytes(part for shade in shades for part in shade[:3])
    cover = bytes(round(255 * shade[3]) for shade in shades)
    return png(cells[:, :, None], 3, (b"PLTE", colours), (b"tRNS", cover))


def png_of_pixels(pixels: Bytes, longest: int = 96) -> bytes:
    """A picture of pixels [height, width, 3]; of one with a longer side pixels are left out."""
    step = max(1, -(-max(pixels.shape[:2]) // longest))
    return png(pixels[step // 2 :: step, step // 2 :: step], 2)
