"""Result of localising: how well the best k units tell a concept, for each k, and what that says."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.analysis.which.localise.judge import ANYWHERE, FEW, NOTHING, ONE, SPREAD

if TYPE_CHECKING:
    import pandas as pd

_WORDS = {"units": "units", "rotated": "random basis", "control": "labels shuffled"}
_NAMED = 4


@dataclass(frozen=True, eq=False, repr=False)
class Localised(Result):
    """How many units it takes to tell a concept. Made by `localise`.

    Attributes
    ----------
    sites, width
        Where was looked, and among how many units.
    of
        What a row is: "inputs", or "positions" of them.
    rows
        How many there were.
    found
        One row a concept: concept, says ("one unit", "a few", "distributed", "anywhere", "nothing"), k, units (those
        that carry it; none where it is distributed or nothing), same (in which share of the splits the first of them
        came first), positive (rows that have it), f1, f1_low, f1_high, mcc, ap (at k, on the other half), alone (F1
        of the best unit), rotated, control (F1 at k of a random basis, and with the labels shuffled), cause (whether
        the output reads them, in words; "" where nothing was named).
    curves
        One row a concept, basis and k: f1, mcc, ap in the mean over the splits, and each with `_low` and `_high`, the
        least and the largest of them.
    units
        One row a concept and unit, of the first split, the best first: concept, rank, unit, site, index, chosen (in
        which share of the splits it is among the best k), effect (AUROC − .5 on the other half), low, high, p, q,
        searched, found (is q ≤ .05?).
    splits
        How many there were.
    notes
        What of the data should be told with the answer.
    """

    sites: tuple[str, ...]
    width: int
    of: str
    rows: int
    found: pd.DataFrame
    curves: pd.DataFrame
    units: pd.DataFrame
    splits: int
    notes: tuple[str, ...]
    provenance: Provenance

    @property
    def verdict(self) -> str:
        """Whether one unit carries it, a few, or none; of several concepts how many are which."""
        rows = self.found.to_dict("records")
        notes = "".join(f" {note}" for note in self.notes)
        if len(rows) == 1:
            return f"{self.said_of(rows[0]['concept'])}{notes}"
        parts = [words for says in (ONE, FEW, SPREAD, ANYWHERE, NOTHING) if (words := self._counted(says))]
        return (
            f"{len(rows)} concepts in {', '.join(self.sites)} ({self.width:,} units, {self.rows:,} {self.of}): "
            f"{'; '.join(parts)}.{notes}"
        )

    def _counted(self, says: str) -> str:
        own = self.found[self.found["says"] == says]
        if own.empty:
            return ""
        names = [f"“{name}”" for name in own["concept"]]
        if says == ONE:
            names = [f"{name}: {self._called(units[0])}" for name, units in zip(names, own["units"], strict=True)]
        return f"{_SHORT[says]} {len(own)} ({_listed(names)})"

    def said_of(self, concept: str) -> str:
        """The verdict on one concept, with the score on the other half beside a random basis and shuffled labels."""
        row = self.row(concept)
        several, one = _many(row["k"], "unit"), row["k"] == 1
        scores = (
            f"F1 {row['f1']:.2f} ({row['f1_low']:.2f} to {row['f1_high']:.2f} over {_many(self.splits, 'split')}); "
            f"{_many(row['k'], 'direction')} of a random basis {'has' if one else 'have'} {row['rotated']:.2f}, "
            f"with the labels shuffled it is {row['control']:.2f}"
        )
        where = f"{', '.join(self.sites)} ({self.width:,} units, {self.rows:,} {self.of})"
        says, units = row["says"], [self._called(unit) for unit in row["units"]]
        cause = f". As for its effect: {row['cause']}." if row["cause"] else "."
        if says == NOTHING:
            return f"Nothing found: no units of {where} tell {concept!r} beyond chance. {several}: {scores}."
        if says == SPREAD:
            return (
                f"{concept!r} is distributed over {where} – no single unit: the best alone has F1 {row['alone']:.2f}; "
                f"{several} {'has' if one else 'have'} {scores}."
            )
        if says == ANYWHERE:
            return (
                f"{concept!r} is no unit's own in {where}: {units[0]} alone has {scores}. "
                f"A random basis has a direction that does as well{cause}"
            )
        steady = "" if row["same"] >= 1 else f", the first in {row['same']:.0%} of the splits"
        if says == ONE:
            return f"One unit carries {concept!r} in {where}: {units[0]}{steady}. Alone it has {scores}{cause}"
        return f"A few units carry {concept!r} in {where}: {_listed(units, 8)}. {row['k']} have {scores}{cause}"

    def _called(self, unit: str) -> str:
        """A unit with its name, where it has one."""
        name = self.provenance.names.get(unit)
        return f"{unit} “{name}”" if name else unit

    def row(self, concept: str) -> dict[str, Any]:
        """The row of `found` of a concept."""
        rows = self.found[self.found["concept"] == concept]
        if rows.empty:
            raise KeyError(f"There is no concept {concept!r}; there are {_listed(self.found['concept'].tolist(), 12)}.")
        return {str(name): value for name, value in rows.iloc[0].to_dict().items()}

    def table(self) -> pd.DataFrame:
        """The curves: one row a concept, basis and k."""
        return self.curves

    def chart(self) -> Any:
        """F1 on the other half against k, of the units, of a random basis, and with the labels shuffled."""
        alt = altair()
        data = self.curves.assign(basis=self.curves["basis"].map(_WORDS))
        title = alt.Title("Localised or distributed", subtitle=wrap(self.verdict, 90))
        order = alt.Color(
            "basis:N",
            title=None,
            scale=alt.Scale(domain=list(_WORDS.values()), range=["#d55e00", "#3a8fd0", "#999999"]),
        )
        x = alt.X("k:Q", title="units", scale=alt.Scale(type="log", base=2))
        lines = alt.Chart().mark_line(point=True).encode(
            x=x, y=alt.Y("f1:Q", title="F1 on the other half"), color=order,
            tooltip=["concept:N", "basis:N", "k:Q", alt.Tooltip("f1:Q", format=".3f")],
        )  # fmt: skip
        bands = alt.Chart().mark_area(opacity=0.2).encode(x=x, y="f1_low:Q", y2="f1_high:Q", color=order)
        both = alt.layer(bands, lines, data=data)
        if len(self.found) > 1:
            return themed(both.properties(width=180, height=140).facet("concept:N", columns=3, title=title))
        return themed(both.properties(width=420, height=240, title=title))


_SHORT = {
    ONE: "one unit carries",
    FEW: "a few units carry",
    SPREAD: "distributed, no single unit:",
    ANYWHERE: "told by one unit, and by a random direction as well:",
    NOTHING: "nothing found for",
}


def _many(k: int, thing: str) -> str:
    return f"{k:,} {thing}" if k == 1 else f"{k:,} {thing}s"


def _listed(names: list[str], most: int = _NAMED) -> str:
    """Names in a row, the last ones counted where they are many."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
