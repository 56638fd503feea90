"""Clusters of weighted directions, and how many there are: a gap test against clouds of one piece that spread alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from neuronwidget.analysis.steps import Step, Steps, to_the_end

Floats = np.ndarray[Any, np.dtype[np.float64]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
#: More concepts than this are not told apart.
MOST = 5
_STARTS, _STEPS = 5, 8
_LEVEL = 0.05
#: Means of clusters that have at least this cosine are one; what holds less than this share of the weight is none.
_NEAR, _LEAST = 0.7, 0.1


@dataclass(frozen=True)
class Gaps:
    """Gap statistics: how many clusters there are.

    Attributes
    ----------
    number, p
        How many, and the level of the test that the rows are no cloud of one piece.
    gap, error
        By number of clusters from 2 on, how much smaller than in clouds of one piece the logarithm of what is left
        unexplained is, and the standard deviation of that over the clouds.
    labels
        Of each row its cluster, from 0 on; −1 for what is too little to be one.
    halves
        The same for two clusters, however near they are to each other.
    score, null
        The largest gap in standard deviations, and the same of each cloud [clouds].
    """

    number: int
    p: float
    gap: tuple[float, ...]
    error: tuple[float, ...]
    labels: Numbers
    halves: Numbers
    score: float
    null: Floats


def directions(vectors: Any, origin: Any = 0.0) -> Floats:
    """Rows brought to length 1, after an origin is taken away; rows of length 0 stay."""
    rows = np.asarray(vectors, np.float64) - origin
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Floats = rows / np.where(length > 1e-12 * max(float(length.max(initial=0.0)), 1e-30), length, np.inf)
    return scaled


def gap_test(rows: Floats, weights: Floats, seed: int, draws: int = 50, most: int = MOST) -> Gaps:
    """`gap_steps` in one go."""
    return to_the_end(gap_steps(rows, weights, seed, draws, most))


def gap_steps(rows: Floats, weights: Floats, seed: int, draws: int = 50, most: int = MOST) -> Steps[Gaps]:
    """The number of clusters of directions [n, d], each with a weight above 0; a number that is tried is a step.

    Clusters are looked for in as many of the directions in which the rows differ most as they span, one fewer than
    their number. The null is a cloud of one piece: normal with the mean and the covariance of the rows, brought to
    length 1. The test that there is more than one cluster takes the best of all numbers, in the rows and in each cloud.
    Of the clusters those count that hold a tenth of the weight, and those whose means are near are one.
    """
    source = np.random.default_rng(seed)
    most = min(most, len(rows) // 4)
    one = np.zeros(len(rows), np.int64)
    if most < 2:
        return Gaps(1, 1.0, (), (), one, one, 0.0, np.zeros(0))
    flat = _in_few_dimensions(rows)
    spread = _spread(np.concatenate([flat[None], clouds(flat, weights, source, draws)]), weights)
    logs, labels = [], [one]
    for number in range(2, most + 1):
        yield Step(number - 2, most - 1)
        sets = spread[:, :, : number - 1]
        whole = ((sets**2).sum(2) * weights).sum(1)
        left, clusters = _unexplained(sets, weights, number, source)
        logs.append(np.log(np.maximum(left, 1e-12) / np.maximum(whole, 1e-12)))
        labels.append(clusters[0])
    table = np.array(logs)  # [numbers, 1 + draws]
    deviation = np.maximum(table[:, 1:].std(1), 1e-9)
    gaps = table[:, 1:].mean(1, keepdims=True) - table
    best = (gaps / deviation[:, None]).max(0)
    p = float((1 + (best[1:] >= best[0]).sum()) / (1 + draws))
    error = deviation * np.sqrt(1 + 1 / draws)
    chosen = distinct(rows, weights, labels[_number(gaps[:, 0], error) - 1]) if p <= _LEVEL else one
    told = tuple(gaps[:, 0].tolist()), tuple(error.tolist())
    return Gaps(int(chosen.max()) + 1, p, *told, chosen, labels[1], float(best[0]), best[1:])


def _number(gaps: Floats, error: Floats) -> int:
    """Of more than one the smallest number whose gap the next one does not exceed by more than its error."""
    for place in range(len(gaps) - 1):
        if gaps[place] > error[place] and gaps[place] >= gaps[place + 1] - error[place + 1]:
            return place + 2
    return int(np.argmax(gaps)) + 2


def distinct(rows: Floats, weights: Floats, labels: Numbers) -> Numbers:
    """Labels without what is no cluster of its own, counted from the one of most weight on.

    Clusters whose means have a cosine of .7 or more are one; −1 for clusters of less than a tenth of the weight.
    """
    labels = labels.copy()
    while True:
        names = np.unique(labels[labels >= 0])
        means = directions(np.stack([weights[labels == name] @ rows[labels == name] for name in names]))
        near = np.triu(means @ means.T, 1)
        if near.max(initial=0.0) < _NEAR:
            break
        first, second = np.unravel_index(int(near.argmax()), near.shape)
        labels[labels == names[second]] = names[first]
    share = np.bincount(labels, weights) / weights.sum()
    order = np.argsort(-share, kind="stable")
    counted = np.full(len(share), -1)
    kept = [name for place, name in enumerate(order) if place == 0 or share[name] >= _LEAST]
    counted[kept] = np.arange(len(kept))
    renumbered: Numbers = counted[labels]
    return renumbered


def _in_few_dimensions(rows: Floats) -> Floats:
    """The same rows in the space that they span: distances stay."""
    if rows.shape[1] <= len(rows):
        return rows
    left, sizes, _ = np.linalg.svd(rows, full_matrices=False)
    flat: Floats = left * sizes
    return flat


def clouds(rows: Floats, weights: Floats, source: np.random.Generator, draws: int) -> Floats:
    """Clouds of one piece that spread as directions [n, d] do: [draws, n, d]."""
    share = weights / weights.sum()
    mean = share @ rows
    _, sizes, axes = np.linalg.svd((rows - mean) * np.sqrt(share)[:, None], full_matrices=False)
    normal = source.standard_normal((draws, len(rows), len(sizes)))
    drawn = mean + (normal * sizes) @ axes
    scaled: Floats = drawn / np.maximum(np.linalg.norm(drawn, axis=2, keepdims=True), 1e-12)
    return scaled


def _spread(sets: Floats, weights: Floats) -> Floats:
    """Sets [sets, n, d] about their means, along the directions in which each differs most, the first of them first."""
    centred = (sets - (weights / weights.sum() @ sets)[:, None]) * np.sqrt(weights)[:, None]
    values, vectors = np.linalg.eigh(centred @ centred.transpose(0, 2, 1))
    along = vectors[:, :, ::-1] * np.sqrt(values[:, None, ::-1].clip(0))
    projected: Floats = along[:, :, : MOST - 1] / np.sqrt(weights)[:, None]
    return projected


def _unexplained(sets: Floats, weights: Floats, number: int, source: np.random.Generator) -> tuple[Floats, Numbers]:
    """What is left of each set [sets, n, d] about the nearest of its centres, weighted, and the labels [sets, n].

    The best of several starts.
    """
    many, n, _ = sets.shape
    starts = np.repeat(sets, _STARTS, 0)
    centres = _begin(starts, weights, number, source)
    for _ in range(_STEPS):
        apart = _apart(starts, centres)
        mine = (apart == apart.min(2, keepdims=True)) * weights[:, None]
        held = mine.sum(1)[..., None]
        centres = np.where(held > 0, mine.transpose(0, 2, 1) @ starts / np.maximum(held, 1e-30), centres)
    apart = _apart(starts, centres)
    left, labels = (apart.min(2) * weights).sum(1).reshape(many, -1), apart.argmin(2).reshape(many, -1, n)
    best, every = left.argmin(1), np.arange(many)
    return left[every, best], labels[every, best]


def _apart(sets: Floats, centres: Floats) -> Floats:
    """Squared distances [sets, n, centres]."""
    squares = (sets**2).sum(2)[:, :, None] + (centres**2).sum(2)[:, None]
    distances: Floats = (squares - 2 * sets @ centres.transpose(0, 2, 1)).clip(0)
    return distances


def _begin(sets: Floats, weights: Floats, number: int, source: np.random.Generator) -> Floats:
    """Centres to begin with [sets, number, d]: rows of each set, each drawn far from those before it."""
    every, share = np.arange(len(sets)), weights / weights.sum()
    centres = sets[every, source.choice(len(share), len(sets), p=share)][:, None]
    while centres.shape[1] < number:
        odds = np.cumsum(_apart(sets, centres).min(2) * share + 1e-12, 1)
        drawn = (source.random((len(sets), 1)) * odds[:, -1:] < odds).argmax(1)
        centres = np.concatenate([centres, sets[every, drawn][:, None]], 1)
    return centres


def silhouette(rows: Floats, weights: Floats, labels: Numbers) -> float:
    """How much nearer rows are to their own cluster than to the next, weighted: −1 … 1; 0 where there is one alone.

    Each cluster counts as much as another: a few rows that lie apart from all others, and from each other, are none.
    """
    apart, number = 1 - rows @ rows.T, int(labels.max(initial=0)) + 1
    member = (labels[:, None] == np.arange(number)) * weights[:, None]
    if number < 2 or ((member > 0).sum(0) < 2).any():
        return 0.0
    own = labels[:, None] == np.arange(number)
    sums = apart @ member
    count = np.maximum(member.sum(0) - own * weights[:, None], 1e-12)
    means = sums / count  # a row is at distance 0 from itself
    inside = means[own]
    outside = np.where(own, np.inf, means).min(1)
    each = (outside - inside) / np.maximum(np.maximum(inside, outside), 1e-12)
    return float(np.mean(each @ member / member.sum(0)))


def likeness(rows: Floats, weights: Floats) -> float:
    """MS: the mean cosine of two rows, pairs weighted by the product of their weights."""
    pairs = np.outer(weights, weights)
    np.fill_diagonal(pairs, 0)
    return float((pairs * (rows @ rows.T)).sum() / max(pairs.sum(), 1e-30))
