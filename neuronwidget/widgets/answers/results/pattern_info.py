"""Trait of patterns: verdicts, figures, rows, and the points of their maps."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.verdict import in_percent
from neuronwidget.stream.protocol.checks import readable
from neuronwidget.stream.protocol.results.patterns import LayerInfo, Marker, PatternRow, PatternsInfo
from neuronwidget.stream.protocol.results.shown import Figure
from neuronwidget.widgets.answers.chosen import aligned
from neuronwidget.widgets.answers.results.shown import finite, small

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.analysis.patterns.beside import Beside
    from neuronwidget.analysis.patterns.result import Patterns

#: So many points are drawn at most; beside an editor, and in a view of their own.
FEW, MANY = 2_000, 20_000
#: How many labels have a column in the matrix, how many names stand in a mix, how many units mark a pattern.
MOST_LABELS, MOST_NAMES, MARKERS = 30, 6, 6
_WORD = 60
_DIRECTIONS = "Near in the map means treated alike; its directions are the two that tell most inputs apart."
_ISLANDS = "Near in the map means treated alike; how far apart islands lie means nothing."


def patterns_info(layers: Sequence[Patterns], kind: str, *, brief: bool = False) -> PatternsInfo:
    """What the page must know of the patterns of one layer or two; `brief`: of the first, for a small map."""
    first = layers[0]
    rows = first.inputs
    drawn = _drawn(len(rows), FEW if brief else MANY)
    names = _labels(rows)
    return {
        "model": first.provenance.model,
        "input": kind,
        "inputs": len(rows),
        "sample": _sample(first, len(drawn)),
        "layers": [_layer(layers, number, drawn, brief) for number in range(1 if brief else len(layers))],
        "documents": "" if brief else _base64(rows["document"].to_numpy("<i4")[drawn]),
        "labelled": "" if brief else _base64(_codes(rows, names)[drawn]),
        "labels": [] if brief else [readable(name, _WORD) for name in names],
        "flow": [] if brief or len(layers) < 2 else [
            (int(start), int(end), int(inputs)) for start, end, inputs in _flow(layers)
        ],
    }  # fmt: skip


def _flow(layers: Sequence[Patterns]) -> Iterable[tuple[int, int, int]]:
    table = layers[0].flow(layers[1])
    return zip(table["from"], table["to"], table["inputs"], strict=True)


def _drawn(inputs: int, most: int) -> NDArray[np.int64]:
    """The places of the inputs that are drawn, in order; the same each time."""
    if inputs <= most:
        return np.arange(inputs)
    return np.sort(np.random.default_rng(0).choice(inputs, most, replace=False))


def _sample(patterns: Patterns, drawn: int) -> str:
    inputs = len(patterns.inputs)
    words = [patterns.sample] if patterns.sample else []
    words += [f"{drawn:,} of {inputs:,} inputs are drawn in the map"] if drawn < inputs else []
    return "; ".join(words) + ("." if words else "")


# ---- a layer ---------------------------------------------------------------------------------------------------------


def _layer(layers: Sequence[Patterns], number: int, drawn: NDArray[np.int64], brief: bool) -> LayerInfo:
    patterns, shown = layers[number], aligned(layers, number)
    x, y = (shown[name].to_numpy(np.float64) for name in ("x", "y"))
    ends = [*_ends(x), *_ends(y)]
    points = b"".join(
        [
            _between(x[drawn], *ends[:2]).tobytes(),
            _between(y[drawn], *ends[2:]).tobytes(),
            shown["pattern"].fillna(-1).to_numpy("<i2")[drawn].tobytes(),
        ]
    )
    return {
        "site": patterns.site,
        "verdict": patterns.verdict,
        "figures": [] if brief else figures(patterns),
        "patterns": pattern_rows(patterns, brief),
        "none": int((patterns.inputs["pattern"] < 0).sum()),
        "searched": int(patterns.markers["searched"].max()) if len(patterns.markers) else 0,
        "map": _DIRECTIONS if patterns.placer.axes is not None else _ISLANDS,
        "ends": ends,
        "points": base64.b64encode(points).decode(),
    }


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    """The ends of a direction, a little wider than the values that are numbers."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)
    room = 0.03 * (high - low) or 0.5
    return low - room, high + room


def _between(values: NDArray[np.float64], low: float, high: float) -> NDArray[np.uint16]:
    share = np.nan_to_num((values - low) / (high - low))
    return np.round(65535 * share.clip(0, 1)).astype("<u2")


