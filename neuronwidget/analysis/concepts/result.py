"""Results about concepts: of one unit what its exemplars fall into, of a site which units are several."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.concepts.agreement import Agreement
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

#: Of what is too weak to count, and of each concept.
_COLOURS = ["#888888", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"]


@dataclass(frozen=True, eq=False, repr=False)
class Concepts(Result):
    """Whether a unit is one concept or several. Made by `concepts`.

    Attributes
    ----------
    unit, end
        Which unit, and which end of its values: "top" or "bottom".
    by
        What the exemplars are compared by, in words.
    number, p
        How many concepts, and the level of the test that it is more than one.
    silhouette
        How clearly the exemplars fall into two, −1 … 1; of a unit of one concept it is above 0 too.
    likeness
        MS, the mean cosine of two exemplars weighted by how strongly the unit fires on both: 1 for one concept.
    agreement
        How alike the exemplars of two halves of the inputs are, or of two corpora; None where there are too few.
    exemplars
        One row an exemplar: concept, weight (how strongly the unit fires, 0 … 1), x, y (a map of them), and the columns
        of `atlas.exemplars`; `corpus` says of which corpus it is.
    concepts
        One row a concept: concept, exemplars, share (of all weight), likeness (among its exemplars), word (what most of
        its exemplars have at their peak, or their label), followers (units behind that go with it).
    gaps
        By number of clusters: number, gap, error.
    followers
        Units behind by concept: concept, unit, difference, auroc, q, searched.
    """

    unit: Unit
    end: str
    by: str
    number: int
    p: float
    silhouette: float
    likeness: float
    agreement: Agreement | None
    exemplars: pd.DataFrame
    concepts: pd.DataFrame
    gaps: pd.DataFrame
    followers: pd.DataFrame
    provenance: Provenance

    parts = (Agreement,)

    @property
    def depends_on_corpus(self) -> bool:
        """Do two halves of the inputs, or two corpora, disagree about what the unit is?"""
        return self.agreement is not None and self.agreement.differs

    @property
    def verdict(self) -> str:
        """One concept or several, with the test; and whether that depends on the corpus."""
        test = f"p = {self.p:.2g}, silhouette {self.silhouette:.2f}, likeness {max(self.likeness, 0):.2f}"
        if self.number == 1:
            why = (
                "are too alike to be several" if self.p <= 0.05 else "lie no further apart than in a cloud of one piece"
            )
            sentence = f"{self.unit} looks like one concept: its exemplars {why} ({test})"
        else:
            words = [f"“{word}”" for word in self.concepts["word"] if word]
            named = f" ({', '.join(words)})" if len(words) == self.number else ""
            sentence = f"{self.unit} is {self.number} concepts{named}: its exemplars fall apart ({test})"
        among = f"{len(self.exemplars)} exemplars, by {self.by}"
        if self.agreement is None or not self.agreement.differs:
            return f"{sentence}; {among}."
        apart = f"the two {self.agreement.between} have {max(self.agreement.value, 0):.0%} of their likeness in common"
        return f"{sentence}; {among}. It depends on the corpus: {apart}."

    def table(self) -> pd.DataFrame:
        """One row a concept, the one of most weight first."""
        return self.concepts

    def chart(self) -> Any:
        """The exemplars on a map, coloured by concept, sized by how strongly the unit fires."""
        alt = altair()
        shown = self.exemplars[
            [c for c in ("x", "y", "concept", "weight", "value", "id", "label") if c in self.exemplars]
        ]
        chart = (
            alt.Chart(shown, title=alt.Title(f"Exemplars of {self.unit}", subtitle=wrap(self.verdict, 70)))
            .mark_circle(opacity=0.8)
            .encode(
                x=alt.X("x:Q", title="what the unit reads, first direction"),
                y=alt.Y("y:Q", title="second direction"),
                color=alt.Color(
                    "concept:N", scale=alt.Scale(domain=list(range(-1, self.number)), range=_COLOURS[: self.number + 1])
                ),
                size=alt.Size("weight:Q", legend=None),
                tooltip=[alt.Tooltip(name) for name in shown.columns if name not in ("x", "y")],
            )
        )
        return themed(chart)


@dataclass(frozen=True, eq=False, repr=False)
class SiteConcepts(Result):
    """Which units of a site are one concept and which several. Made by `concepts_of_site`.

    Attributes
    ----------
    site, by
        Where, and what exemplars are compared by.
    units
        One row a unit, the most polysemantic first: unit, number, p, q (corrected for all units), silhouette, likeness,
        exemplars.
    looked_at, of
        At how many units was looked, and how many the site has.
    calibration
        The test on made-up units: made, of (how many were made), flagged (the share that the test calls several), low,
        high (95 %). "one concept" are clouds of one piece; "two concepts" exemplars of two units put together.
    """

    site: str
    by: str
    units: pd.DataFrame
    looked_at: int
    of: int
    calibration: pd.DataFrame
    provenance: Provenance

    @property
    def several(self) -> pd.DataFrame:
        """The units that are several concepts: q ≤ .05."""
        return self.units[(self.units["q"] <= 0.05) & (self.units["number"] > 1)]

    @property
    def verdict(self) -> str:
        """How many units are several concepts, beside what the test does to made-up units."""
        tried = {str(row["made"]): row for _, row in self.calibration.iterrows()}
        beside = " and ".join(f"{row['flagged']:.0%} of made-up units of {kind}" for kind, row in tried.items())
        units = f"{self.looked_at:,} units"
        units += f" that were looked at ({self.of:,} in all)" if self.looked_at < self.of else ""
        several = self.several
        if several.empty:
            return f"No unit of {self.site} is told to be several concepts, of {units}. The test flags {beside}."
        most = ", ".join(several["unit"].head(3))
        return (
            f"{len(several):,} units of {self.site} are several concepts (q ≤ .05), of {units}; {most} most clearly. "
            f"The test flags {beside}."
        )

    def table(self) -> pd.DataFrame:
        """One row a unit, the most polysemantic first."""
        return self.units

    def chart(self) -> Any:
        """The units by both scores."""
        alt = altair()
        shown = self.units.assign(several=(self.units["q"] <= 0.05) & (self.units["number"] > 1))
        chart = (
            alt.Chart(shown, title=alt.Title(f"One concept or several, {self.site}", subtitle=wrap(self.verdict, 70)))
            .mark_circle(size=60, opacity=0.8)
            .encode(
                x=alt.X("likeness:Q", title="MS: how alike a unit's exemplars are"),
                y=alt.Y("silhouette:Q", title="silhouette: how clearly they fall into two"),
                color=alt.Color("several:N", title="several", scale=alt.Scale(range=["#888888", "#d55e00"])),
                tooltip=["unit:N", "number:Q", "p:Q", "q:Q", "exemplars:Q"],
            )
        )
        return themed(chart)
