"""Judges curves: does one unit carry a concept, do a few, is it distributed, or is there nothing?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.which.localise.curves import Curves
from neuronwidget.analysis.which.localise.probe import METRICS

ONE, FEW, SPREAD, ANYWHERE, NOTHING = "one unit", "a few", "distributed", "anywhere", "nothing"
ENOUGH = 0.9
"""So much of the best Matthews correlation must so many units reach to carry a concept."""
AHEAD = 0.05
"""By so much the units must be ahead of as many directions of a random basis, and the best of shuffled labels."""
TIMES = 2
"""So many times as many directions of a random basis it must take, where a few units carry a concept."""
_MOST_FEW = 8
_SHARE_FEW = 0.25
DRAWS = 19
"""So many random bases must the units be ahead of, where one or a few carry a concept."""


@dataclass(frozen=True)
class Judged:
    """What curves say.

    Attributes
    ----------
    says
        "one unit": it alone does nearly as well as any number of them. "a few": up to eight do, and no more than a
        quarter of the layer, and a random basis needs twice as many directions. "distributed": it takes more, or a
        random basis does as well. "anywhere": one unit does, and so does a direction of a random basis. "nothing": no
        better than with shuffled labels.
    k
        How many units that takes; where it is distributed or nothing, the number that does best.
    same
        In which share of the splits the best unit is the one that most splits put first.
    """

    says: str
    k: int
    same: float


def judge(curves: Curves, width: int) -> Judged:
    """What curves of the units of a layer of this width say."""
    own, turned = curves.mean("units", "mcc"), curves.mean("rotated", "mcc")
    low, _ = curves.ends("units", "mcc")
    _, chance = curves.ends("control", "mcc")
    firsts = curves.orders[:, 0]
    same = float(np.bincount(firsts).max() / len(firsts))
    best = int(own.argmax())
    if low[best] <= chance.max() or own[best] < chance.max() + AHEAD:
        return Judged(NOTHING, curves.ks[best], same)
    place = _reaches(own, ENOUGH * own[best])
    k = curves.ks[place]
    ahead = own[place] >= turned[place] + AHEAD
    if k == 1:
        return Judged(ONE if ahead else ANYWHERE, 1, same)
    needed = np.array(curves.ks)[turned >= ENOUGH * own[best]]
    ahead = ahead and (not len(needed) or needed[0] >= TIMES * k)
    if ahead and k <= max(2, min(_MOST_FEW, _SHARE_FEW * width)):
        return Judged(FEW, k, same)
    return Judged(SPREAD, curves.ks[best], same)


def judge_again(judged: Judged, curves: Curves, drawn: NDArray[np.float64]) -> Judged:
    """Judges again: the units must be ahead of each of the random bases, on the first split.

    `drawn`: Matthews' correlation of as many directions of each.
    """
    own = curves.scores["units"][0, curves.ks.index(judged.k), METRICS.index("mcc")]
    if own > drawn.max():
        return judged
    if judged.says == ONE:
        return replace(judged, says=ANYWHERE)
    return replace(judged, says=SPREAD, k=curves.ks[int(curves.mean("units", "mcc").argmax())])


def _reaches(scores: NDArray[np.float64], wanted: float) -> int:
    """The first place at which so much is reached."""
    return int(np.argmax(scores >= wanted))
