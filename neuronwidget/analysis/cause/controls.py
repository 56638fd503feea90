"""Controls: what an edit does beside the same edit on random units of its site, matched in the size of the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor

from neuronwidget.analysis.cause.matched import Change, Control, controls
from neuronwidget.analysis.cause.measure import (
    Floats,
    Measure,
    inputs_of,
    mean_interval,
    measure_of,
)
from neuronwidget.analysis.cause.passes import Passes, by_input
from neuronwidget.analysis.steps import IsOvertaken, Progress, Step, Steps, done_again, to_the_end
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import SiteTable

#: Called with what a pass was given, of how many inputs, and what was said without and with the edits.
Listener = Callable[[Any, int, Tensor, Tensor], None]


@dataclass(frozen=True)
class Controls:
    """The effect of edits beside that of the same edits on random units.

    Attributes
    ----------
    effect, random
        How far what the model says moves: by the edits, and by each of the random counterparts.
    low, high
        A bootstrap interval of the effect, where it is the mean over several inputs; else NaN.
    drawn, words
        Which units each counterpart has, and what that is called: "random units".
    measure
        What the effect is measured by: "KL", "share right".
    """

    effect: float
    random: list[float]
    low: float
    high: float
    drawn: list[str]
    words: str
    measure: str

    @property
    def larger_than(self) -> int:
        """How many of the random counterparts the effect is larger than."""
        return sum(self.effect > other for other in self.random)

    @property
    def is_larger(self) -> bool:
        """Is it larger than all of them, and are these enough for that to be no chance (p ≤ .05)?"""
        return self.larger_than == len(self.random) >= 19

    @property
    def verdict(self) -> str:
        """How the effect stands beside them, in words that can be quoted."""
        total = len(self.random)
        if not total:
            return "without a control: the site has no other units"
        counted = f"larger than {self.larger_than} of {total} {self.words}"
        if self.is_larger:
            return counted + (", its interval above them all" if self.low > max(self.random) else "")
        if self.larger_than == total:
            return f"{counted}, too few to tell it from chance"
        return f"no larger than chance ({counted})"


def compare_with_random(
    live: LiveModel,
    x: Any,
    edits: Sequence[Any],
    n: int = 20,
    seed: int = 0,
    overtaken: IsOvertaken | None = None,
    *,
    labels: Sequence[str | int] | None = None,
    progress: Progress | None = None,
) -> Controls:
    """What edits do on an input, or on a list of inputs, beside the same edits on `n` random sets of units.

    The counterparts make a change of the same length at the site, on each input. With `labels`, one for each input, the
    effect is measured by the share of them that are answered right, else by KL: see `measure`. `progress` is called
    with the number of passes that are done and of all.
    """
    inputs = inputs_of(x)
    trial = Trial(live, inputs, edits, measure_of(live, labels, len(inputs)))
    return to_the_end(trial.steps(n, seed, overtaken), progress)


class Trial:
    """Edits on some inputs, and their random counterparts; passes share what lies before the edits."""

    def __init__(self, live: LiveModel, inputs: Sequence[Any], edits: Sequence[Any], measure: Measure) -> None:
        self.live, self.edits, self.measure = live, list(edits), measure
        self.passes = Passes(live, inputs)
        self._changes = [Change(base_site(live.sites, edit.site)) for edit in self.edits]
        self._edited = live.edited(
            *(one for edit, change in zip(self.edits, self._changes, strict=True) for one in change.around(edit))
        )
        #: What the edits come to on each input, and each counterpart [counterparts, inputs].
        self.effects: list[float] = []
        self.random: list[list[float]] = []

    def steps(
        self,
        n: int,
        seed: int,
        overtaken: IsOvertaken | None = None,
        listener: Listener | None = None,
        apart: Mapping[str, Collection[int]] | None = None,
    ) -> Steps[Controls]:
        """The effect and that of `n` counterparts, none of whose units is one of `apart`, a pass a step.

        `listener` gets what is said at all positions of each batch.
        """
        drawn: list[tuple[Control, LiveModel]] | None = None
        first, batches, live = 0, self.passes.batches, self.live
        for number, (given, count) in enumerate(batches):
            rows = self.passes.rows(live, given, self.measure)
            read = rows if listener is None else self.passes.rows(live, given)
            say = partial(self.passes.say, given=given, overtaken=overtaken)
            before = yield from done_again(partial(say, live, rows=read, ahead_of=self._edited))
            after = yield from done_again(partial(self._after, self._begin, partial(say, self._edited, rows=read)))
            if listener is not None:
                listener(given, count, before, after)
                before, after = (each if rows is None else each[rows] for each in (before, after))
            self.effects += by_input(self.measure.of(before, after, first), count)
            if drawn is None:
                several = controls(live, self.edits, self._changes, n, seed, apart)
                drawn = [(control, live.edited(*control.edits)) for control in several]
                self.random = [[] for _ in drawn]
            done, total = number * (len(drawn) + 1), len(batches) * (len(drawn) + 1)
            yield Step(done + 1, total)
            for place, (control, other) in enumerate(drawn):
                after = yield from done_again(partial(self._after, control.begin, partial(say, other, rows=rows)))
                self.random[place] += by_input(self.measure.of(before, after, first), count)
                yield Step(done + place + 2, total)
            first += count
        return self._compared([control for control, _ in drawn or ()], seed)

    def _begin(self) -> None:
        for change in self._changes:
            change.begin()

    @staticmethod
    def _after(begin: Callable[[], None], say: Callable[[], Tensor]) -> Tensor:
        """What is said with edits that measure their change from the beginning of a pass."""
        begin()
        return say()

    def _compared(self, drawn: Sequence[Control], seed: int) -> Controls:
        effects: Floats = np.array(self.effects)
        words = Counter(control.words for control in drawn)
        return Controls(
            float(effects.mean()),
            [float(np.mean(values)) for values in self.random],
            *mean_interval(effects, seed),
            [control.drawn for control in drawn],
            _counted(words),
            self.measure.name,
        )


def _counted(words: Counter[str]) -> str:
    """What was drawn, in words."""
    if len(words) < 2:
        return next(iter(words), "random units")
    kinds = [f"{count} {kind.removeprefix('random ')}" for kind, count in words.items()]
    return f"random choices ({', '.join(map(_singular, kinds))})"


def _singular(kind: str) -> str:
    """A count of things, as it is said of one.

    >>> _singular("1 pairs of units"), _singular("1 units"), _singular("7 units")
    ('1 pair of units', '1 unit', '7 units')
    """
    if not kind.startswith("1 "):
        return kind
    return kind.replace("s of", " of") if " of" in kind else kind.removesuffix("s")


def base_site(table: SiteTable, name: str) -> str:
    """The site whose tensor the model goes on with, where the units of a site are made of that."""
    return table.resolve(name).canonical
