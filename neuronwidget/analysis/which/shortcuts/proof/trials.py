"""Trials: what holding a unit at its mean does to the answers, beside random units of its site changed as much."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.analysis.cause.controls import Trial
from neuronwidget.analysis.cause.measure import measure_of
from neuronwidget.analysis.cause.passes import Passes, by_input
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.scores.intervals import bootstrap
from neuronwidget.analysis.steps import to_the_end
from neuronwidget.live.edits.kinds import Ablate
from neuronwidget.live.edits.references import drawn, typical_norm
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit

Floats = NDArray[np.float64]
Overtaken = Callable[[], bool] | None
_DRAWS = 2_000


class UsualValues:
    """Reference values of edits: what the units of sites do on some inputs, whose positions were averaged."""

    def __init__(self, responses: Responses) -> None:
        self._responses = responses

    def _rows(self, site: str) -> Tensor:
        return torch.from_numpy(self._responses.of(site)[:])

    def mean(self, site: str, /) -> Tensor:
        return self._rows(site).double().mean(0).float()

    def samples(self, site: str, /, n: int, seed: int = 0) -> Tensor:
        return drawn(self._rows(site), n, seed)

    def norm(self, site: str, /) -> float:
        return typical_norm(self._rows(site))


def held(units: Unit | Sequence[Unit], usual: UsualValues) -> Ablate:
    """The edit that holds units of one site at their means."""
    return Ablate(units if isinstance(units, Unit) else list(units), data=usual)


def held_together(units: Sequence[Unit], usual: UsualValues) -> list[Ablate]:
    """The edits that hold units of any sites at their means, one a site."""
    sites = dict.fromkeys(unit.site for unit in units)
    return [held([unit for unit in units if unit.site == site], usual) for site in sites]


@dataclass(frozen=True, eq=False)
class Part:
    """Inputs that units are tried on, and the number of the right output for each."""

    inputs: list[Any]
    answers: list[int]

    def __len__(self) -> int:
        return len(self.inputs)


def changes(live: LiveModel, part: Part, edits: Sequence[Sequence[Any]], overtaken: Overtaken = None) -> Floats:
    """Which answers each set of edits makes right (1) or wrong (−1): [sets, inputs].

    Sets that act at the same places share what lies before these.
    """
    passes, measure = Passes(live, part.inputs), measure_of(live, part.answers, len(part))
    edited = [live.edited(*several) for several in edits]
    effects: list[list[float]] = [[] for _ in edits]
    first = 0
    for given, count in passes.batches:
        rows = passes.rows(live, given, measure)
        before = passes.say(live, given, rows, overtaken, ahead_of=edited[0])
        for values, model in zip(effects, edited, strict=True):
            values += by_input(measure.of(before, passes.say(model, given, rows, overtaken), first), count)
        first += count
    return np.array(effects, np.float64)


@dataclass(frozen=True, eq=False)
class Tried:
    """What came of holding a unit, or several together, at the mean.

    Attributes
    ----------
    gain, low, high, p
        The share of answers that become right less those that become wrong, with its interval, and how likely chance
        alone gives as much where the edit helps and harms alike.
    random, drawn
        The same for each of some random units of the site (of several units, sets of as many) that were changed as
        much, and which these were; none where chance alone gives as much, so that they decide nothing.
    """

    gain: float
    low: float
    high: float
    p: float
    random: Sequence[float] = ()
    drawn: Sequence[str] = ()

    @property
    def confirmed(self) -> bool:
        """Does it help beyond chance, and more than any random unit, of which there are enough?"""
        return self.low > 0 and len(self.random) >= 19 and self.gain > max(self.random)


def tried(effects: Floats, weights: Floats, of: int, seed: int) -> Tried:
    """What came of a unit, from what its holding does to each answer; the interval is for `of` trials in all."""
    low, high = (float(np.ravel(end)[0]) for end in _interval(effects, weights, 1 - 0.05 / of, seed))
    return Tried(float(weights @ effects / weights.sum()), low, high, by_chance(effects * weights, seed))


def beside_random(
    live: LiveModel,
    part: Part,
    edits: Sequence[Ablate],
    randoms: int,
    apart: Mapping[str, Collection[int]],
    seed: int,
    overtaken: Overtaken = None,
) -> tuple[Floats, list[str]]:
    """What random units of the same sites do, changed as much as the edits change theirs, and which units these are.

    The effects are [random, inputs].
    """
    trial = Trial(live, part.inputs, edits, measure_of(live, part.answers, len(part)))
    control = to_the_end(trial.steps(randoms, seed, apart=apart), overtaken=overtaken)
    return np.array(trial.random, np.float64), control.drawn


def _interval(effects: Floats, weights: Floats, level: float, seed: int) -> tuple[Any, Any]:
    rows = np.stack([effects * weights, weights], 1)
    return bootstrap(rows, lambda sums: sums[:, 0] / sums[:, 1], draws=_DRAWS, seed=seed, level=level)


def by_chance(effects: Floats, seed: int) -> float:
    """How often the sum is as large where each effect has either sign alike.

    >>> by_chance(np.zeros(5), 0)
    1.0
    """
    moved = effects[effects != 0]
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), (_DRAWS, len(moved)))
    return float((1 + (signs @ moved >= moved.sum() - 1e-12).sum()) / (1 + _DRAWS))


def right_shares(live: LiveModel, part: Part, edits: Sequence[Any], right: NDArray[np.bool_], stop: Overtaken) -> float:
    """The share of right answers with some edits on; `right`: which are right without."""
    if not edits:
        return float(right.mean())
    return float(right.mean() + changes(live, part, [list(edits)], stop)[0].mean())
