"""Maps: a place in the plane for each input, and the picture of that."""

from __future__ import annotations

import base64
import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.axes import principal_axes
from neuronwidget.analysis.png import png

Floats = NDArray[np.float64]
PROJECTIONS = ("pca", "umap")
#: Colours that the colour-blind tell apart; the first patterns have them, then they come again.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#a6761d", "#66a61e", "#e7298a")
NONE = "#9a9a9a"
_WIDTH, _HEIGHT, _EDGE = 480, 320, 8


@dataclass(frozen=True, eq=False)
class Map:
    """Places [points, 2], and the projection that they come from: middle [dimensions], axes [dimensions, 2]."""

    places: Floats
    middle: Floats | None = None
    axes: Floats | None = None


def draw_map(points: Floats, how: str, seed: int) -> Map:
    """A map of points [points, dimensions]."""
    if how == "umap":
        drawn = umap().UMAP(n_components=2, random_state=seed, n_jobs=1).fit_transform(points)
        return Map(np.asarray(drawn, np.float64))
    middle, axes = principal_axes(points, 2, seed)
    return Map((points - middle) @ axes, middle, axes)


def umap() -> Any:
    """The library that draws maps in which neighbours stay neighbours."""
    try:
        return importlib.import_module("umap")
    except ImportError as error:
        raise ImportError("projection='umap' needs umap-learn: pip install umap-learn.") from error


def colour_of(pattern: int) -> str:
    """The colour of a pattern's points; grey for inputs in none.

    >>> colour_of(-1), colour_of(0) == colour_of(len(COLOURS))
    ('#9a9a9a', True)
    """
    return NONE if pattern < 0 else COLOURS[pattern % len(COLOURS)]


def picture(x: Floats, y: Floats, patterns: NDArray[np.int64], words: str) -> str:
    """The map as HTML with a PNG inside, that needs no kernel and no script; `words` tell what it shows."""
    pixels = np.zeros((_HEIGHT, _WIDTH, 4), np.uint8)
    known = np.isfinite(x) & np.isfinite(y)
    x, y, patterns = x[known], y[known], patterns[known]
    if len(x):
        across = _EDGE + _scaled(x) * (_WIDTH - 2 * _EDGE - 1)
        down = _EDGE + (1 - _scaled(y)) * (_HEIGHT - 2 * _EDGE - 1)
        for pattern in sorted(set(patterns.tolist())):  # those in none come first, and lie below
            at = patterns == pattern
            colour = colour_of(pattern)
            shade = (*(int(colour[i : i + 2], 16) for i in (1, 3, 5)), 130 if pattern < 0 else 230)
            for right, below in ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)):
                pixels[down[at].astype(int) + below, across[at].astype(int) + right] = shade
    content = base64.b64encode(png(pixels, 6)).decode()
    return f'<img src="data:image/png;base64,{content}" alt="{words}" width="{_WIDTH}" height="{_HEIGHT}">'


def _scaled(values: Floats) -> Floats:
    low, high = float(values.min()), float(values.max())
    return (values - low) / ((high - low) or 1.0)
