"""Result of Network Dissection: which units of pictures lie where a concept lies."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed

if TYPE_CHECKING:
    import pandas as pd

_SIDE = 96


@dataclass(frozen=True, eq=False, repr=False)
class Dissection(Result):
    """Which units lie where a concept lies. Made by `dissect`.

    Attributes
    ----------
    units
        One row a unit: site, unit, concept and category (chosen on one half of the pictures), effect (IoU on the
        other), low, high (95 %, pictures drawn anew), p (how often permuted masks reach that), q, found, in_sample (IoU
        on the half in which it was chosen), null (what 95 of 100 units reach with permuted masks), threshold, searched.
    concepts
        One row a concept: concept, category, pictures (annotated for its category), share (of their pixels), units (how
        many were found for it), best, iou.
    least, rate
        From which IoU on a unit is reported, and at which share of all positions a unit counts as on.
    even
        Sites whose receptive fields are not known, so that their grid was spread evenly over the picture.
    pictures
        Of the units that were found the pictures in which they are strongest: unit, concept, rank, document, value,
        image (a PNG as an address: the mask is outlined in blue, the part in which the unit is on in orange).
    """

    units: pd.DataFrame
    concepts: pd.DataFrame
    least: float
    rate: float
    even: tuple[str, ...]
    pictures: pd.DataFrame
    provenance: Provenance

    @property
    def found(self) -> pd.DataFrame:
        """The units that lie where a concept lies: IoU ≥ `least` on pictures that had no part in it, and q ≤ .05."""
        return self.units[self.units["found"]]

    @property
    def verdict(self) -> str:
        """How many units were found, of which concepts, and beside what chance."""
        detectors, chance = self.found, float(self.units["null"].max())
        searched = f"of {len(self.units):,} units and {len(self.concepts):,} concepts"
        beside = (
            f"chosen on one half of the pictures, reported on the other; permuted masks reach {chance:.3f}. It tells "
            "where units lie, not what they cause: that was not tried."
        )
        if detectors.empty:
            best = self.units.iloc[0]
            return (
                f"No unit lies where a concept lies (IoU ≥ {self.least:g}, q ≤ .05), {searched}; the best is "
                f"{best['unit']} with {best['concept']}, {best['effect']:.3f}; {beside}"
            )
        first = detectors.iloc[0]
        told = ", ".join(f"{n:,} {name}" for name, n in detectors["concept"].value_counts().items())
        return (
            f"{len(detectors):,} units lie where a concept lies (IoU ≥ {self.least:g}, q ≤ .05), {searched}: {told}. "
            f"Best: {first['unit']} with {first['concept']}, IoU {first['effect']:.2f} (95 %: {first['low']:.2f} to "
            f"{first['high']:.2f}); {beside}"
        )

    def table(self) -> pd.DataFrame:
        """One row a unit, the largest IoU first."""
        return self.units

    def chart(self) -> Any:
        """The pictures in which the found units are strongest, with outlines of mask and unit; IoU by unit, if none."""
        alt = altair()
        title = alt.Title("Units that lie where a concept lies", subtitle=wrap(self.verdict, 90))
        if self.pictures.empty:
            bars = alt.Chart(self.units.head(40), title=title).mark_bar(opacity=0.8)
            return themed(
                bars.encode(
                    x=alt.X("effect:Q", title="IoU, held out"),
                    y=alt.Y("unit:N", title=None, sort=None),
                    tooltip=["unit:N", "concept:N", "effect:Q", "low:Q", "high:Q", "q:Q"],
                )
            )
        shown = self.pictures.merge(self.units[["unit", "effect"]], on="unit")
        names = [
            f"{u} · {c} · IoU {e:.2f}" for u, c, e in zip(shown["unit"], shown["concept"], shown["effect"], strict=True)
        ]
        chart = (
            alt.Chart(shown.assign(name=names), title=title)
            .mark_image(width=_SIDE, height=_SIDE)
            .encode(
                x=alt.X("rank:O", title="strongest pictures", axis=alt.Axis(labels=False, ticks=False)),
                y=alt.Y("name:N", title=None, sort=list(dict.fromkeys(names))),
                url="image:N",
                tooltip=["unit:N", "concept:N", "document:Q", "value:Q"],
            )
            .properties(width=alt.Step(_SIDE + 8), height=alt.Step(_SIDE + 8))
        )
        return themed(chart)
