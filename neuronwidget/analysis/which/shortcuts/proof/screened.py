"""Screening: what holding each candidate at its mean does on the half of the data that it was chosen on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from neuronwidget.analysis.which.shortcuts.candidates import Candidate
from neuronwidget.analysis.which.shortcuts.proof.ground import Ground, Grounds
from neuronwidget.analysis.which.shortcuts.proof.trials import Overtaken, UsualValues, by_chance, changes, held
from neuronwidget.live.model import LiveModel


@dataclass(frozen=True, eq=False)
class Screened:
    """A candidate with what holding it at its mean does on the half that it was chosen on.

    `ground`: what it was held on; None where it cannot be tried, since no input goes against what it goes with.
    """

    candidate: Candidate
    ground: Ground | None
    gain: float = float("nan")
    p: float = 1.0


def screened(
    live: LiveModel, listed: Sequence[Candidate], grounds: Grounds, usual: UsualValues, seed: int, stop: Overtaken
) -> list[Screened]:
    """Candidates with their gain on the first half, the largest first; those that cannot be tried last."""
    outcomes = []
    for _, group in groupby(listed, key=lambda one: one.unit.site):
        several = [(one, grounds.of(one.goes_with, 0)) for one in group]
        outcomes += [Screened(one, None) for one, ground in several if ground is None]
        parts = {id(ground.part): ground.part for _, ground in several if ground is not None}
        for part in parts.values():
            here = [(one, ground) for one, ground in several if ground is not None and ground.part is part]
            own = changes(live, part, [[held(one.unit, usual)] for one, _ in here], stop)
            for (one, ground), effects in zip(here, own, strict=True):
                p = by_chance(ground.by_input(effects) * ground.weights, seed)
                outcomes.append(Screened(one, ground, ground.gain(effects), p))
    return sorted(
        outcomes, key=lambda one: (one.ground is None, -np.nan_to_num(one.gain), -abs(one.candidate.difference))
    )
