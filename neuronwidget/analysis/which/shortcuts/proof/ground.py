"""Grounds: the halves of the data as candidates are tried on them, so that what a unit goes with tells no label there.

Where enough inputs go against the property that a unit goes with, they are weighted. Where too few do, each input gets
a twin with the property as inputs of other labels have it, if the kind of input knows how to make one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.which.answers import answers_to, some
from neuronwidget.analysis.which.shortcuts.kinds.registry import property_kind
from neuronwidget.analysis.which.shortcuts.proof.trials import Floats, Overtaken, Part
from neuronwidget.analysis.which.shortcuts.properties import Property, balancing
from neuronwidget.live.model import LiveModel

Bools = NDArray[np.bool_]
#: So many of the twins must really go against a property, and of so many must the answer go with it.
_MOVED, _FOLLOW = 0.9, 0.5


@dataclass(frozen=True, eq=False)
class Ground:
    """Ground: the inputs of a half that candidates are tried on.

    Attributes
    ----------
    part
        The inputs: those of a half, and behind them their twins where there are such.
    weights
        Of each input of the half: [inputs].
    words
        What is so in it and not in the data; "" where it is the data as they are.
    """

    part: Part
    weights: Floats
    words: str = ""

    def by_input(self, effects: Floats) -> Floats:
        """Effects on the part [..., inputs and twins], as means of each input and its twin: [..., inputs]."""
        means: Floats = effects.reshape(*effects.shape[:-1], -1, len(self.weights)).mean(-2)
        return means

    def gain(self, effects: Floats) -> float:
        """The weighted share of answers that become right, of effects on the part."""
        return float(self.weights @ self.by_input(effects) / self.weights.sum())


@dataclass(frozen=True, eq=False)
class Twins:
    """Inputs of a half and their twins.

    Attributes
    ----------
    values
        By name of a property what the twins have: [inputs].
    follow
        The share of twins that are answered as the inputs whose brightness they have, the mean over both groups.
    """

    part: Part
    values: dict[str, Floats]
    follow: float


class Grounds:
    """The two halves of labelled inputs as candidates are tried on them.

    Attributes
    ----------
    first
        Which inputs are of the half that candidates are chosen on: [inputs].
    parts
        Both halves as they are.
    """

    def __init__(
        self,
        live: LiveModel,
        inputs: Sequence[object],
        answers: NDArray[np.int64],
        first: Bools,
        seed: int,
        stop: Overtaken,
    ) -> None:
        self._live, self._seed, self._stop = live, seed, stop
        self.first = first
        self.parts = [Part(some(inputs, half), answers[half].tolist()) for half in (first, ~first)]
        self._known: dict[tuple[str, int], Ground | None] = {}
        self._twins: dict[tuple[bytes, int], Twins | None] = {}

    def of(self, one: Property | None, half: int) -> Ground | None:
        """A half (0 or 1) for units that go with a property; None where too few inputs go against it."""
        part = self.parts[half]
        if one is None or not one.telling:
            return Ground(part, np.ones(len(part)))
        if (one.name, half) not in self._known:
            weights = balancing(one, self._where(half))
            words = f"inputs weighted so that {_untold(one)}"
            self._known[one.name, half] = self._moved(one, half) if weights is None else Ground(part, weights, words)
        return self._known[one.name, half]

    def _where(self, half: int) -> Bools:
        return self.first if half == 0 else ~self.first

    def _moved(self, one: Property, half: int) -> Ground | None:
        """The half with twins that have the property as inputs of other labels have it; None where that cannot be."""
        group = one.group[self._where(half)]
        key = (group.tobytes(), half)
        if key not in self._twins:
            self._twins[key] = self._make_twins(group, half)
        twins = self._twins[key]
        if twins is None or twins.follow < _FOLLOW or (one.is_high(twins.values[one.name]) != group).mean() < _MOVED:
            return None
        words = (
            f"inputs and twins of them with the {property_kind(self._live.kind).moves} of other labels, "
            f"{twins.follow:.0%} of which are answered as those, so that {_untold(one)}"
        )
        return Ground(twins.part, np.ones(len(group)), words)

    def _make_twins(self, group: Bools, half: int) -> Twins | None:
        """Inputs and twins of a half, each like an input of the other group; and the properties of the twins."""
        kind, part = property_kind(self._live.kind), self.parts[half]
        source = np.random.default_rng(self._seed)
        twins = []
        for x, side in zip(part.inputs, group.tolist(), strict=True):
            like = int(source.choice(np.flatnonzero(group != side)))
            twin = kind.moved(self._live, x, part.inputs[like])
            if twin is None:
                return None
            twins.append(twin)
        measured = kind.measured(twins, np.ones(len(twins), bool))
        values = {name: measured.values[:, place] for place, name in enumerate(measured.names)}
        in_group = np.isin(answers_to(self._live, twins, self._stop), np.array(part.answers)[group])
        follow = float(np.mean([(in_group[group == side] != side).mean() for side in (False, True)]))
        return Twins(Part([*part.inputs, *twins], [*part.answers, *part.answers]), values, follow)


def _untold(one: Property) -> str:
    return f"{one.name} no longer tells {one.tells}"
