"""The proof: what holding candidates at their means does on the half of the data that took no part in choosing them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from neuronwidget.analysis.which.shortcuts.proof.ground import Ground, Grounds
from neuronwidget.analysis.which.shortcuts.proof.jointly import Together, sets_of
from neuronwidget.analysis.which.shortcuts.proof.screened import Screened
from neuronwidget.analysis.which.shortcuts.proof.trials import (
    Overtaken,
    Tried,
    UsualValues,
    beside_random,
    changes,
    held_together,
    tried,
)
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit

#: By so little chance a unit helps on the first half that it is no random unit, where it goes with the same property.
_PROBABLY = 0.2


@dataclass(frozen=True, eq=False)
class Alone:
    """A candidate that was held at its mean on the second half, and what came of it."""

    screened: Screened
    ground: Ground
    come: Tried


@dataclass(frozen=True, eq=False)
class Jointly:
    """Candidates that were held together on the second half, and what came of it."""

    together: Together
    ground: Ground
    come: Tried


@dataclass(frozen=True, eq=False)
class Proved:
    """Outcomes of all candidates.

    `missing`: those that cannot be tried, since in one of the halves too few inputs go against what they go with.
    """

    alone: list[Alone]
    jointly: list[Jointly]
    missing: list[Screened]

    @property
    def units(self) -> list[Unit]:
        """Units that are shortcuts, alone or together."""
        alone = [one.screened.candidate.unit for one in self.alone if one.come.confirmed]
        joint = [unit for one in self.jointly if one.come.confirmed for unit in one.together.units]
        return list(dict.fromkeys([*alone, *joint]))


class Proof:
    """Tries candidates on the second half, beside random units."""

    def __init__(
        self,
        live: LiveModel,
        grounds: Grounds,
        usual: UsualValues,
        candidates: Sequence[Screened],
        randoms: int,
        seed: int,
        stop: Overtaken,
    ) -> None:
        self._live, self._grounds, self._usual, self._stop = live, grounds, usual, stop
        self._candidates, self._randoms, self._seed = candidates, randoms, seed

    def of(self, most: int, step: Callable[[], None]) -> Proved:
        """The best candidates alone; where none of them is a shortcut, those that go with the same together."""
        chosen: list[tuple[Screened, Ground]] = []
        missing: list[Screened] = []
        for one in self._candidates:
            ground = self._grounds.of(one.candidate.goes_with, 1) if one.ground is not None else None
            if ground is None:
                missing.append(one)
            elif len(chosen) < most:
                chosen.append((one, ground))
        sets = [([one.candidate.unit], ground) for one, ground in chosen]
        apart = _not_random([one for one, _ in chosen], self._candidates)
        come = self._come_of(sets, len(sets), apart, step)
        alone = [Alone(one, ground, each) for (one, ground), each in zip(chosen, come, strict=True)]
        for _ in range(most - len(chosen)):
            step()
        jointly = [] if any(one.come.confirmed for one in alone) else self._jointly(len(alone))
        step()
        return Proved(alone, jointly, missing)

    def _jointly(self, others: int) -> list[Jointly]:
        """What came of candidates that were held together; `others`: how many trials there were before."""
        several = [
            (one, ground)
            for one in sets_of(self._live, self._candidates, self._usual, self._stop)
            if (ground := self._grounds.of(one.members[0].candidate.goes_with, 1)) is not None
        ]
        members = {unit for one, _ in several for unit in one.units}
        apart = _not_random([one for one in self._candidates if one.candidate.unit in members], self._candidates)
        come = self._come_of([(one.units, ground) for one, ground in several], others + len(several), apart)
        return [Jointly(one, ground, each) for (one, ground), each in zip(several, come, strict=True)]

    def _come_of(
        self,
        sets: Sequence[tuple[Sequence[Unit], Ground]],
        trials: int,
        apart: Mapping[str, Collection[int]],
        step: Callable[[], None] | None = None,
    ) -> list[Tried]:
        """What came of units held together: of the best, and of those that help beyond chance, beside random ones."""
        edits = [held_together(units, self._usual) for units, _ in sets]
        come = []
        for own, (_, ground) in zip(edits, sets, strict=True):
            effects = ground.by_input(changes(self._live, ground.part, [own], self._stop)[0])
            come.append(tried(effects, ground.weights, trials, self._seed))
        best = max(range(len(come)), key=lambda place: come[place].gain, default=0)
        for place, (own, (_, ground)) in enumerate(zip(edits, sets, strict=True)):
            if place == best or come[place].low > 0:
                random, drawn = beside_random(
                    self._live, ground.part, own, self._randoms, apart, self._seed, self._stop
                )
                come[place] = replace(come[place], random=[ground.gain(one) for one in random], drawn=drawn)
            if step is not None:
                step()
        return come


def _not_random(chosen: Sequence[Screened], screened: Sequence[Screened]) -> dict[str, set[int]]:
    """Units, by site, that are drawn for no control: carriers of the same thing would be no chance.

    These are the chosen ones, and those that help on the first half beyond chance; of those that go with the same
    property as a chosen one, also such as probably help.
    """
    same = {one.candidate.goes_with.name for one in chosen if one.candidate.goes_with is not None}
    apart: dict[str, set[int]] = {}
    for one in (*chosen, *screened):
        goes = one.candidate.goes_with
        alike = goes is not None and goes.name in same
        helps = one.gain > 0 and one.p <= (_PROBABLY if alike else 0.05)
        if one in chosen or helps:
            apart.setdefault(one.candidate.unit.site, set()).add(one.candidate.unit.index)
    return apart
