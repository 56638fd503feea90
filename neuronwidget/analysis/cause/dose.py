"""Dose of edits: their effect on an input and their damage on others, against their strength."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.cause.controls import base_site
from neuronwidget.analysis.cause.matched import Times
from neuronwidget.analysis.cause.measure import Floats, inputs_of, mean_interval
from neuronwidget.analysis.cause.passes import Divergences
from neuronwidget.analysis.cause.unrelated import NONE, Unrelated, unrelated_to
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.steps import IsOvertaken, Progress
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.model import LiveModel

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.base import AtlasBase

STRENGTHS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, eq=False, repr=False)
class Dose(Result):
    """What an edit does at several strengths, where 1 is the edit as it was given. Made by `dose`.

    Attributes
    ----------
    edit
        The edit in words, or all of them.
    steps
        A row a strength: strength, effect (KL on the input) and damage (KL on unrelated inputs) with their intervals,
        which are NaN where there is one input alone.
    inputs, unrelated
        How many inputs effect and damage are means over.
    aside
        Which the unrelated inputs are, in words.
    """

    edit: str
    steps: pd.DataFrame
    inputs: int
    unrelated: int
    provenance: Provenance
    aside: str = ""

    @property
    def overtaken_at(self) -> float:
        """The strength from which on the damage is larger than the effect; inf where it is not at the strongest.

        Between two strengths that were tried it is read off lines in the logarithms.
        """
        return crossing(*(self.steps[name].to_numpy(np.float64) for name in ("strength", "effect", "damage")))

    @property
    def verdict(self) -> str:
        """The largest effect, and where the damage overtakes it."""
        strengths, effect, damage = (self.steps[name].to_numpy(np.float64) for name in ("strength", "effect", "damage"))
        words = self.aside or f"{self.unrelated:,} unrelated input{'s' * (self.unrelated != 1)}"
        return f"{self.edit}: {overtaking(strengths, effect, damage, words)}"

    def table(self) -> pd.DataFrame:
        """A row a strength."""
        return self.steps

    def chart(self) -> Any:
        """Effect and damage against strength, and where they cross."""
        import pandas as pd

        alt = altair()
        names = ["effect", "damage"]
        long = pd.concat(
            [
                self.steps[["strength", name, f"{name}_low", f"{name}_high"]]
                .set_axis(["strength", "KL", "low", "high"], axis=1)
                .assign(of=name)
                for name in names
            ]
        )
        colour = alt.Color("of:N", scale=alt.Scale(domain=names, range=["#0072b2", "#d55e00"]), title=None)
        x = alt.X("strength:Q", scale=alt.Scale(type="log"), title="strength (1: as given)")
        base = alt.Chart(long, title=alt.Title(self.edit, subtitle=self.verdict.removeprefix(f"{self.edit}: ")))
        lines = base.mark_line(point=True).encode(
            x=x, y=alt.Y("KL:Q", scale=alt.Scale(type="symlog", constant=1e-3)), color=colour,
            tooltip=["of:N", "strength:Q", "KL:Q"],
        )  # fmt: skip
        layers = [lines]
        if long["low"].notna().any():
            layers.insert(0, base.mark_area(opacity=0.2).encode(x=x, y="low:Q", y2="high:Q", color=colour))
        if math.isfinite(self.overtaken_at):
            at = alt.Chart(pd.DataFrame({"strength": [self.overtaken_at]}))
            layers.append(at.mark_rule(strokeDash=[4, 4], color="#888").encode(x=x))
        return themed(alt.layer(*layers))


class Dosing:
    """Effect and damage of edits at several strengths, measured a batch of inputs at a time.

    A step that raises `Overtaken` was broken off, and is done again in the next one.

    Attributes
    ----------
    strengths
        Those that are tried, the smallest first.
    aside
        The unrelated inputs.
    """

    def __init__(
        self,
        live: LiveModel,
        x: Any,
        edits: Sequence[Any],
        strengths: Sequence[float] | None = None,
        unrelated: Sequence[Any] | None = None,
        atlas: AtlasBase | None = None,
        overtaken: IsOvertaken | None = None,
    ) -> None:
        self.strengths = sorted(float(strength) for strength in (STRENGTHS if strengths is None else strengths))
        if not self.strengths or not all(math.isfinite(strength) and strength > 0 for strength in self.strengths):
            raise ValueError(f"strengths= must be finite numbers above zero, not {strengths!r}.")
        inputs = inputs_of(x)
        self.aside: Unrelated = unrelated_to(live, inputs, unrelated, atlas)
        if not self.aside.inputs:
            raise ValueError(NONE)
        sites = [base_site(live.sites, edit.site) for edit in edits]
        doses = [[Times(site, strength) for site in sites] for strength in self.strengths]
        models = [
            live.edited(*(one for edit, times in zip(edits, dose, strict=True) for one in times.around(edit)))
            for dose in doses
        ]

        def beginning(dose: list[Times]) -> None:
            for times in dose:
                times.begin()

        begin = [partial(beginning, dose) for dose in doses]
        self._parts = [Divergences(live, models, some, begin, overtaken) for some in (inputs, self.aside.inputs)]

    @property
    def done(self) -> tuple[int, int]:
        """How many batches were measured, of how many."""
        return sum(part.done for part in self._parts), sum(part.total for part in self._parts)

    def step(self) -> bool:
        """Measure the next batch; False where there is none."""
        part = next((part for part in self._parts if part.done < part.total), None)
        if part is not None:
            part.step()
        return part is not None

    @property
    def values(self) -> tuple[Floats, Floats]:
        """Effect and damage, once all is measured: [strengths, inputs] each."""
        effect, damage = self._parts
        return effect.values, damage.values


def dose(
    live: LiveModel,
    x: Any,
    edit: Any,
    strengths: Sequence[float] | None = None,
    *,
    unrelated: Sequence[Any] | None = None,
    atlas: AtlasBase | None = None,
    edits: Sequence[Any] = (),
    seed: int = 0,
    overtaken: IsOvertaken | None = None,
    progress: Progress | None = None,
) -> Dose:
    """What an edit does to a model on an input (or a list of them) at several strengths, and what on other inputs.

    Parameters
    ----------
    edit
        Any edit, or a list of them. What each changes at its site is made so many times as large.
    strengths
        Numbers above zero; 1 is the edit as given. Default: from an eighth to eight times.
    unrelated
        Inputs that it is not meant for, on which any change is damage. Default: documents of `atlas`, or
        of `live.references`, or the examples that the model's inputs bring along, whichever there are first.
    edits
        What is on beside it, at every strength and at none.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> curve = dose(nw.demo("cancer"), 3, nw.Edit("dense.2", lambda rows: -rows), [0.5, 1])
    >>> curve.steps["strength"].tolist(), bool((curve.steps["effect"].diff()[1:] > 0).all())
    ([0.5, 1.0], True)
    """
    import pandas as pd

    several, live = inputs_of(edit), live.edited(*edits) if edits else live
    dosing = Dosing(live, x, several, strengths, unrelated, atlas, overtaken)
    while dosing.step():
        if progress is not None:
            progress(*dosing.done)
    columns: dict[str, list[float]] = {"strength": dosing.strengths}
    for name, values in zip(("effect", "damage"), dosing.values, strict=True):
        intervals = [mean_interval(row, seed) for row in values]
        columns |= {
            name: values.mean(1).tolist(),
            f"{name}_low": [low for low, _ in intervals],
            f"{name}_high": [high for _, high in intervals],
        }
    count, others = len(inputs_of(x)), dosing.aside
    data = {"inputs": count, "unrelated": len(others.inputs)}
    provenance = Provenance.of_live(live.edited(*several), data=data, seed=seed, strengths=dosing.strengths)
    words = " and ".join(map(str, several))
    return Dose(words, pd.DataFrame(columns), count, len(others.inputs), provenance, others.words)


def overtaking(strengths: Floats, effect: Floats, damage: Floats, aside: str) -> str:
    """The largest effect, and where the damage overtakes it, in a sentence; `aside`: on what the damage is."""
    at = crossing(strengths, effect, damage)
    grows = f"at {strengths[-1]:g} × its strength the effect is KL {effect[-1]:.3g}"
    beside = f"the damage on {aside}"
    if math.isinf(at):
        return f"{grows}, and {beside} is below it (KL {damage[-1]:.3g})."
    if at <= strengths[0]:
        return f"{grows}, but {beside} is larger from {at:g} × on, the weakest that was tried."
    return f"{grows}, and {beside} overtakes it at {at:.2g} ×."


def crossing(strengths: Floats, effect: Floats, damage: Floats) -> float:
    """The strength from which on the damage is larger than the effect; inf where it is not at the strongest.

    >>> crossing(np.array([1.0, 4.0]), np.array([1.0, 1.0]), np.array([0.5, 2.0]))
    2.0
    """
    above = np.log(np.maximum(damage, 1e-12)) - np.log(np.maximum(effect, 1e-12))
    below = np.flatnonzero(above <= 0)
    if not len(below):
        return float(strengths[0])
    at = int(below[-1])
    if at == len(strengths) - 1:
        return math.inf
    share = above[at] / (above[at] - above[at + 1])
    low, high = np.log(strengths[at]), np.log(strengths[at + 1])
    return float(np.exp(low + share * (high - low)))
