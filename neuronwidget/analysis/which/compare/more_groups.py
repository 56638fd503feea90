"""More than two groups: in how few of them a unit is active, by the entropy of its rates (LAPE), against permutations.

The rate of a unit in a group is the mean over the group's inputs of the share of positions at which it is above zero.
Its entropy over the groups is low where it is active in few of them. The published rule takes the lowest 1 %, of
groups that are alike too; here a unit's entropy is compared with what permuted inputs give the same unit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.scores.sides import Floats
from neuronwidget.analysis.which.compare.searched import Numbers, Searched

#: A unit is let go once so many permutations gave an entropy as low; and permutations at most.
_ENOUGH, _MOST = 10, 50_000
#: Permutations that judge what was found, in the other half.
_JUDGING = 2_000
_CELLS = 1 << 22
#: Entropies that differ by less are the same: shares are kept in single precision.
_SAME = 1e-6


def activity(values: NDArray[np.float32], how: str) -> NDArray[np.float32]:
    """How active units are: the share of positions above zero, or, of another number an input, whether it is above."""
    return values if how == "active" else (values > 0).astype(np.float32)


def rates(active: NDArray[np.float32], groups: Numbers, count: int) -> Floats:
    """The rate of each unit in each group: active [inputs, units], groups [draws, inputs] → [draws, count, units]."""
    rate = np.empty((len(groups), count, active.shape[1]))
    for number in range(count):
        there = (groups == number).astype(np.float32)
        rate[:, number] = there @ active / there.sum(1, keepdims=True)
    return rate


def entropy(rate: Floats) -> Floats:
    """The entropy over groups, −Σ q ln q of q = rate / Σ rate: [..., groups, units] → [..., units].

    The largest there is where a unit is never active.
    """
    total = rate.sum(-2, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = rate / total
        summed = -(share * np.log(np.where(share > 0, share, 1.0))).sum(-2)
    entropies: Floats = np.where(total[..., 0, :] > 0, summed, np.log(rate.shape[-2]))
    return entropies


def active_enough(rate: Floats, quantile: float) -> NDArray[np.bool_]:
    """Whether a unit's rate is in some group above this quantile of all rates: [..., groups, units] → [..., units].

    >>> active_enough(np.array([[0.1, 0.0, 0.9], [0.2, 0.0, 0.1]]), 0.8).tolist()
    [False, False, True]
    """
    ends = np.quantile(rate, quantile, axis=(-2, -1), keepdims=True)
    return np.asarray((rate > ends).any(-2), np.bool_)


def specificity(rate: Floats) -> Floats:
    """1 − H / ln K: 0 for a unit that is as active in all groups, 1 for one that is active in one alone."""
    specificities: Floats = 1 - entropy(rate) / np.log(rate.shape[-2])
    return specificities


def permutation_p(
    active: NDArray[np.float32],
    group: Numbers,
    count: int,
    most: int,
    documents: Numbers | None,
    seed: int,
) -> Floats:
    """How often permuted inputs give a unit an entropy as low as its own: [units].

    Units for which that is often so are let go early; what is left is permuted up to `most` times.
    """
    source, units = np.random.default_rng(seed), active.shape[1]
    observed = entropy(rates(active, group[None], count)[0])
    lower, draws, left, done, step = np.zeros(units), np.zeros(units), np.arange(units), 0, 100
    while done < most and len(left):
        step = min(step, most - done, max(1, _CELLS // (count * max(len(group), len(left)))))
        permuted = _permuted(group, documents, step, source)
        drawn = entropy(rates(active[:, left], permuted, count))
        lower[left] += (drawn <= observed[left] + _SAME).sum(0)
        done, step = done + step, 2 * step
        draws[left] = done
        left = left[lower[left] < _ENOUGH]
    p: Floats = (lower + 1) / (draws + 1)
    return p


def _permuted(group: Numbers, documents: Numbers | None, draws: int, source: np.random.Generator) -> Numbers:
    """Groups given to inputs at random, [draws, inputs]; among rows of one document where these are told."""
    if documents is None:
        return source.permuted(np.tile(group, (draws, 1)), axis=1)
    slots = np.argsort(documents, kind="stable")
    keys = source.random((draws, len(group))) + np.unique(documents, return_inverse=True)[1]
    permuted = np.empty((draws, len(group)), np.int64)
    permuted[:, slots] = group[np.argsort(keys, axis=1)]
    return permuted


def search_more(
    active: NDArray[np.float32],
    groups: Numbers,
    first: NDArray[np.bool_],
    count: int,
    level: float,
    searched: int,
    documents: Numbers | None,
    seed: int,
    kept: NDArray[np.bool_] | None = None,
) -> Searched:
    """Active [inputs, units], groups [draws, inputs]; `searched`: units of all sites. The effect is `specificity`.

    `kept` [draws, units]: those that are tested, by default all.
    """
    units = active.shape[1]
    most = min(_MOST, max(1000, int(2 * searched / level)))
    drawn = []
    halves = [(half, None if documents is None else documents[half]) for half in (first, ~first)]
    for number, group in enumerate(groups):
        (finding, finding_documents), (judging, judging_documents) = halves
        rate, held = (rates(active[half], group[None, half], count)[0] for half in (finding, judging))
        tested = np.arange(units) if kept is None else np.flatnonzero(kept[number])
        p = np.full(units, np.nan)
        p[tested] = permutation_p(
            active[finding][:, tested], group[finding], count, most, finding_documents, seed + number
        )
        chosen = np.flatnonzero(p <= level)  # what is found at last is among them
        held_p = np.full(units, np.nan)
        held_p[chosen] = permutation_p(
            active[judging][:, chosen], group[judging], count, _JUDGING, judging_documents, seed + number
        )
        drawn.append((p, specificity(rate), rate.argmax(0), held_p, specificity(held), held.argmax(0)))
    p, effect, side, held_p, held_effect, held_side = (np.stack(column) for column in zip(*drawn, strict=True))
    part = np.zeros((len(groups), units), np.int64)
    return Searched(p, effect, side, held_p, held_effect, held_side, part)
