"""Dose of an edit: its effect on an input and its damage on others, against its strength."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.cause.controls import Overtaken, Progress, base_site
from neuronwidget.analysis.cause.matched import Times
from neuronwidget.analysis.cause.measure import Floats, divergences, inputs_of, mean_interval
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.model import LiveModel

if TYPE_CHECKING:
    import pandas as pd

STRENGTHS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


@dataclass(frozen=True, eq=False, repr=False)
class Dose(Result):
    """What an edit does at several strengths, where 1 is the edit as it was given. Made by `dose`.

    Attributes
    ----------
    edit
        The edit in words.
    steps
        A row a strength: strength, effect (KL on the input) and damage (KL on unrelated inputs) with their intervals,
        which are NaN where there is one input alone.
    inputs, unrelated
        How many inputs effect and damage are means over.
    """

    edit: str
    steps: pd.DataFrame
    inputs: int
    unrelated: int
    provenance: Provenance

    @property
    def overtaken_at(self) -> float:
        """The strength from which on the damage is larger than the effect; inf where it is not at the strongest.

        Between two strengths that were tried it is read off lines in the logarithms.
        """
        return crossing(*(self.steps[name].to_numpy(np.float64) for name in ("strength", "effect", "damage")))

    @property
    def verdict(self) -> str:
        """The largest effect, and where the damage overtakes it."""
        last, at = self.steps.iloc[-1], self.overtaken_at
        grows = f"{self.edit}: at {last['strength']:g} × its strength the effect is KL {last['effect']:.3g}"
        beside = f"the damage on {self.unrelated:,} unrelated input{'s' * (self.unrelated != 1)}"
        if math.isinf(at):
            return f"{grows}, and {beside} is below it (KL {last['damage']:.3g})."
        if at <= self.steps["strength"].iloc[0]:
            return f"{grows}, but {beside} is larger from {at:g} × on, the weakest that was tried."
        return f"{grows}, and {beside} overtakes it at {at:.2g} ×."

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


def dose(
    live: LiveModel,
    x: Any,
    edit: Any,
    strengths: Sequence[float] | None = None,
    *,
    unrelated: Sequence[Any] | None = None,
    edits: Sequence[Any] = (),
    seed: int = 0,
    overtaken: Overtaken = None,
    progress: Progress = None,
) -> Dose:
    """What an edit does to a model on an input (or a list of them) at several strengths, and what on other inputs.

    Parameters
    ----------
    edit
        Any edit. What it changes at its site is made so many times as large.
    strengths
        Numbers above zero; 1 is the edit as given. Default: from an eighth to eight times.
    unrelated
        Inputs that it is not meant for, on which any change is damage. Default: the examples that the model's inputs
        bring along, of which a text has one.
    edits
        What is on beside it, at every strength and at none.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> found = dose(nw.demo("cancer"), 3, nw.Edit("dense.2", lambda rows: -rows), [0.5, 1])
    >>> found.steps["strength"].tolist(), bool((found.steps["effect"].diff()[1:] > 0).all())
    ([0.5, 1.0], True)
    """
    import pandas as pd

    inputs, live = inputs_of(x), live.edited(*edits) if edits else live
    others = list(live.inputs.examples() if unrelated is None else unrelated)
    tried = sorted(float(strength) for strength in (STRENGTHS if strengths is None else strengths))
    if not tried or not all(math.isfinite(strength) and strength > 0 for strength in tried):
        raise ValueError(f"strengths= must be finite numbers above zero, not {strengths!r}.")
    site = base_site(live.sites, edit.site)
    doses = [Times(site, strength) for strength in tried]
    models = [live.edited(*each.around(edit)) for each in doses]
    columns: dict[str, list[float]] = {"strength": tried}
    for name, some in (("effect", inputs), ("damage", others)):
        values = divergences(live, models, some, [each.begin for each in doses], overtaken, progress)
        intervals = [mean_interval(row, seed) for row in values]
        columns |= {
            name: values.mean(1).tolist(),
            f"{name}_low": [low for low, _ in intervals],
            f"{name}_high": [high for _, high in intervals],
        }
    data = {"inputs": len(inputs), "unrelated": len(others)}
    provenance = Provenance.of_live(live.edited(edit), data=data, seed=seed, strengths=tried)
    return Dose(str(edit), pd.DataFrame(columns), len(inputs), len(others), provenance)


def crossing(strengths: Floats, effect: Floats, damage: Floats) -> float:
    """From which strength on the damage is larger than the effect; inf where it is not at the strongest.

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
