"""The result about shortcuts: the data-level check, the units that were tried, where they look, and what is proved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.analysis.which.shortcuts.looks import Look
from neuronwidget.analysis.which.shortcuts.verdict import verdict_of
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Shortcuts(Result):
    """Units that a model leans on and should not, or that there are none. Made by `shortcuts`.

    Attributes
    ----------
    sites, kind
        Where units were searched, and what kind of input the data are.
    units
        A row a unit that was tried: see `table`.
    properties
        The check of the data alone. A row a plain property of the input, those that tell most first: property, tells
        (which labels), auroc (on the second half) with low and high, in_sample, p, q, telling (AUROC ≥ .9, no chance),
        searched.
    random
        A row a random unit that a unit was compared with: unit, drawn (which it was), gain; and a row a random set.
    sets
        A row a set of units that were held together, where none was a shortcut alone: units ("dense.0:1 + dense.0:4"),
        count, state, gain, low, high, p, random (the largest gain by a random set of as many), first, goes_with,
        tried_on.
    looks
        Where each of the units looks, in their order.
    accuracy, without
        The share of right answers on the second half, as the model is, and with all shortcuts held at their means.
    halves
        Inputs that units were chosen on, and inputs that they were proved on.
    wrong
        How many of all inputs the model answers wrong.
    searched
        How many units were searched.
    notes
        What should be known of the data.
    """

    sites: tuple[str, ...]
    kind: str
    units: pd.DataFrame
    properties: pd.DataFrame
    random: pd.DataFrame
    sets: pd.DataFrame
    looks: tuple[Look, ...]
    accuracy: float
    without: float
    halves: tuple[int, int]
    wrong: int
    searched: int
    notes: tuple[str, ...]
    provenance: Provenance

    parts = (Look,)

    @property
    def found(self) -> list[Unit]:
        """The shortcuts: units whose holding helps beyond chance and more than any random unit."""
        return self._of_state("shortcut")

    @property
    def together(self) -> list[Unit]:
        """Units that are a shortcut together, and none of them alone."""
        return self._of_state("together")

    @property
    def suspected(self) -> list[Unit]:
        """Units that go with a property which tells labels by itself, against which too few inputs go to try them."""
        return self._of_state("suspected")

    def _of_state(self, state: str) -> list[Unit]:
        rows = self.units[self.units["state"] == state]
        return [Unit(str(site), int(index)) for site, index in zip(rows["site"], rows["unit"], strict=True)]

    @property
    def verdict(self) -> str:
        """Which units are shortcuts and what says so; or that there are none."""
        return verdict_of(self)

    def table(self) -> pd.DataFrame:
        """A row a unit that was tried, the shortcuts first.

        site, unit, state ("shortcut", "together": it is one with others, "no", or "suspected": it could not be tried),
        gain (the share of answers that become right, on the second half, where it is held at its mean) with low and
        high (95 % for all rows together), p, q, random (the largest gain by a random unit), first (the gain on the half
        it was chosen on), why, answer and difference (what made it a candidate, to inputs of which right answer),
        goes_with and r (the property that it goes with, and the correlation on the second half), tried_on (which
        inputs, where these are not the data as they are), searched (units).
        """
        return self.units

    def look(self, unit: Any) -> Look:
        """Where a unit that was tried looks."""
        name = str(Unit.parse(unit))
        look = next((one for one in self.looks if one.unit == name), None)
        if look is None:
            there = ", ".join(look.unit for look in self.looks) or "none at all"
            raise KeyError(f"{name} was not tried; these were: {there}.")
        return look

    def chart(self) -> Any:
        """The gain of each unit, and of units together, with its interval, among the random units as ticks."""
        import pandas as pd

        alt = altair()
        tried = self.units.dropna(subset=["gain"])
        names = [f"{site}:{unit}" for site, unit in zip(tried["site"], tried["unit"], strict=True)]
        own = pd.concat([tried.assign(unit=names), self.sets.rename(columns={"units": "unit"})], ignore_index=True)
        own["is"] = np.where(own["state"] == "shortcut", "shortcut", "no shortcut")
        own = own[["unit", "gain", "low", "high", "is"]]
        title = alt.Title("What holding a unit at its mean does to right answers", subtitle=self.verdict)
        rows = alt.Y("unit:N", sort=own["unit"].tolist(), title=None)
        colour = alt.Color(
            "is:N", title=None, scale=alt.Scale(domain=["shortcut", "no shortcut"], range=["#d55e00", "#0072b2"])
        )
        ticks = alt.Chart(self.random, title=title).mark_tick(thickness=1.5, color="#888", opacity=0.7)
        gain = alt.X("gain:Q", title="gain in right answers, held out", axis=alt.Axis(format="+%"))
        line = alt.Chart(own).mark_rule(strokeWidth=2).encode(y=rows, x="low:Q", x2="high:Q", color=colour)
        dot = alt.Chart(own).mark_circle(size=70, opacity=1).encode(y=rows, x=gain, color=colour)
        return themed(alt.layer(ticks.encode(y=rows, x=gain, tooltip=["drawn:N", "gain:Q"]), line, dot))
