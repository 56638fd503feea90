"""Descriptions of patterns: the units that set them apart, an average picture, labels and predictions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.density.cluster import Labels
from neuronwidget.analysis.responses.kept import KeptInputs
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.scores.corrected import q_values
from neuronwidget.analysis.scores.halves import halves
from neuronwidget.analysis.scores.ranks import RankSums, auroc, auroc_interval
from neuronwidget.analysis.scores.sides import blocks

if TYPE_CHECKING:
    import pandas as pd

#: So many units are named of each pattern, and so often are inputs drawn again for the interval of one.
MARKERS, _DRAWS = 8, 200
_SHOWN = 3
_COLUMNS = ("median", "rest", "difference", "auroc", "low", "high", "q")


def markers(
    responses: Responses,
    site: str,
    rows: NDArray[np.float32],
    labels: Labels,
    scale: NDArray[np.float64],
    seed: int,
) -> pd.DataFrame:
    """Units that set each pattern apart: chosen on one half of the inputs, with the numbers of the other half.

    `rows` [inputs, columns] are those that the patterns were found in. The p-values are of the half on which units are
    chosen, and corrected for all units of all patterns there.
    """
    import pandas as pd

    units, parts = responses.units(site)
    count = int(labels.max(initial=-1)) + 1
    sides = labels == np.arange(count)[:, None]
    first, second = halves(np.arange(len(rows)), labels, seed)
    p = _p(rows[first], sides[:, first])
    q, searched = q_values(p.ravel()).reshape(p.shape), int(np.isfinite(p).sum())
    entries = []
    for pattern in range(count):
        own = sides[pattern]
        if not all((side & half).any() for side in (own, ~own) for half in (first, second)):
            continue
        inside, outside = (np.median(rows[side & first], 0) for side in (own, ~own))
        apart = np.abs(inside - outside) / scale
        chosen = np.argsort(-apart, kind="stable")[:MARKERS]
        chosen = chosen[apart[chosen] > 0]
        told = _told(rows[second][:, chosen], own[second], scale[chosen], seed)
        for place, column in enumerate(chosen.tolist()):
            numbers = [float(each[place]) for each in told]
            entries.append((pattern, site, int(units[column]), parts[column], *numbers, q[pattern, column], searched))
    frame = pd.DataFrame(entries, columns=["pattern", "site", "unit", "part", *_COLUMNS, "searched"])
    return frame.astype(dict.fromkeys(_COLUMNS, float))


def _p(rows: NDArray[np.float32], sides: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Of each side [sides, inputs] against the rest, of each column: [sides, columns]."""
    by_block = [RankSums.of(rows[:, part]).p(sides) for part in blocks(rows)]
    return np.concatenate(by_block, axis=1) if by_block else np.zeros((len(sides), 0))


def _told(
    rows: NDArray[np.float32], own: NDArray[np.bool_], scale: NDArray[np.float64], seed: int
) -> tuple[NDArray[np.float64], ...]:
    """Medians of a pattern and of the rest, their difference over the scale, AUROC with its ends: [columns] each."""
    inside, outside = (np.median(rows[side], 0).astype(np.float64) for side in (own, ~own))
    ends = auroc_interval(rows, own, draws=_DRAWS, seed=seed)
    return inside, outside, (inside - outside) / scale, auroc(rows, own), *ends


def strongest(markers: pd.DataFrame, patterns: int) -> pd.DataFrame:
    """The unit that sets each pattern apart most: unit, auroc, auroc_low, auroc_high, q, searched."""
    import pandas as pd

    best = markers.drop_duplicates("pattern").set_index("pattern").reindex(range(patterns))
    named = zip(best["site"], best["unit"], strict=True)
    names = [None if pd.isna(unit) else f"{site}:{unit:.0f}" for site, unit in named]
    return pd.DataFrame(
        {
            "unit": pd.Series(names, dtype=object),
            "auroc": best["auroc"].to_numpy(float),
            "auroc_low": best["low"].to_numpy(float),
            "auroc_high": best["high"].to_numpy(float),
            "q": best["q"].to_numpy(float),
            "searched": best["searched"].fillna(0).to_numpy(np.int64),
        }
    )


def averages(kept: KeptInputs, labels: Labels) -> NDArray[np.float32] | None:
    """The mean picture of each pattern's members, 0 to 1: [patterns, height, width, channels]; None: no pictures."""
    if kept.pictures is None:
        return None
    labels = labels[: len(kept.pictures)]
    count = int(labels.max(initial=-1)) + 1
    means = [kept.pictures[labels == pattern].mean(0) / 255 for pattern in range(count) if (labels == pattern).any()]
    return np.asarray(means, np.float32) if means and len(means) == count else None


def mix(names: Sequence[Any]) -> str:
    """What is most frequent among names, with its share.

    >>> mix(["a", "a", "b", None])
    'a 67 %, b 33 %'
    """
    counted = Counter(str(name) for name in names if name is not None)
    shown = counted.most_common(_SHOWN)
    words = ", ".join(f"{_readable(name)} {100 * count / counted.total():.0f} %" for name, count in shown)
    return words + (f" and {len(counted) - _SHOWN} more" if len(counted) > _SHOWN else "")


def _readable(name: str) -> str:
    r"""A name as it can be read in a table.

    >>> print(_readable("a"), _readable("\n"))
    a '\n'
    """
    return name if name.isprintable() and name.strip() == name and name else repr(name)


def by_pattern(names: Sequence[Any] | None, labels: Labels, patterns: int) -> list[str]:
    """The mix of names in each of so many patterns."""
    if names is None or all(name is None for name in names):
        return [""] * patterns
    array = np.array(names, dtype=object)
    return [mix(array[labels == pattern].tolist()) for pattern in range(patterns)]
