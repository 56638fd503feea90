"""Measures of a label: how well a unit finds a concept on held-out rows, with intervals and beside random units."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.labels.seen import Seen
from neuronwidget.analysis.scores.detection import average_precision, f1_at, iou_at
from neuronwidget.analysis.scores.intervals import bootstrap
from neuronwidget.analysis.scores.precision import average_precision_interval

if TYPE_CHECKING:
    import pandas as pd

_DRAWS = 500
Floats = NDArray[np.float64]


def measured(
    values: Floats, thresholds: Floats, seen: Seen, first: NDArray[np.bool_], second: NDArray[np.bool_], seed: int
) -> pd.DataFrame:
    """A row a measure; the unit is the first column of `values`, random units are the others."""
    import pandas as pd

    marked, documents = seen.marked[second], seen.documents[second]
    judged = {name: score(values[second], marked, thresholds) for name, score in _MEASURES.items()}
    chose = {
        name: score(values[first][:, :1], seen.marked[first], thresholds[:1])[0] for name, score in _MEASURES.items()
    }
    share = float(marked.mean())
    chance = {"AP": share, "F1": 2 * share / (1 + share), "IoU": share, "r": 0.0}
    own = values[second][:, 0]
    intervals = _intervals(own, own > thresholds[0], marked, documents, seed)
    rows = []
    for name, units in judged.items():
        others = units[1:]
        rows.append(
            {
                "measure": name,
                "value": float(units[0]),
                **dict(zip(("low", "high"), intervals[name], strict=True)),
                "chance": chance[name],
                "random": float(np.nanmedian(others)) if len(others) else float("nan"),
                "as_good": float((others >= units[0]).mean()) if len(others) else float("nan"),
                "in_sample": float(chose[name]),
            }
        )
    return pd.DataFrame(rows)


def _correlation(values: Any, marked: Any, _: Any) -> Floats:
    centred, flags = values - values.mean(0), marked - marked.mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation: Floats = np.nan_to_num(flags @ centred / np.sqrt((flags @ flags) * (centred**2).sum(0)))
    return correlation


_MEASURES: dict[str, Callable[[Any, Any, Any], Floats]] = {
    "AP": lambda values, marked, _: average_precision(values, marked),
    "F1": f1_at,
    "IoU": iou_at,
    "r": _correlation,
}


def _intervals(
    values: Floats, fires: NDArray[np.bool_], marked: NDArray[np.bool_], documents: NDArray[np.int64], seed: int
) -> dict[str, tuple[float, float]]:
    """95 % of each measure, inputs drawn again."""
    scale = np.abs(values).max() or 1.0
    v, m = values / scale, marked.astype(np.float64)
    columns = np.column_stack([np.ones(len(v)), v, v * v, m, v * m, fires, fires & marked])

    def told(sums: Floats) -> Floats:
        n, sv, svv, sm, svm, fired, hits = sums.T
        with np.errstate(invalid="ignore", divide="ignore"):
            f1, iou = 2 * hits / (sm + fired), hits / (sm + fired - hits)
            r = (n * svm - sv * sm) / np.sqrt((n * svv - sv**2) * (n * sm - sm**2))
        return np.column_stack([f1, iou, r])

    has = np.isin(documents, documents[marked])
    low, high = bootstrap(columns, told, documents, _DRAWS, seed, strata=has.astype(np.int64))
    ap = average_precision_interval(values, marked, documents, _DRAWS, seed)
    return {"AP": ap, **{name: (float(low[i]), float(high[i])) for i, name in enumerate(("F1", "IoU", "r"))}}
