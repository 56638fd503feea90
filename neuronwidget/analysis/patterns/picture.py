"""Pictures of maps of inputs, for readers without a kernel: patterns have the hues and shapes of the page's maps."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.png import png
from neuronwidget.stream.protocol.shared import HUES

Floats = NDArray[np.float64]
#: The ground of a map on a light page, on which these hues are told apart, and the colour of inputs in no pattern.
GROUND, NONE = "#f6f6f4", "#b4b4b0"
_HUES = HUES["light"]
#: Disc, ring, square, cross: each stands for as many patterns as there are hues.
_SHAPES = 4
_WIDTH, _HEIGHT, _EDGE, _SIGN = 480, 320, 8, 16
#: Steps from the ground to a colour, at the edges of marks.
_LEVELS = 5
_STROKE = 1.6


def hue_of(pattern: int) -> str:
    """The colour of a pattern's points; grey for inputs in none.

    >>> hue_of(-1), hue_of(0) == hue_of(len(_HUES))
    ('#b4b4b0', True)
    """
    return NONE if pattern < 0 else _HUES[pattern % len(_HUES)]


def picture(x: Floats, y: Floats, patterns: NDArray[np.int64], words: str) -> str:
    """The map as HTML with a PNG inside, that needs no kernel and no script; `words` tell what it shows."""
    cells = np.zeros((_HEIGHT, _WIDTH), np.uint8)
    finite = np.isfinite(x) & np.isfinite(y)
    x, y, patterns = x[finite], y[finite], patterns[finite]
    if len(x):
        across = np.round(_EDGE + _scaled(x) * (_WIDTH - 2 * _EDGE - 1)).astype(int)
        down = np.round(_EDGE + (1 - _scaled(y)) * (_HEIGHT - 2 * _EDGE - 1)).astype(int)
        radius = 1.4 if len(x) > 5000 else 2.2 if len(x) > 1500 else 3.2
        for pattern in sorted(set(patterns.tolist())):  # those in none come first, and lie below
            at = patterns == pattern
            _stamp(cells, across[at], down[at], pattern, 0.7 * radius if pattern < 0 else radius)
    return _image(cells, words)


def sign(pattern: int) -> str:
    """The mark of a pattern in the map as a small picture of its own."""
    cells = np.zeros((_SIGN, _SIGN), np.uint8)
    middle = np.array([_SIGN // 2])
    _stamp(cells, middle, middle, pattern, 4.5)
    return _image(cells, f"the sign of pattern {pattern}")


def _stamp(cells: NDArray[np.uint8], across: Any, down: Any, pattern: int, radius: float) -> None:
    """Lay the mark of a pattern on some places: its hue and its shape."""
    levels = np.round(_LEVELS * _shape(max(0, pattern) // len(_HUES) % _SHAPES, radius)).astype(int)
    first = 1 + _LEVELS * (0 if pattern < 0 else 1 + pattern % len(_HUES))
    drawn = np.zeros(cells.shape, np.uint8)
    reach = len(levels) // 2
    for row, column in zip(*np.nonzero(levels), strict=True):
        there = down + row - reach, across + column - reach
        drawn[there] = np.maximum(drawn[there], levels[row, column])
    # The edge of a mark lets the ground through, but not the marks below.
    covers = (drawn > _LEVELS // 2) | ((drawn > 0) & (cells == 0))
    cells[covers] = first - 1 + drawn[covers]


def _shape(shape: int, radius: float) -> Floats:
    """How far a mark covers each pixel around its middle, 0 to 1."""
    reach = int(np.ceil(radius + 1))
    down, across = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float64)
    square = np.maximum(abs(across), abs(down)) - radius
    outside = (
        np.hypot(across, down) - radius,
        abs(np.hypot(across, down) - radius) - _STROKE / 2,
        square,
        np.maximum(square, abs(abs(across) - abs(down)) / np.sqrt(2) - _STROKE / 2),
    )[shape]
    covered: Floats = (0.5 - outside).clip(0, 1)
    return covered


def _image(cells: NDArray[np.uint8], words: str) -> str:
    """Numbers of colours [height, width] as an inline picture."""
    ground = _rgb(GROUND)
    steps = np.linspace(0, 1, 1 + _LEVELS)[1:, None]
    hues = [ground + steps * (_rgb(colour) - ground) for colour in (NONE, *_HUES)]
    colours = np.round(np.concatenate([ground[None], *hues])).astype(np.uint8)
    content = base64.b64encode(png(cells[:, :, None], 3, (b"PLTE", colours.tobytes()))).decode()
    height, width = cells.shape
    style = "max-width:100%;border-radius:3px;margin:0;vertical-align:middle"
    source = f"data:image/png;base64,{content}"
    return f'<img src="{source}" alt="{words}" width="{width}" height="{height}" style="{style}">'


def _rgb(colour: str) -> Floats:
    """A colour of six digits as red, green and blue, 0 to 255."""
    return np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)], np.float64)


def _scaled(values: Floats) -> Floats:
    low, high = float(values.min()), float(values.max())
    return (values - low) / ((high - low) or 1.0)
