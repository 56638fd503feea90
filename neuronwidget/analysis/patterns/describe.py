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

if TYPE_CHECKING:
    import pandas as pd

MARKERS = 8
_SHOWN = 3


def markers(
    responses: Responses,
    site: str,
    rows: NDArray[np.float32],
    labels: Labels,
    scale: NDArray[np.float64],
    seed: int,
) -> pd.DataFrame:
    """Units that set each pattern apart: chosen on one half of the inputs, with the numbers of the other half.

    `rows` [inputs, columns] are those that the patterns were found in.
    """
    import pandas as pd

    units, parts = responses.units(site)
    halves = np.random.default_rng(seed).random(len(rows)) < 0.5
    entries = []
    for pattern in range(int(labels.max(initial=-1)) + 1):
        own = labels == pattern
        medians = []
        for half in (halves, ~halves):
            inside, outside = rows[own & half], rows[~own & half]
            if not len(inside) or not len(outside):  # too few for halves: what there is, both times
                inside, outside = rows[own], rows[~own]
            medians.append((np.median(inside, 0), np.median(outside, 0)))
        differences = [(inside - outside) / scale for inside, outside in medians]
        for column in np.argsort(-np.abs(differences[0]), kind="stable")[:MARKERS].tolist():
            if not differences[0][column]:
                break
            inside, outside = medians[1]
            entry = (pattern, site, int(units[column]), parts[column], inside[column], outside[column])
            entries.append((*entry, differences[1][column]))
    names = ["pattern", "site", "unit", "part", "median", "rest", "difference"]
    frame = pd.DataFrame(entries, columns=names)
    return frame.astype({"median": float, "rest": float, "difference": float}) if len(frame) else frame


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
