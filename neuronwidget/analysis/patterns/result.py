"""The result about patterns: a row a pattern, a row an input, and what says whether there are any."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.beside import Beside
from neuronwidget.analysis.patterns.density.cluster import Clusters
from neuronwidget.analysis.patterns.flow import flow
from neuronwidget.analysis.patterns.picture import GROUND, hue_of, picture
from neuronwidget.analysis.patterns.place import Placement, Placer
from neuronwidget.analysis.patterns.space import Space
from neuronwidget.analysis.patterns.verdict import verdict_of
from neuronwidget.analysis.responses.kept import KeptInputs
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.analysis.responses.responses import Responses
    from neuronwidget.live.model import LiveModel


@dataclass(frozen=True, eq=False, repr=False)
class Patterns(Result):
    """Inputs that a site treats alike. Made by `patterns`.

    Attributes
    ----------
    site, how
        Where, and what the positions of an input come to.
    inputs
        A row an input: document (its number), name, pattern (−1 for none), membership (1 at the heart of the pattern),
        outlier (1 far from what is dense), x, y (its place in the map), fitted (False where it was only assigned),
        label and prediction where they are known.
    found
        A row a pattern: see `table`.
    markers
        Units that set a pattern apart, chosen on one half of the inputs by the difference of medians: pattern, site,
        unit, part, median (of the pattern), rest (of all others), difference (of the two, over the largest value of the
        unit), auroc with low and high (the chance that an input of the pattern is above one of the rest, and 95 %), all
        of the other half; q (corrected) of the half they were chosen on, searched (units of all patterns).
    averages
        The mean picture of each pattern, 0 to 1: [patterns, height, width, channels]; None where inputs are none.
    null, twin
        The same of permuted columns, and of an untrained twin; None where they were not asked for.
    agreement
        How far patterns and labels agree (AMI); NaN without labels.
    sample
        Which inputs the patterns were found in, where not in all; the rest was assigned.
    placer
        Places an input that the site was recorded on.
    kept
        What is needed to show inputs again.
    """

    site: str
    how: str
    inputs: pd.DataFrame
    found: pd.DataFrame
    markers: pd.DataFrame
    averages: NDArray[np.float32] | None
    null: Beside | None
    twin: Beside | None
    agreement: float
    sample: str
    placer: Placer
    kept: KeptInputs
    provenance: Provenance

    parts = (Beside, Placer, Clusters, Space, KeptInputs)
    #: What the patterns were made of: another question can take it in the place of the data. None in a read result.
    responses: ClassVar[Responses | None] = None

    @property
    def noise(self) -> float:
        """The share of inputs in no pattern."""
        return float((self.inputs["pattern"] < 0).mean())

    @property
    def verdict(self) -> str:
        """How many patterns there are and how far to trust them; or that there are none, and what says so."""
        return verdict_of(self)

    def table(self) -> pd.DataFrame:
        """A row a pattern, the most stable first.

        pattern, inputs, share, stability (mean Jaccard over draws of 80 % of the inputs, with low and high, 95 % of
        the draws), repeats (the same between halves that share no input), null (the largest stability in permuted
        columns), holds, largest (does it have more than half of the inputs?), label, prediction; the unit that sets it
        apart most with auroc, auroc_low, auroc_high, q and searched: see `markers`.
        """
        return self.found

    def members(self, pattern: int | None = None) -> pd.DataFrame:
        """A row an input, of one pattern (−1: of none), those at its heart first; None for all inputs, in their order.

        The column text, image or row has what can be shown of them.
        """
        rows = self.inputs
        if pattern is not None:
            if pattern != -1 and pattern not in set(self.found["pattern"]):
                raise KeyError(f"There is no pattern {pattern}: they are 0 to {len(self.found) - 1}, and −1 for none.")
            rows = rows[rows["pattern"] == pattern]
            rows = rows.sort_values(["membership", "outlier"], ascending=[False, True], kind="stable")
        return self.kept.beside(rows.reset_index(drop=True))

    def document(self, number: int) -> Any:
        """An input by its number: to be run, or opened in an editor."""
        if self.responses is not None:
            return self.responses.input(number)
        return self.kept.contents([number])[0]

    def place(self, live: LiveModel, x: Any) -> Placement:
        """Where an input lies: its pattern, its place in the map, and what the site treats most alike."""
        return self.placer.place(live.record(x, sites=[self.site])[self.site])

    def flow(self, other: Patterns) -> pd.DataFrame:
        """How the patterns of this site split and merge into those of another: from, to, inputs, of_from, of_to."""
        return flow(self.inputs, other.inputs)

    def chart(self) -> Any:
        """The map of all inputs in the colours of their patterns."""
        alt = altair()
        numbers = sorted(set(self.inputs["pattern"].tolist()))
        names = ["none" if number < 0 else str(number) for number in numbers]
        shown = self.inputs.assign(pattern=["none" if n < 0 else str(n) for n in self.inputs["pattern"]])
        tooltip = [name for name in ("name", "pattern", "membership", "label", "prediction") if name in shown]
        colours = alt.Scale(domain=names, range=[hue_of(number) for number in numbers])
        chart = (
            alt.Chart(shown[[*tooltip, "x", "y"]], title=alt.Title(f"Patterns in {self.site}", subtitle=self.verdict))
            .properties(view=alt.ViewBackground(fill=GROUND))
            .mark_circle(size=24, opacity=0.8)
            .encode(
                x=alt.X("x:Q", title=None, axis=None),
                y=alt.Y("y:Q", title=None, axis=None),
                color=alt.Color("pattern:N", scale=colours, sort=names),
                tooltip=tooltip,
            )
        )
        return themed(chart)

    def _repr_html_(self) -> str:
        x, y = (self.inputs[name].to_numpy(float) for name in ("x", "y"))
        words = f"A map of the inputs at {escape(self.site)} in the colours of their patterns"
        image = picture(x, y, self.inputs["pattern"].to_numpy(np.int64), words)
        table = self.found.round(2).to_html(max_rows=20, border=0, index=False)
        rests = escape(str(self.provenance))
        return f"<p>{escape(self.verdict)}</p>{image}{table}<p><small>{rests}</small></p>"


def with_responses(result: Patterns, responses: Responses) -> Patterns:
    """The result, with what it was made of at hand."""
    object.__setattr__(result, "responses", responses)
    return result
