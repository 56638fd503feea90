"""Intervals: exact ones of shares, and of anything that sums over rows tell, by drawing documents again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.scores.sides import Floats

_AT_ONCE = 1 << 22


def exact_interval(hits: Any, n: Any, level: float = 0.95) -> tuple[Floats, Floats]:
    """The exact interval of a share, `hits` of `n` (Clopper and Pearson); 0 to 1 where nothing was tried.

    >>> low, high = exact_interval([0, 5, 10], [10, 10, 10])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.187, 0.692], [0.308, 0.813, 1.0])
    """
    from scipy.stats import beta

    hits, n = np.asarray(hits, np.float64), np.asarray(n, np.float64)
    rest = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        low, high = beta.ppf(rest, hits, n - hits + 1), beta.ppf(1 - rest, hits + 1, n - hits)
    return np.where(hits > 0, low, 0.0), np.where(hits < n, high, 1.0)


def bootstrap(
    rows: Any,
    statistic: Callable[[Floats], Floats],
    documents: Any = None,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    strata: Any = None,
) -> tuple[Floats, Floats]:
    """An interval of what sums over rows tell, from documents drawn again as often as there are any.

    Parameters
    ----------
    rows
        [rows, columns].
    statistic
        Sums of the drawn rows [draws, columns] → what is asked of each draw, [draws, …]. A draw that gives NaN does
        not count.
    documents
        [rows]: rows of one document are drawn together; None: each by itself.
    strata
        [rows]: of each stratum as many documents are drawn as it has; the same for all rows of a document.

    Examples
    --------
    >>> values = np.random.default_rng(0).normal(size=(400, 1))
    >>> low, high = bootstrap(np.c_[values, np.ones(400)], lambda sums: sums[:, :1] / sums[:, 1:])
    >>> bool(low[0] < values.mean() < high[0]), round(float(high[0] - low[0]), 1)
    (True, 0.2)
    """
    rows = np.asarray(rows, np.float64)
    sums, kinds = _by_document(rows, documents, strata)
    source = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // max(1, len(sums)))
    parts = [statistic(_counts(kinds, min(step, draws - start), source) @ sums) for start in range(0, draws, step)]
    told = np.concatenate(parts)
    rest = 50 * (1 - level)
    with np.errstate(all="ignore"):
        low, high = np.nanpercentile(told, [rest, 100 - rest], axis=0)
    return low, high


def _by_document(rows: Floats, documents: Any, strata: Any) -> tuple[Floats, NDArray[np.int64]]:
    """Sums of each document's rows [documents, columns], and its stratum."""
    kinds = np.zeros(len(rows), np.int64) if strata is None else np.asarray(strata)
    if documents is None:
        return rows, kinds
    names, first, place = np.unique(documents, return_index=True, return_inverse=True)
    if len(names) == len(rows):
        return rows[first], kinds[first]
    sums = np.zeros((len(names), rows.shape[1]))
    np.add.at(sums, place, rows)
    return sums, kinds[first]


def _counts(kinds: NDArray[np.int64], draws: int, source: np.random.Generator) -> Floats:
    """How often each document is drawn: [draws, documents]."""
    counts = np.empty((draws, len(kinds)))
    for kind in np.unique(kinds):
        places = np.flatnonzero(kinds == kind)
        counts[:, places] = source.multinomial(len(places), np.full(len(places), 1 / len(places)), draws)
    return counts
