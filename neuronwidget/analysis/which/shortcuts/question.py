"""The question whether a model has shortcuts: what is screened on one half of its data and proved on the other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.result import Provenance
from neuronwidget.analysis.scores.corrected import q_values
from neuronwidget.analysis.scores.halves import halves
from neuronwidget.analysis.which.shortcuts.answers import given_outputs, right_outputs, some
from neuronwidget.analysis.which.shortcuts.candidates import GOES_WITH, LEAST, Candidate, candidates
from neuronwidget.analysis.which.shortcuts.kinds.registry import property_kind
from neuronwidget.analysis.which.shortcuts.looks import look_of
from neuronwidget.analysis.which.shortcuts.properties import balancing, properties_of, table_of
from neuronwidget.analysis.which.shortcuts.result import Shortcuts
from neuronwidget.analysis.which.shortcuts.trials import (
    Floats,
    Overtaken,
    Part,
    Tried,
    UsualValues,
    beside_random,
    by_chance,
    changes,
    held,
    right_shares,
    tried,
)
from neuronwidget.live.errors import AttachError
from neuronwidget.live.model import LiveModel

if TYPE_CHECKING:
    import pandas as pd

Bools = NDArray[np.bool_]
#: So many units are named that go with a property against which no input goes; each half needs so many inputs.
_SUSPECTED, _FEWEST = 3, 20
#: By so little chance a unit helps on the first half that it is no random unit, where it goes with the same property.
_PROBABLY = 0.2


@dataclass(frozen=True, eq=False)
class Screened:
    """A candidate with what holding it at its mean does on the half that it was chosen on.

    `possible`: can it be tried? Not where no input goes against the property that it goes with.
    """

    candidate: Candidate
    possible: bool
    gain: float = float("nan")
    p: float = 1.0


class Question:
    """The data of a question in two halves, and what each half answers."""

    def __init__(
        self, live: LiveModel, taken: Responses, sites: Sequence[str], seed: int, overtaken: Overtaken
    ) -> None:
        self.live, self.sites, self._seed, self._stop = live, list(sites), seed, overtaken
        self.notes: list[str] = []
        self._taken = taken = self._labelled(taken)
        self._labels = [str(label) for label in taken.labels]
        outputs = right_outputs(live, self._labels)
        self._right = given_outputs(live, taken, overtaken) == outputs
        self._first, _ = halves(taken.documents, self._labels, seed)
        if min(self._first.sum(), (~self._first).sum()) < _FEWEST:
            raise ValueError(
                f"{len(taken):,} labelled inputs are too few: {2 * _FEWEST} are needed, half of them to choose units "
                "on and half to prove them on."
            )
        inputs = [taken.input(int(number)) for number in taken.documents]
        self._parts = [Part(some(inputs, half), outputs[half].tolist()) for half in (self._first, ~self._first)]
        self._usual = UsualValues(self._means())
        kept = property_kind(live.kind)
        contents = taken.inputs.contents(taken.documents.tolist()) if kept.tried else []
        self._properties = properties_of(kept.measured(contents, self._first), self._labels, self._first)
        self._say_what_is_missing()

    def _labelled(self, taken: Responses) -> Responses:
        """The responses to inputs that have a label."""
        if not self.live.predicts:
            raise AttachError(f"{self.live.name} predicts nothing: there are no answers that could be right or wrong.")
        known = np.array([label is not None for label in taken.labels], bool)
        if not known.any():
            raise ValueError("Which answers are right? The data has no labels: give labels=, one for each input.")
        if len({label for label in taken.labels if label is not None}) < 2:
            raise ValueError("All labels are alike: there is nothing to tell apart. Give inputs of two labels or more.")
        if taken.sample:
            self.notes.append(f"Of {taken.sample}.")
        if known.all():
            return taken
        self.notes.append(f"{int((~known).sum()):,} inputs without a label were left out.")
        return taken.only(taken.documents[known])

    def _means(self) -> Responses:
        """What the sites do on average on the first half."""
        if self._taken.how == "mean":
            return self._taken.only(self._taken.documents[self._first])
        inputs = self._parts[0].inputs
        return collect(self.live, inputs, self.sites, how="mean", predictions=False, overtaken=self._stop)

    def _say_what_is_missing(self) -> None:
        wrong = int((~self._right).sum())
        own = np.array(self._labels, dtype=object)
        enough = any(
            min((own == label)[self._first & ~self._right].sum(), (own == label)[self._first & self._right].sum())
            >= LEAST
            for label in set(self._labels)
        )
        if not enough:
            self.notes.append(
                f"{wrong:,} of {len(own):,} inputs are answered wrong: too few of any label to search among them. What "
                "a model leans on shows in inputs where that goes with another label."
            )

    def screened(self, step: Callable[[], None]) -> list[Screened]:
        """Candidates with their gain on the first half, the largest first; those that cannot be tried last."""
        listed = candidates(self._taken, self.sites, self._labels, self._right, self._first, self._properties)
        step()
        found = []
        for _, group in groupby(listed, key=lambda one: one.unit.site):
            several = list(group)
            weights = [self._weights(one, self._first) for one in several]
            own = changes(self.live, self._parts[0], [[held(one.unit, self._usual)] for one in several], self._stop)
            for one, effects, weighed in zip(several, own, weights, strict=True):
                if weighed is None:
                    found.append(Screened(one, False))
                else:
                    gain = float(effects @ weighed / weighed.sum())
                    found.append(Screened(one, True, gain, by_chance(effects * weighed, self._seed)))
        step()
        return sorted(
            found, key=lambda one: (not one.possible, -np.nan_to_num(one.gain), -abs(one.candidate.difference))
        )

    def _weights(self, candidate: Candidate, half: Bools) -> Floats | None:
        """Weights of a half in which the property that tells labels, and the unit goes with, goes with no label."""
        one = candidate.goes_with
        return np.ones(int(half.sum())) if one is None or not one.telling else balancing(one, half)

    def confirmed(
        self, screened: Sequence[Screened], most: int, randoms: int, step: Callable[[], None]
    ) -> list[tuple[Screened, Tried | None]]:
        """The best candidates with what came of them on the second half; None for those that cannot be tried there."""
        chosen: list[tuple[Screened, Floats]] = []
        missing: list[Screened] = []
        for one in screened:
            weights = self._weights(one.candidate, ~self._first) if one.possible else None
            if weights is None:
                missing.append(one)
            elif len(chosen) < most:
                chosen.append((one, weights))
        apart = _not_random([one for one, _ in chosen], screened)
        come = self._come_of(chosen, randoms, apart, step)
        found: list[tuple[Screened, Tried | None]] = [(one, each) for (one, _), each in zip(chosen, come, strict=True)]
        for _ in range(most - len(chosen)):
            step()
        told = set(self._table.loc[self._table["telling"], "property"])
        going = [
            one
            for one in missing
            if one.candidate.goes_with is not None
            and one.candidate.goes_with.name in told
            and abs(one.candidate.correlation(~self._first)) >= GOES_WITH
        ]
        return found + [(one, None) for one in going[:_SUSPECTED]]

    def _come_of(
        self,
        chosen: Sequence[tuple[Screened, Floats]],
        randoms: int,
        apart: Mapping[str, Collection[int]],
        step: Callable[[], None],
    ) -> list[Tried]:
        """What came of each: the best one, and those that help beyond chance, beside random units."""
        live, part = self.live, self._parts[1]
        effects = [changes(live, part, [[held(one.candidate.unit, self._usual)]], self._stop)[0] for one, _ in chosen]
        come = [tried(own, weights, len(chosen), self._seed) for own, (_, weights) in zip(effects, chosen, strict=True)]
        best = max(range(len(come)), key=lambda place: come[place].gain, default=0)
        for place, (one, weights) in enumerate(chosen):
            if place == best or come[place].low > 0:
                edit = held(one.candidate.unit, self._usual)
                random, drawn = beside_random(live, part, edit, weights, randoms, apart, self._seed, self._stop)
                come[place] = replace(come[place], random=random, drawn=drawn)
            step()
        return come

    @cached_property
    def _table(self) -> pd.DataFrame:
        """What each property tells, held out."""
        return table_of(self._properties, self._first, self._seed)

    def result(self, found: Sequence[tuple[Screened, Tried | None]], provenance: Provenance) -> Shortcuts:
        """All of it, the shortcuts first."""
        import pandas as pd

        second = ~self._first
        searched = sum(self._taken.sites[site].width for site in self.sites)
        found = sorted(found, key=lambda pair: _rank(pair[1]))
        q = q_values(np.array([float("nan") if come is None else come.p for _, come in found]))
        rows = [self._row(one, come, float(each), searched) for (one, come), each in zip(found, q, strict=True)]
        units = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
        random = [
            (str(one.candidate.unit), drawn, gain)
            for one, come in found
            if come is not None
            for drawn, gain in zip(come.drawn, come.random, strict=True)
        ]
        proved = [one.candidate.unit for one, come in found if come is not None and come.confirmed]
        all_held = [
            held([u for u in proved if u.site == site], self._usual) for site in dict.fromkeys(u.site for u in proved)
        ]
        inputs = self._parts[1].inputs
        looks = tuple(look_of(self.live, one.candidate, inputs, one.candidate.values[second]) for one, _ in found)
        return Shortcuts(
            tuple(self.sites),
            self.live.kind,
            units,
            self._table,
            pd.DataFrame(random, columns=["unit", "drawn", "gain"]).astype({"gain": float}),
            looks,
            float(self._right[second].mean()),
            right_shares(self.live, self._parts[1], all_held, self._right[second], self._stop),
            (int(self._first.sum()), int(second.sum())),
            int((~self._right).sum()),
            searched,
            tuple(self.notes),
            provenance,
        )

    def _row(self, one: Screened, come: Tried | None, q: float, searched: int) -> tuple[Any, ...]:
        candidate, none = one.candidate, float("nan")
        numbers = (none,) * 4 if come is None else (come.gain, come.low, come.high, come.p)
        random = none if come is None else max(come.random, default=none)
        state = "suspected" if come is None else "shortcut" if come.confirmed else "no"
        goes = candidate.goes_with
        return (
            candidate.unit.site, candidate.unit.index, state, *numbers, q, random, one.gain, candidate.why,
            candidate.label, candidate.difference, "" if goes is None else goes.name,
            candidate.correlation(~self._first),
            "" if goes is None or not goes.telling or come is None else f"{goes.name} no longer tells {goes.tells}",
            searched,
        )  # fmt: skip


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


def _rank(come: Tried | None) -> tuple[int, float]:
    return (2, 0.0) if come is None else (0 if come.confirmed else 1, -come.gain)


_COLUMNS: dict[str, Any] = {
    "site": object, "unit": "int64", "state": object, "gain": float, "low": float, "high": float, "p": float,
    "q": float, "random": float, "first": float, "why": object, "label": object, "difference": float,
    "goes_with": object, "r": float, "weighted": object, "searched": "int64",
}  # fmt: skip
