"""Sets of candidates that are held together: what a model leans on may be spread over units that do not help alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuronwidget.analysis.which.shortcuts.proof.screened import Screened
from neuronwidget.analysis.which.shortcuts.proof.trials import Overtaken, UsualValues, changes, held_together
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit

#: So many units are held together, as far as there are as many, and so many sets are tried on the second half.
SIZES, MOST_SETS = (2, 3, 4, 6, 8, 12), 2


@dataclass(frozen=True, eq=False)
class Together:
    """Candidates that go with the same, those first that help most alone.

    `gain`: what holding them together does on the half that they were chosen on.
    """

    members: list[Screened]
    gain: float

    @property
    def units(self) -> list[Unit]:
        return [one.candidate.unit for one in self.members]

    def __str__(self) -> str:
        return " + ".join(map(str, self.units))


def sets_of(live: LiveModel, candidates: Sequence[Screened], usual: UsualValues, stop: Overtaken) -> list[Together]:
    """The sets to try, those that help most on the first half first.

    Of candidates that go with the same, and do no harm there, the best two, three and so on are held together; the set
    that helps most is taken, if it helps more than its best unit alone.
    """
    best_sets = []
    for several in _alike(candidates):
        ground = several[0].ground
        assert ground is not None
        sets = [several[:count] for count in SIZES if count <= len(several)]
        edits = [held_together([one.candidate.unit for one in members], usual) for members in sets]
        gains = [ground.gain(own) for own in changes(live, ground.part, edits, stop)]
        best = int(np.argmax(gains))
        if gains[best] > several[0].gain:
            best_sets.append(Together(sets[best], gains[best]))
    return sorted(best_sets, key=lambda one: -one.gain)[:MOST_SETS]


def _alike(candidates: Sequence[Screened]) -> list[list[Screened]]:
    """Candidates that do no harm on the first half, by what they go with: two and more that go with the same.

    Properties that tell the same labels apart are the same here: a picture that is dark has a dark border, too.
    """
    together: dict[Any, list[Screened]] = {}
    for one in candidates:
        if one.ground is not None and one.gain >= 0:
            goes = one.candidate.goes_with
            told = goes is not None and goes.telling
            same = (goes.group == goes.group[0]).tobytes() if goes is not None and told else goes and goes.name
            together.setdefault(same, []).append(one)
    return [several for several in together.values() if len(several) > 1]
