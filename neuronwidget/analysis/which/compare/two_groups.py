"""Two groups: how well each unit tells them apart, by ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.scores.ranks import RankSums
from neuronwidget.analysis.which.compare.searched import Numbers, Searched


def search_two(values: NDArray[np.float32], groups: Numbers, first: NDArray[np.bool_]) -> Searched:
    """Values [inputs, units], groups 0 and 1 [draws, inputs]; the effect is AUROC − .5, above zero: higher in 0."""
    effects, ps = [], []
    for half in (first, ~first):
        sums, positive = RankSums.of(values[half]), groups[:, half] == 0
        effects.append(sums.auroc(positive) - 0.5)
        ps.append(sums.p(positive))
    side, held_side = ((effect < 0).astype(np.int64) for effect in effects)
    return Searched(ps[0], effects[0], side, ps[1], effects[1], held_side, np.zeros_like(side))
