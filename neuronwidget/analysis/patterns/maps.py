"""Maps: a place in the plane for each input."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.axes import principal_axes

Floats = NDArray[np.float64]
PROJECTIONS = ("pca", "umap")


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
