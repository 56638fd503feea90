"""Judges damping: what it does to the harm and to everything else, side by side and beside random units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.analysis.cause.controls import Trial
from neuronwidget.analysis.cause.measure import Measure, mean_interval, output_number
from neuronwidget.analysis.cause.passes import Passes
from neuronwidget.analysis.inspect.outputs import output_name
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.steps import IsOvertaken, Progress, to_the_end
from neuronwidget.analysis.theme import altair, themed

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.model import LiveModel

#: Ability is kept where the loss on the rest rises by no more than this share of it.
KEPT = 0.02


@dataclass(frozen=True)
class Side:
    """One side of damping: a number before and after.

    Attributes
    ----------
    name
        What it is, in words.
    inputs
        On how many inputs.
    before, after
        Means over the inputs.
    low, high
        Of the change: a bootstrap interval over inputs.
    random
        The change by each random counterpart: as many units of the same sites, changed as much.
    """

    name: str
    inputs: int
    before: float
    after: float
    low: float
    high: float
    random: list[float]

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before


@dataclass(frozen=True, eq=False, repr=False)
class Damped(Result):
    """What damping takes from the harm and from the ability. Made by `damped`.

    Attributes
    ----------
    edits
        What was done, in words.
    harm
        The probability of the harmful outputs, on inputs that draw them.
    loss
        The loss on the rest: at the tokens that follow, or at the right answers.
    """

    edits: tuple[str, ...]
    harm: Side
    loss: Side
    provenance: Provenance

    parts = (Side,)

    @property
    def reduced(self) -> bool:
        """Does harm fall beyond chance, and by more than with any random counterpart?"""
        return self.harm.high < 0 and self.harm.change < min(self.harm.random, default=0.0)

    @property
    def kept(self) -> bool:
        """Does the loss on the rest rise by 2 % at most?"""
        return self.loss.change <= KEPT * self.loss.before

    @property
    def verdict(self) -> str:
        """What became of harm and of ability, in a sentence."""
        harm, loss, many = self.harm, self.loss, len(self.edits)
        fall = -100 * harm.change / harm.before if harm.before else 0.0
        rise = 100 * loss.change / loss.before if loss.before else 0.0
        chance = -100 * float(np.mean(harm.random)) / harm.before if harm.random and harm.before else None
        random = "" if chance is None else f", {chance:.0f} % by random units"
        says = "Harm reduced" if self.reduced else "Harm not reduced beyond chance"
        ability = "ability kept" if self.kept else "ability lost"
        return (
            f"{says}, {ability}: with {many} unit{'s' * (many != 1)} damped {harm.name} falls by {fall:.0f} % "
            f"({harm.before:.3f} to {harm.after:.3f}{random}), and {loss.name} changes by {rise:+.1f} % "
            f"({loss.before:.3f} to {loss.after:.3f})."
        ).replace("-", "−")

    def table(self) -> pd.DataFrame:
        """A row for the harm and one for the rest: what, inputs, before, after, change, low, high, random (mean)."""
        import pandas as pd

        rows = [
            (side.name, side.inputs, side.before, side.after, side.change, side.low, side.high, _mean(side.random))
            for side in (self.harm, self.loss)
        ]
        return pd.DataFrame(rows, columns=["what", "inputs", "before", "after", "change", "low", "high", "random"])

    def chart(self) -> Any:
        """Both changes as shares of what was there before, among the random counterparts as ticks."""
        import pandas as pd

        alt = altair()
        sides = [(side, side.before or 1.0) for side in (self.harm, self.loss)]
        own = pd.DataFrame([{"what": side.name, "change": side.change / per} for side, per in sides])
        spans = own.assign(low=[s.low / per for s, per in sides], high=[s.high / per for s, per in sides])
        random = pd.DataFrame(
            [{"what": side.name, "change": change / per} for side, per in sides for change in side.random],
            columns=["what", "change"],
        )
        x = alt.X("change:Q", title="change, as a share of what was there", axis=alt.Axis(format="+%"))
        rows = alt.Y("what:N", title=None, sort=None)
        ticks = alt.Chart(random, title=alt.Title("Damping", subtitle=self.verdict)).mark_tick(color="#888")
        span = alt.Chart(spans).mark_rule(color="#d55e00", strokeWidth=2).encode(x="low:Q", x2="high:Q", y=rows)
        dots = alt.Chart(own).mark_circle(color="#d55e00", size=70, opacity=1).encode(x=x, y=rows)
        return themed(alt.layer(ticks.encode(x=x, y=rows), span, dots))


def damped(
    live: LiveModel,
    edits: Sequence[Any],
    harmful: Sequence[Any],
    rest: Sequence[Any],
    *,
    outputs: Sequence[str | int],
    labels: Sequence[str | int] | None = None,
    controls: int = 20,
    seed: int = 0,
    progress: Progress | None = None,
    overtaken: IsOvertaken | None = None,
) -> Damped:
    """What edits that damp do to harm and to ability: side by side, each beside random units changed as much.

    Give inputs that took no part in the comparison the edits came from.

    Parameters
    ----------
    edits
        From `nw.damp`.
    harmful, rest
        Inputs that draw what is not wanted, and others, which shall stay as they are.
    outputs
        What is not wanted: names of classes, or tokens.
    labels
        The right answers for the rest. Without them a model that tells the next token is held against its texts, any
        other against what it said before.
    controls
        How many sets of random units are damped in their place.

    Examples
    --------
    >>> edits = nw.damp(live, nw.compare(live, {"rude": rude, "kind": kind}))               # doctest: +SKIP
    >>> nw.damped(live, edits, more_rude, more_kind, outputs=["!"]).verdict                 # doctest: +SKIP
    """
    if not edits:
        raise ValueError("There is nothing to damp: no unit passed the test. That is an answer, too.")
    if labels is not None and len(labels) != len(rest):
        raise ValueError(f"labels= names {len(labels)} answers for {len(rest)} inputs: give one for each.")
    if labels is not None and any(label is None for label in labels):
        raise ValueError("labels= lacks the answer of an input: leave out what has none.")
    for name, given in (("harmful", harmful), ("rest", rest)):
        if not len(given):
            raise ValueError(f"{name}= is empty: give the inputs to measure on.")
    numbers = [output_number(live, one) for one in outputs]
    if not numbers:
        raise ValueError("outputs= names nothing: which outputs are harmful?")
    names = ", ".join(output_name(live, number) for number in numbers[:4])
    loss_name = "the loss on the rest" if labels is not None or live.predicts == "next" else "the loss of its answers"
    both = (
        (harmful, _Harm(live, numbers), f"the probability of {names}"),
        (rest, _Loss(live, rest, labels), loss_name),
    )
    sides = [
        _side(live, list(inputs), edits, value, name, controls, seed, progress, overtaken)
        for inputs, value, name in both
    ]
    settings = {"outputs": [output_name(live, number) for number in numbers], "controls": controls}
    counted = {"inputs": len(harmful), "unrelated": len(rest)}
    provenance = Provenance.of_live(live.edited(*edits), data=counted, seed=seed, **settings)
    return Damped(tuple(map(str, edits)), sides[0], sides[1], provenance)


class _Harm:
    """The probability of some outputs: of what is said [rows, choices] → [rows]."""

    def __init__(self, live: LiveModel, outputs: Sequence[int]) -> None:
        self._outputs = list(outputs)

    def __call__(self, logarithms: Tensor, first: int) -> Tensor:
        return logarithms[:, self._outputs].exp().sum(-1)


class _Loss:
    """The surprise at the right answers, or at the tokens that follow: of what is said [rows, choices] → [rows]."""

    def __init__(self, live: LiveModel, inputs: Sequence[Any], labels: Sequence[str | int] | None) -> None:
        self._live, self._passes = live, Passes(live, list(inputs))
        self._answers = None if labels is None else torch.tensor([output_number(live, label) for label in labels])
        self._own: dict[int, Tensor] = {}

    def __call__(self, logarithms: Tensor, first: int) -> Tensor:
        live = self._live
        if self._answers is None and live.predicts == "next":
            given = self._passes.batches[first][0]
            rows = self._passes.rows(live, given, _SPREAD) or []
            follow = torch.tensor([given[row + 1] for row in rows if row + 1 < len(given)], dtype=torch.long)
            return -logarithms[: len(follow)].gather(1, follow[:, None])[:, 0]
        if self._answers is None:
            wanted = self._own.setdefault(first, logarithms.argmax(-1))  # what is said first is said without edits
        else:
            wanted = self._answers[first : first + len(logarithms)]
        return -logarithms.gather(1, wanted[:, None])[:, 0]


_SPREAD = Measure("spread", lambda before, after, first: after)


def _side(
    live: LiveModel,
    inputs: list[Any],
    edits: Sequence[Any],
    value: Any,
    name: str,
    controls: int,
    seed: int,
    progress: Progress | None,
    overtaken: IsOvertaken | None,
) -> Side:
    """One number before and after, on each input, with counterparts."""
    before: dict[int, float] = {}

    def change(said_before: Tensor, said_after: Tensor, first: int) -> Tensor:
        own: Tensor = value(said_before, first)
        together = not live.tells_each_token and len(said_before) > 1
        before.update(
            {first + place: float(one) for place, one in enumerate(own)} if together else {first: float(own.mean())}
        )
        difference: Tensor = value(said_after, first) - own
        return difference

    trial = Trial(live, inputs, edits, Measure(name, change))
    outcome = to_the_end(trial.steps(controls, seed, overtaken), progress)
    was = float(np.mean(list(before.values())))
    low, high = mean_interval(np.array(trial.effects), seed)
    return Side(name, len(inputs), was, was + outcome.effect, low, high, list(outcome.random))


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
