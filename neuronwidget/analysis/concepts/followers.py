"""Followers: units behind a unit that go with one of its concepts; one half of its exemplars chooses, one judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.concepts.peaks import Peak
from neuronwidget.analysis.concepts.reading import Floats
from neuronwidget.analysis.directions.separation import auroc
from neuronwidget.corpus.hashes import hashed

if TYPE_CHECKING:
    import pandas as pd

_CHOSEN, _FEWEST, _LEVEL = 10, 3, 0.05
_COLUMNS = ["concept", "unit", "difference", "auroc", "q", "searched"]


def followers(
    behind: Mapping[Peak, Mapping[str, Floats]], peaks: Sequence[Peak], sides: Sequence[tuple[Any, Any]]
) -> pd.DataFrame:
    """Units behind by concept: concept, unit, difference (in standard deviations), auroc, q, searched.

    `sides`: of each concept its exemplars, and those that it is compared with, as flags [peaks]. The ten units that
    differ most on one half of the inputs are judged on the other; q is corrected for all that are judged.
    """
    import pandas as pd
    from scipy.stats import false_discovery_control, mannwhitneyu

    names = list(behind[peaks[0]]) if peaks else []
    if not names:
        return pd.DataFrame({name: [] for name in _COLUMNS})
    values = np.concatenate([np.stack([behind[peak][name] for peak in peaks]) for name in names], 1)
    values = np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)
    units = [(name, unit) for name in names for unit in range(len(behind[peaks[0]][name]))]
    judging = _second_half(peaks)
    entries = []
    for concept, (own, others) in enumerate(sides):
        halves = [(values[own & half], values[others & half]) for half in (~judging, judging)]
        if min(len(rows) for half in halves for rows in half) < _FEWEST:
            continue
        difference = _differences(*halves[0])
        held = _differences(*halves[1])
        for place in np.argsort(-np.abs(difference), kind="stable")[:_CHOSEN]:
            ones, rest = (rows[:, place] for rows in halves[1])
            p = float(mannwhitneyu(ones, rest).pvalue) if np.ptp(np.concatenate([ones, rest])) > 0 else 1.0
            name, unit = units[place]
            entries.append((concept, f"{name}:{unit}", held[place], auroc(ones, rest), p, len(units)))
    table = pd.DataFrame(entries, columns=_COLUMNS)
    if len(table):
        table["q"] = false_discovery_control(table["q"])
    return table.sort_values(["concept", "q"], kind="stable").reset_index(drop=True)


def following(followers: pd.DataFrame, concept: int) -> pd.DataFrame:
    """The rows of those units behind that go with a concept beyond chance, the surest first."""
    rows = followers[followers["concept"] == concept]
    return rows[(rows["q"] <= _LEVEL) & (rows["difference"] > 0)]


def _second_half(peaks: Sequence[Peak]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    import torch

    half: np.ndarray[Any, np.dtype[np.bool_]] = (
        hashed(torch.tensor([document for document, _ in peaks]) + (3 << 40)) & 1
    ).numpy() == 1
    return half


def _differences(ones: Any, others: Any) -> Any:
    """Of means, in standard deviations of both together."""
    spread = np.sqrt((ones.var(0) * len(ones) + others.var(0) * len(others)) / (len(ones) + len(others)))
    floor = 1e-3 * np.sqrt(np.mean(spread**2)) + 1e-12
    return (ones.mean(0) - others.mean(0)) / np.maximum(spread, floor)
