"""Plain properties of pictures: brightness, borders, corners; and where in them a unit peaks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.kinds.registry import probe_of
from neuronwidget.analysis.which.shortcuts.kinds.kind import Floats, Looks, Measured, PropertyKind
from neuronwidget.live.inputs.tensors import InputError
from neuronwidget.live.structure.sites import Site

_CORNERS = ("upper left", "upper right", "lower left", "lower right")
_NAMES = (
    "brightness", "contrast", "brightness of the border", "contrast along the border",
    *(f"brightness, {corner} corner" for corner in _CORNERS), "contrast in a corner",
)  # fmt: skip
_COLOURS = ("redness", "greenness", "blueness")
_SHOWN, _OCCLUDED = 5, 8


class ImageProperties(PropertyKind):
    """Properties of pictures."""

    tried = "brightness, border and corners"
    moves = "brightness and contrast"

    names: ClassVar[tuple[str, ...]] = _NAMES

    def measured(self, contents: Sequence[Any], first: NDArray[np.bool_]) -> Measured:
        pictures = [np.asarray(content, np.float64) / 255 for content in contents]
        values = np.array([_of(picture) for picture in pictures]).reshape(len(pictures), -1)
        return Measured([*_NAMES, *_COLOURS][: values.shape[1]] if len(pictures) else [], values)

    def moved(self, live: Any, x: Any, like: Any) -> Any | None:
        """The picture with the mean and the spread of another one's pixels: what it shows stays."""
        try:
            picture, other = (live.inputs.read(one).astype(np.float64) for one in (x, like))
        except InputError:  # a tensor of numbers that are no pixels
            return None
        factor = other.std() / picture.std() if picture.std() > 0 else 0.0
        moved = (picture - picture.mean()) * factor + other.mean()
        return moved.clip(0, 255).round().astype(np.uint8)

    def looks(self, live: Any, inputs: Sequence[Any], site: Site, unit: int) -> Looks:
        given = [live.inputs.prepare(x) for x in inputs]
        average = np.mean([live.inputs.seen(one) for one in given], 0) / 255
        shares = _peaks(live, given, site, unit) if site.grid is not None else _occluded(live, inputs, site, unit)
        if shares is None:
            return Looks(average=average.astype(np.float32))
        height, width = average.shape[:2]
        whole = _spread(shares, height, width)
        return Looks("places", _places(shares, height, width), whole, average.astype(np.float32))


def _of(picture: Floats) -> list[float]:
    """The properties of one picture [height, width, channels], 0 to 1."""
    grey = picture.mean(-1) if picture.ndim == 3 else picture
    side = max(2, min(grey.shape) // 5)
    edge = max(1, min(grey.shape) // 16)
    border = np.ones(grey.shape, bool)
    border[edge:-edge, edge:-edge] = False
    ends = slice(side), slice(-side, None)
    corners = [grey[rows, columns] for rows in ends for columns in ends]
    values = [grey.mean(), grey.std(), grey[border].mean(), grey[border].std()]
    values += [corner.mean() for corner in corners]
    values.append(max(corner.std() for corner in corners))
    if picture.ndim == 3 and picture.shape[2] >= 3:
        values += [picture[:, :, channel].mean() - grey.mean() for channel in range(3)]
    return [float(one) for one in values]


def _peaks(live: Any, given: Sequence[Any], site: Site, unit: int) -> Floats | None:
    """The share of pictures in which the unit is strongest at each place of its grid: [rows, columns]."""
    assert site.grid is not None
    height, width = site.grid
    places = live.sweep(given, {site: [unit]})[0][site][:, -height * width :, 0]  # a class token stands before them
    strongest = places == places.max(1, keepdims=True)
    varies = ~strongest.all(1)
    counts = (strongest[varies] / strongest[varies].sum(1, keepdims=True)).sum(0)
    return counts.reshape(height, width) / counts.sum() if varies.any() else None


def _occluded(live: Any, inputs: Sequence[Any], site: Site, unit: int) -> Floats | None:
    """How much of the unit is lost where each patch of the pictures is covered, as shares: [rows, columns]."""
    if site.layout is None:
        return None
    total: Any = 0.0
    for x in inputs[:_OCCLUDED]:
        probe = probe_of(live, x)
        covered = [probe.given, *(probe.without([part]) for part in range(len(probe.names)))]
        values = live.sweep(covered, {site: [unit]})[0][site][:, :, 0].max(1)
        rows = len({place[0] for place in probe.names})
        total = total + np.maximum(values[0] - values[1:], 0).reshape(rows, -1)
    return total / total.sum() if np.sum(total) > 0 else None


def _spread(shares: Floats, height: int, width: int) -> Floats:
    """Shares [rows, columns] over the pixels of a picture, each over its cell."""
    rows = np.minimum(np.arange(height) * shares.shape[0] // height, shares.shape[0] - 1)
    columns = np.minimum(np.arange(width) * shares.shape[1] // width, shares.shape[1] - 1)
    whole = shares[rows][:, columns]
    return np.asarray(whole / whole.sum(), np.float64)


def _places(shares: Floats, height: int, width: int) -> list[tuple[str, float]]:
    """The thirds of a picture that have most of it, in words."""
    whole = _spread(shares, height, width)
    rows, columns = np.arange(height) * 3 // height, np.arange(width) * 3 // width
    named = (("upper left", "top", "upper right"), ("left", "middle", "right"), ("lower left", "bottom", "lower right"))
    places = [
        (named[row][column], float(whole[rows == row][:, columns == column].sum()))
        for row in range(3)
        for column in range(3)
    ]
    return sorted(places, key=lambda entry: -entry[1])[:_SHOWN]