def pattern_rows(patterns: Patterns, brief: bool = False) -> list[PatternRow]:
    """One entry a pattern, the steadiest first."""
    inputs, averages = patterns.inputs, patterns.averages
    rows: list[PatternRow] = []
    for entry in patterns.table().to_dict("records"):
        number = int(entry["pattern"])
        own = inputs[inputs["pattern"] == number]
        row: PatternRow = {
            "pattern": number,
            "inputs": int(entry["inputs"]),
            "share": float(entry["share"]),
            "stability": finite(entry["stability"]),
            "low": finite(entry["low"]),
            "high": finite(entry["high"]),
            "repeats": finite(entry["repeats"]),
            "holds": bool(entry["holds"]),
            "largest": bool(entry["largest"]),
            "labels": [] if brief else mix(own, "label"),
            "predictions": [] if brief else mix(own, "prediction"),
            "units": [] if brief else _markers(patterns, number),
        }
        if averages is not None and not brief:
            row["average"] = small(averages[number])
        rows.append(row)
    return rows


def mix(inputs: pd.DataFrame, column: str) -> list[tuple[str, int]]:
    """Names in a column and how many inputs have each, the most frequent first; [] where nothing is known."""
    if column not in inputs:
        return []
    counted = Counter(str(name) for name in inputs[column] if isinstance(name, str))
    return [(readable(name, _WORD), count) for name, count in counted.most_common(MOST_NAMES)]


def _markers(patterns: Patterns, number: int) -> list[Marker]:
    """Units that set a pattern apart; of a unit that does so twice (mean and deviation) the first."""
    table = patterns.markers[patterns.markers["pattern"] == number]
    entries: dict[str, Marker] = {}
    for row in table.to_dict("records"):
        unit = f"{row['site']}:{row['unit']}"
        marker: Marker = {
            "unit": unit,
            "median": float(row["median"]),
            "rest": float(row["rest"]),
            "auroc": finite(row["auroc"]),
            "low": finite(row["low"]),
            "high": finite(row["high"]),
            "q": finite(row["q"]),
        }
        entries.setdefault(unit, marker)
    return list(entries.values())[:MARKERS]


def figures(patterns: Patterns) -> list[Figure]:
    """The numbers that must be known before patterns are believed, in words."""
    table = patterns.table()
    stability = table["stability"].to_numpy(np.float64) if len(table) else np.zeros(0)
    finite = stability[np.isfinite(stability)]
    listed: list[Figure] = []
    if len(finite):
        words = "of the middle pattern: how much of it comes back when a fifth of the inputs is left out"
        listed.append({"name": "stability", "value": f"{np.median(finite):.2f}", "words": words})
        words = "so many come back, and are found again in halves of the data that share no input"
        listed.append({"name": "hold", "value": f"{int(table['holds'].sum())} of {len(table)}", "words": words})
    words = "of the inputs are in no pattern; they are grey in the map, and a pattern says nothing about them"
    listed.append({"name": "noise", "value": in_percent(patterns.noise), "words": words})
    if patterns.null is not None:
        words = "found where each unit is shuffled on its own: what chance alone would show"
        listed.append({"name": "chance", "value": _beside(patterns.null), "words": words})
    if patterns.twin is not None:
        words = "found in the model before it was trained: what its shape alone would show"
        listed.append({"name": "untrained twin", "value": _beside(patterns.twin), "words": words})
    return listed


def _beside(beside: Beside) -> str:
    held = f"{beside.holding:.3g}".removesuffix(".0")
    return f"{held} {'pattern holds' if held == '1' else 'patterns hold'}, {in_percent(beside.noise)} noise"


# ---- labels, pictures, bytes -----------------------------------------------------------------------------------------


def _labels(inputs: pd.DataFrame) -> list[str]:
    """The names of labels, in order; numbers as numbers. [] where they are too many for a matrix."""
    if "label" not in inputs:
        return []
    names = {name for name in inputs["label"] if isinstance(name, str)}
    if not 1 < len(names) <= MOST_LABELS:
        return []
    return sorted(names, key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name))


def _codes(inputs: pd.DataFrame, names: Sequence[str]) -> NDArray[np.int16]:
    codes = {name: code for code, name in enumerate(names)}
    labels: Iterable[Any] = inputs["label"] if "label" in inputs else [None] * len(inputs)
    return np.array([codes.get(label, -1) for label in labels], "<i2")


def _base64(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
