"""Result about context: what a unit reads, as far as lookup tables tell."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed

if TYPE_CHECKING:
    import pandas as pd

#: A table that tells less than this share of the variance does not say what a unit reads.
ENOUGH = 0.5
#: Two tokens side by side must tell so much more than either alone; two tables that are nearer are alike.
MORE = 0.1
#: A table that tells so much tells a part.
PART = 0.1
NOTHING, STILL = "none", "does not vary"
_READS = {
    "token": "reads the token",
    "before": "reads the token before",
    "bigram": "reads the bigram",
    "position": "reads the position",
    NOTHING: "reads none of these alone: more context, or nothing",
    STILL: "does not vary on these data",
}
#: What tables are called, and in which order they are shown.
NAMES = {
    "token": "the token",
    "before": "the token before",
    "bigram": "the token and the one before",
    "position": "the position",
}
_MOST_SHOWN = 12


@dataclass(frozen=True, eq=False, repr=False)
class Context(Result):
    """What units read: the token, the token before, both, the position, or more. Made by `context`.

    Attributes
    ----------
    units
        One row a unit: unit, reads ("token", "before", "bigram", "position", "none", "does not vary"), alike (another
        table that tells as much, or ""), token, bigram, position (R² held out), low, high (95 %, of the best table),
        null (what permuted data reach), p, q (corrected for the units that were looked at), searched.
    by
        One row a unit and table: unit, by, r2, low, high, null, p, in_sample, r2_seen (of the held-out tokens that
        have an entry), seen (which share these are), keys (entries).
    tokens, documents
        How many there were, in both halves.
    """

    units: pd.DataFrame
    by: pd.DataFrame
    tokens: int
    documents: int
    provenance: Provenance

    @property
    def said(self) -> str:
        """The answer without numbers, of one unit: what it reads."""
        row = self.units.iloc[0]
        if row["reads"] == STILL:
            return f"{row['unit']} does not vary on these data: there is nothing to tell."
        r2 = self.by[self.by["unit"] == row["unit"]].set_index("by")
        if row["reads"] != NOTHING:
            also = f" or {NAMES[row['alike']]}, which cannot be told apart here" if row["alike"] else ""
            return f"{row['unit']} {_READS[row['reads']]}{also}."
        best = NAMES[str(r2["r2"].idxmax())]
        part = f"; {best} {'tell' if ' and ' in best else 'tells'} a part" if row["low"] >= PART else ""
        return f"{row['unit']} {_READS[NOTHING]}{part}{_with_more(r2)}."

    def says(self, by: str) -> str:
        """How much a table tells of the first unit, in a sentence."""
        row = self.by[self.by["unit"] == self.units["unit"].iloc[0]].set_index("by").loc[by]
        r2, low, high, null = (_number(row[name]) for name in ("r2", "low", "high", "null"))
        return f"By {NAMES[by]} alone: R² {r2} on documents held out (95 %: {low} to {high}; permuted {null} at most)."

    @property
    def verdict(self) -> str:
        """What the unit reads, with the numbers; of several units how many read what."""
        rest = f"Tables of one half of {self.documents:,} documents, read on the other; {self.tokens:,} tokens."
        if len(self.units) == 1:
            return f"{self.said} {self._numbers(self.units.iloc[0])}{rest}"
        counts = self.units["reads"].value_counts()
        told = [f"{counts[reads]:,} {words}" for reads, words in _PLURAL.items() if reads in counts]
        none = int(counts.get(NOTHING, 0))
        told += [f"{none:,} none of these"] if none else []
        told += [f"{counts[STILL]:,} do not vary"] if STILL in counts else []
        return f"Of {len(self.units):,} units {', '.join(told)} (R² ≥ {ENOUGH:g} held out). {rest}"

    def _numbers(self, row: pd.Series) -> str:
        if row["reads"] == STILL:
            return ""
        r2 = self.by[self.by["unit"] == row["unit"]].set_index("by")["r2"]
        numbers = ", ".join(f"{_number(r2[by])} by {words}" for by, words in NAMES.items() if by != "before")
        best = str(r2.idxmax()) if row["reads"] == NOTHING else str(row["reads"])
        before = f", {_number(r2['before'])} by the token before alone" if best == "before" else ""
        sure = f"{_number(row['low'])} to {_number(row['high'])}"
        return f"Held-out R² {numbers}{before}; of the best 95 %: {sure}, permuted {_number(row['null'])} at most. "

    def table(self) -> pd.DataFrame:
        """One row a unit, in the order in which they were asked for."""
        return self.units

    def chart(self) -> Any:
        """How much each table tells of each unit, with intervals, and what permuted data reach."""
        alt = altair()
        first = list(self.units["unit"].head(_MOST_SHOWN))
        shown = self.by[self.by["unit"].isin(first)].assign(what=self.by["by"].map(NAMES))
        base = alt.Chart(shown).encode(y=alt.Y("what:N", title=None, sort=list(NAMES.values())))
        bars = base.mark_bar(opacity=0.8).encode(
            x=alt.X("r2:Q", title="R², held out"),
            color=alt.Color("what:N", legend=None),
            tooltip=["unit:N", "what:N", "r2:Q", "low:Q", "high:Q", "null:Q", "in_sample:Q", "seen:Q", "keys:Q"],
        )
        sure = base.mark_rule().encode(x="low:Q", x2="high:Q")
        chance = base.mark_tick(thickness=2, color="#888").encode(x="null:Q")
        title = alt.Title("What do units read?", subtitle=wrap(self.verdict, 80))
        return themed(alt.layer(bars, sure, chance).facet(row=alt.Row("unit:N", title=None, sort=first), title=title))


def _with_more(by: pd.DataFrame) -> str:
    """What more data might show; `by`: the rows of a unit."""
    few = by[(by["seen"] < 1 - MORE) & (by["r2_seen"] >= ENOUGH)]
    if few.empty:
        return ""
    name = str(few["r2_seen"].idxmax())
    row = few.loc[name]
    return f"; where {NAMES[name]} came before, at {row['seen']:.0%} of tokens, R² is {_number(row['r2_seen'])}"


_PLURAL = {
    "token": "read the token",
    "before": "the token before",
    "bigram": "the bigram",
    "position": "the position",
}


def _number(value: float) -> str:
    """A share with two digits: ".97", "−.02"; "0" where nothing is left of it.

    >>> _number(0.974), _number(-0.004), _number(1.0)
    ('.97', '0', '1.00')
    """
    text = f"{value:.2f}"
    if float(text) == 0:
        return "0"
    return text.replace("0.", ".", 1).replace("-", "−") if abs(float(text)) < 1 else text.replace("-", "−")
