"""Readings of frames and exemplars, as sentences and as HTML: what kinds of input share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.stream.frame import Frame
from neuronwidget.stream.raster import Scale, quantise
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.picture import png_of_cells

_CLASSES = 10


def extent(values: NDArray[np.float32], places: Sequence[str] | None) -> str:
    """Range of values in words, and the places at which they are strongest.

    >>> extent(np.array([0.5, -2.0], np.float32), ["here", "there"])
    'from −2 to 0.5, strongest −2 at there'
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return "no finite value"
    low, high = html.number(float(finite.min())), html.number(float(finite.max()))
    if len(values) == 1:
        return f"value {low}"
    best = int(np.nan_to_num(np.abs(values), nan=-1.0, posinf=-1.0).argmax())
    where = "" if places is None else f", strongest {html.number(float(values[best]))} at {places[best]}"
    return f"from {low} to {high}{where}"


def unit_map(frame: Frame) -> list[str]:
    """What a unit does on the grid of its site; in one row where it has none."""
    values, part = frame.arrays.get("trace.unit"), frame.parts.get("trace")
    if values is None or part is None or part["scale"] is None or len(values) < 2:
        return []
    scale = html.scale_of(part["scale"])
    rows, columns = part.get("unitGrid") or (1, len(values))
    cells = quantise(np.asarray(values[: rows * columns], np.float32).reshape(rows, columns), scale)
    step = max(1, -(-max(rows, columns) // 128))
    words = f"What {frame.head['unit']} does, {rows} × {columns}"
    width, height = (160 * columns // rows, 160) if rows > 1 else (320, 24)
    return [html.image(png_of_cells(cells[::step, ::step], scale.signed), words, width, height)]


def classes_of(frame: Frame) -> tuple[list[str], str]:
    """What the model says: a table of its most probable classes, and the first of them in words."""
    part: Any = frame.parts.get("classes")
    if part is None:
        return [], ""
    pairs = sorted(zip(part["names"], part["probabilities"], strict=True), key=lambda pair: -pair[1])[:_CLASSES]
    rows = [(name, f"{100 * p:.1f} %") for name, p in pairs]
    return [html.line("The model says", quiet=True), html.table(rows)], f"the model says {rows[0][0]}, {rows[0][1]}"


def shaded_exemplar(scale: Scale, pieces: Sequence[str], values: Sequence[float]) -> str:
    """The tokens of an exemplar, shaded where there is a value for each."""
    if len(values) != len(pieces):
        return html.plain_text("".join(pieces), 2_500)
    return html.shaded(list(pieces), np.asarray(values, np.float32), scale, 2_500)
