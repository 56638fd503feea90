"""Dashboards of units as other tools show them: numbers, histogram, weights, windows, from an atlas and a live model.

Every unit has every field: those who read such files take the fields of all units from one of them. What is not known
is an empty list, not an absent one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.count.counts import COUNTS
from neuronwidget.atlas.exemplars.choose import STRATA
from neuronwidget.export.unit_weights import UNKNOWN, unit_weights
from neuronwidget.live.structure.sites import Site, Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.atlas import Atlas
    from neuronwidget.live.model import LiveModel

BATCH = 256
Json = dict[str, Any]
#: Lists of both formats about which neither an atlas nor a live model is asked.
_NOT_ASKED = (
    *("neuron_alignment_indices", "neuron_alignment_values", "neuron_alignment_l1"),
    *("correlated_neurons_indices", "correlated_neurons_pearson", "correlated_neurons_l1"),
    *("correlated_features_indices", "correlated_features_pearson", "correlated_features_l1"),
)


@dataclass(frozen=True)
class Window:
    """Tokens around a peak and the unit's values on them.

    `low`, `high`: the interval of values that it stands for, and `share`, how much of all values lies in it. Of the
    strongest they are −1, the largest peak, and −1: that is how both formats know them.
    """

    low: float
    high: float
    share: float
    tokens: list[str]
    values: list[float]
    peak: int
    document: str


@dataclass(frozen=True)
class Dashboard:
    """What is said of a unit. `fields` are those that both formats have, by their names there."""

    unit: int
    highest: float | None
    fields: Json
    windows: list[Window]


def dashboards(atlas: Atlas, site: Site, live: LiveModel | None) -> Iterator[list[Dashboard]]:
    """The dashboards of all units of a site, in batches. Without a live model nothing is said of weights."""
    columns = atlas.read(site.name, (*COUNTS, "min", "max", "peak_low", "peak_high"))
    weights = repeat(UNKNOWN) if live is None else unit_weights(live, site)
    batch: list[Dashboard] = []
    for unit, weights_of_unit in zip(range(site.width), weights, strict=False):
        numbers = {name: column[unit].item() for name, column in columns.items()}
        batch.append(_dashboard(atlas, Unit(site.name, unit), numbers, weights_of_unit))
        if len(batch) == BATCH or unit == site.width - 1:
            yield batch
            batch = []


def _dashboard(atlas: Atlas, unit: Unit, numbers: Mapping[str, Any], weights: Json) -> Dashboard:
    histogram = atlas.histogram(unit)
    fields: Json = {name: [] for name in _NOT_ASKED} | weights | _bars(histogram, numbers)
    fields["frac_nonzero"] = numbers["positive"] / numbers["seen"] if numbers["seen"] else 0.0
    highest = numbers["max"] if np.isfinite(numbers["max"]) else None
    return Dashboard(unit.index, highest, fields, _windows(atlas.exemplars(unit), histogram, numbers))


def _bars(histogram: pd.DataFrame, numbers: Mapping[str, Any]) -> Json:
    """Middles and counts of bins: of the values above zero, where none is below it; else of all values."""
    low, high = histogram["low"].to_numpy(), histogram["high"].to_numpy()
    counts = histogram["count"].to_numpy(dtype=np.int64).copy()
    if numbers["min"] >= 0:
        counts[(low <= 0) & (high > 0)] -= numbers["seen"] - numbers["positive"]
    some = bool(counts.sum())
    return {
        "freq_hist_data_bar_values": ((low + high) / 2).tolist() if some else [],
        "freq_hist_data_bar_heights": counts.tolist() if some else [],
    }


def _windows(exemplars: pd.DataFrame, histogram: pd.DataFrame, numbers: Mapping[str, Any]) -> list[Window]:
    """The groups "top" and "intervals". A window in which a value is not finite cannot be written in either format."""
    highest = numbers["peak_high"]
    some = numbers["peak_low"] <= highest  # else no document has a peak that is not zero
    edges, shares = _intervals(histogram, numbers["peak_low"], highest) if some else ([], [])
    windows = []
    columns = [exemplars[name].tolist() for name in ("group", "value", "pieces", "values", "peak", "id")]
    for group, value, pieces, values, peak, document in zip(*columns, strict=True):
        if group not in ("top", "intervals") or not np.isfinite(values).all():
            continue
        at = min(int(np.searchsorted(edges[1:], value, side="right")), len(shares) - 1)
        low, high, share = (-1, highest, -1) if group == "top" else (edges[at], edges[at + 1], shares[at])
        windows.append(Window(low, high, share, list(pieces), [float(v) for v in values], int(peak), str(document)))
    return windows


def _intervals(histogram: pd.DataFrame, low: float, high: float) -> tuple[list[float], list[float]]:
    """Intervals of about equal width that hold all peaks [low, high], and the share of all values in each.

    Their edges are moved to those of the histogram's bins, which makes the shares exact. Where the peaks lie in few
    bins there are fewer than five.

    >>> import pandas as pd
    >>> lows = [float(i) for i in range(12)]
    >>> bins = pd.DataFrame({"low": lows, "high": [x + 1 for x in lows], "count": [10] + 11 * [1]})
    >>> edges, shares = _intervals(bins, 1.2, 11.4)
    >>> edges, [round(21 * share) for share in shares]
    ([1.0, 3.0, 5.0, 7.0, 9.0, 12.0], [2, 2, 2, 2, 3])
    >>> _intervals(bins, 3.2, 3.7)[0]
    [3.0, 4.0]
    """
    edges: npt.NDArray[np.float64] = np.append(histogram["low"].to_numpy(), histogram["high"].to_numpy()[-1:])
    counts = np.append(0, histogram["count"].to_numpy(dtype=np.int64).cumsum())
    first = int(np.searchsorted(edges, low, side="right")) - 1
    last = int(np.searchsorted(edges, high, side="right"))
    inner = [int(np.abs(edges - edge).argmin()) for edge in np.linspace(low, high, STRATA + 1)[1:-1]]
    chosen = sorted({first, last, *(number for number in inner if first < number < last)})
    return edges[chosen].tolist(), (np.diff(counts[chosen]) / counts[-1]).tolist()
