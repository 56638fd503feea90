"""Result of asking for health: which units are dead, not seen, rare, dense or saturated, and how surely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.analysis.which.health.words import ORDINARY, STATES, in_percent, meaning, reason
from neuronwidget.analysis.words import listed

if TYPE_CHECKING:
    import pandas as pd

#: Colours that can be told apart without red and green, on a light and on a dark ground.
COLOURS = ("#555566", "#9a9aa8", "#3a8fd0", "#e0a020", "#c2489a", "#8884")


@dataclass(frozen=True, eq=False, repr=False)
class Health(Result):
    """Which units are out of order. Made by `health`.

    Attributes
    ----------
    units
        One row a unit: unit, site, index, state, seen (how many values were counted), active (at which share of them it
        fired: |a| > 1e-6) with its 95 % interval (active_low, active_high), density (the share above zero, likewise),
        pinned (the share within 1 % of the bounds of its tanh or sigmoid), mean, std, nonfinite.
    layers
        One row a site: site, units, seen, counted (what the values are counted by: "tokens"), bounded (do they come out
        of a tanh or sigmoid?), and for each state how many units are in it.
    thresholds
        Where one state ends and the next begins.
    notes
        What was done otherwise than might be thought, such as that each input counts once.
    """

    units: pd.DataFrame
    layers: pd.DataFrame
    thresholds: Mapping[str, float]
    notes: tuple[str, ...]
    provenance: Provenance

    @property
    def verdict(self) -> str:
        """How many units are out of order and in which way, with the bound; or that none is."""
        many, where = len(self.units), listed(self.layers["site"].tolist())
        counted = _amounts(self.layers)
        counts = self.units["state"].value_counts()
        flagged = [(state, int(counts.get(state, 0))) for state in STATES if state != ORDINARY]
        parts = [
            f"{count:,} {state} ({meaning(state, self.thresholds)}{self._bound(state)})"
            for state, count in flagged
            if count
        ]
        notes = "".join(f" {note}" for note in self.notes)
        if not parts:
            return f"Nothing found: all {many:,} units of {where} are ordinary on {counted}.{notes}"
        rest = int(counts.get(ORDINARY, 0))
        out = f"{many - rest:,} of {many:,} units {'is' if many - rest == 1 else 'are'} out of order."
        return f"{out} In {where}, on {counted}: {', '.join(parts)}; {rest:,} ordinary.{self._where()}{notes}"

    def _bound(self, state: str) -> str:
        """Of units that never fired the largest share of values at which they may."""
        if state not in ("dead", "not seen"):
            return ""
        return f": they fire at {in_percent(self.units.loc[self.units['state'] == state, 'active_high'].max())} at most"

    def _where(self) -> str:
        """The site with the largest share of units that are out of order, where there are several."""
        if len(self.layers) < 2:
            return ""
        share = 1 - self.layers[ORDINARY] / self.layers["units"]
        worst = self.layers.loc[share.idxmax(), "site"]
        return f" Most are in {worst}: {in_percent(share.max())} of its units."

    def table(self) -> pd.DataFrame:
        """One row a unit that is out of order, by state: unit, site, state, share, low, high, seen, reason.

        The share is what its state follows from: of values at which it fires, is above zero, or is at a bound.
        """
        flagged = self.units[self.units["state"] != ORDINARY]
        order = flagged["state"].map(STATES.index).sort_values(kind="stable").index
        flagged = flagged.loc[order].merge(self.layers[["site", "counted", "bounded"]], on="site", how="left")
        frame = flagged[["unit", "site", "state"]].copy()
        for name, columns in _SHARES.items():
            frame[name] = flagged["active" + columns]
            dense = flagged["state"] == "dense"
            frame.loc[dense, name] = flagged.loc[dense, "density" + columns]
            pinned = (flagged["state"] == "saturated") & flagged["bounded"].astype(bool)
            frame.loc[pinned, name] = flagged.loc[pinned, "pinned" + columns]
        frame["seen"] = flagged["seen"]
        frame["reason"] = [reason(row) for row in flagged.to_dict("records")]
        return frame

    def chart(self) -> Any:
        """Chart with a bar a site: the shares of its units by state."""
        alt = altair()
        shares = self.layers.melt(["site", "units"], list(STATES), "state", "count")
        shares["share"], shares["order"] = shares["count"] / shares["units"], shares["state"].map(STATES.index)
        title = alt.Title("Units by state", subtitle=wrap(self.verdict, 90))
        chart = (
            alt.Chart(shares, title=title)
            .mark_bar()
            .encode(
                x=alt.X("share:Q", title="share of the site's units", axis=alt.Axis(format="%")),
                y=alt.Y("site:N", sort=None, title=None),
                color=alt.Color("state:N", title=None, scale=alt.Scale(domain=list(STATES), range=list(COLOURS))),
                order="order:Q",
                tooltip=["site:N", "state:N", "count:Q", alt.Tooltip("share:Q", format=".1%")],
            )
            .properties(width=420)
        )
        return themed(chart)


_SHARES = {"share": "", "low": "_low", "high": "_high"}


def _amounts(layers: pd.DataFrame) -> str:
    """On how many values the sites were looked at: "50,000 tokens"; of places in pictures sites have more and fewer."""
    amounts = [
        f"{'up to ' if seen.nunique() > 1 else ''}{seen.max():,} {counted}"
        for counted, seen in layers.groupby("counted", sort=False)["seen"]
    ]
    return " and ".join(amounts)
