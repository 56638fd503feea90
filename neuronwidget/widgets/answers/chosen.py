"""Chosen inputs of patterns: those of a pattern, and what else narrows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.stream.protocol.checks import is_number, shorten

if TYPE_CHECKING:
    from neuronwidget.analysis.patterns.result import Patterns

#: Nothing narrows the inputs of a pattern; see `read_narrowed`.
WIDE: dict[str, Any] = {"label": None, "to": None, "brush": None}


def read_narrowed(value: Mapping[str, Any]) -> dict[str, Any]:
    """What narrows the chosen inputs, with all of its fields; raises `ValueError`.

    `label`: one that they have. `to`: their pattern in the second layer. `brush`: a part of a map, as the number of its
    layer (0 or 1), left, right, bottom and top.

    >>> read_narrowed({"label": "7"})
    {'label': '7', 'to': None, 'brush': None}
    """
    unknown = sorted(set(value) - set(WIDE))
    if unknown:
        raise ValueError(f"narrowed has {', '.join(WIDE)}, not {', '.join(map(str, unknown))}.")
    label, to, brush = ({**WIDE, **value}[name] for name in WIDE)
    if label is not None and not isinstance(label, str):
        raise ValueError(f"narrowed['label'] is a label's name, not {shorten(label)}.")
    if to is not None and (not isinstance(to, int) or isinstance(to, bool)):
        raise ValueError(f"narrowed['to'] is a pattern of the second layer, not {shorten(to)}.")
    if brush is not None:
        if not isinstance(brush, (list, tuple)) or len(brush) != 5 or not all(map(is_number, brush)):
            raise ValueError(f"narrowed['brush'] is a layer, left, right, bottom, top, not {shorten(brush)}.")
        brush = [int(brush[0]), *map(float, brush[1:])]
    return {"label": label, "to": to, "brush": brush}


def is_chosen(layers: Sequence[Patterns], pattern: int | None, narrowed: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Which rows of `layers[0].inputs` are chosen: [inputs]; all of them where nothing narrows."""
    first = layers[0].inputs
    kept = np.ones(len(first), bool)
    if pattern is not None:
        kept &= first["pattern"].to_numpy() == pattern
    if narrowed["label"] is not None:
        kept &= (first["label"].astype(object) == narrowed["label"]).to_numpy() if "label" in first else False
    if narrowed["to"] is not None:
        kept &= second_patterns(layers) == narrowed["to"]
    if narrowed["brush"] is not None:
        layer, left, right, bottom, top = narrowed["brush"]
        shown = aligned(layers, min(max(layer, 0), len(layers) - 1))
        x, y = shown["x"].to_numpy(), shown["y"].to_numpy()
        kept &= (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    return kept


def aligned(layers: Sequence[Patterns], layer: int) -> Any:
    """The inputs of a layer in the order of the first layer's; those that it lacks hold NaN."""
    first = layers[0].inputs
    if layer == 0:
        return first
    return layers[layer].inputs.set_index("document").reindex(first["document"]).reset_index()


def second_patterns(layers: Sequence[Patterns]) -> NDArray[np.int64]:
    """The patterns of the second layer, −1 where an input has none or is not there: [inputs]."""
    if len(layers) < 2:
        return np.full(len(layers[0].inputs), -1)
    patterns: NDArray[np.int64] = aligned(layers, 1)["pattern"].fillna(-1).to_numpy(np.int64)
    return patterns
