"""The result of a comparison: a row a unit, found on one half of the inputs and reported on the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from neuronwidget.analysis.responses.kept import KeptInputs
from neuronwidget.analysis.result import Provenance, Result, without_empty
from neuronwidget.analysis.scores.detection import RARE
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.analysis.which.compare.causes import in_words, tried
from neuronwidget.analysis.which.compare.kept_units import Shown
from neuronwidget.analysis.which.compare.verdict import verdict_of
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.analysis.responses.responses import Responses
    from neuronwidget.live.model import LiveModel

_IN_TABLE, _LINE = 20, 110


@dataclass(frozen=True)
class Twin:
    """The same search in another model, such as an untrained one: what it is, and what was found there.

    `largest`: the effect, on the half that reports, of the unit that told most in the other half.
    """

    words: str
    found: int
    searched: int
    largest: float


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """Units that differ between groups of inputs. Made by `compare`.

    Attributes
    ----------
    groups
        By name, in the order given, how many inputs of each were in the half that finds and in the one that reports.
    measure, how
        "auroc" for two groups, "entropy" for more; and what an input's positions came to.
    sites
        Where units were searched, the last layer first.
    units
        A row a unit: see `table`.
    rates
        Of more than two groups: site, unit, and for each group the share of positions at which the unit is active,
        on the half that reports. Else empty.
    null
        A row a draw of shuffled groups: draw, found, largest (|effect| on the half that reports of the unit that told
        most in the other), top20 (mean effect there of the 20 that told most, with the sign that they had).
    null_units
        site, unit, effect, q of units in one of these draws.
    twin, twin_units
        The same of another model; None and empty where it was not asked for.
    shown, strongest
        What the best units do on some inputs of each group, and their strongest inputs.
    kept
        What is needed to show these inputs.
    notes
        What should be told with the answer, in sentences.
    prevalence
        The share of the rarest group.
    correction, level
        For the search: which, and at which rate of false discoveries.
    cause
        What was found out of whether the units are causes, in words; None: that was not tried (see `tried`).
    causes
        A row a unit that was tried: unit, effect (KL), low, high, largest_random, random (how many), cause.
    """

    groups: dict[str, tuple[int, int]]
    measure: str
    how: str
    sites: tuple[str, ...]
    units: pd.DataFrame
    rates: pd.DataFrame
    null: pd.DataFrame
    null_units: pd.DataFrame
    twin: Twin | None
    twin_units: pd.DataFrame
    shown: Shown
    strongest: pd.DataFrame
    kept: KeptInputs
    notes: tuple[str, ...]
    prevalence: float
    correction: str
    level: float
    provenance: Provenance
    cause: str | None = None
    causes: pd.DataFrame | None = None

    parts = (KeptInputs, Shown, Twin)
    #: What was compared: another question can take it in the place of the data. None in a read result.
    responses: ClassVar[Responses | None] = None

    @property
    def verdict(self) -> str:
        """How many units differ, how much the best does and whether that is a cause; or that nothing was found."""
        return verdict_of(self)

    @property
    def effect_name(self) -> str:
        """What the effect is, in words."""
        if self.measure == "entropy":
            return "1 − entropy over the groups, held out"
        return f"AUROC − .5 held out; above 0: higher in {next(iter(self.groups))}"

    @property
    def found(self) -> pd.DataFrame:
        """The rows of `table` that pass."""
        return self.units[self.units["found"]]

    @property
    def insensitive(self) -> bool:
        """Is one of two groups so rare that AUROC cannot see that inputs of it lack their label?"""
        return self.measure == "auroc" and self.prevalence <= RARE

    @property
    def null_top(self) -> float:
        """What the 20 units that tell most come to on the other half where groups are shuffled; NaN without draws."""
        return float(self.null["top20"].mean()) if len(self.null) else float("nan")

    def table(self) -> pd.DataFrame:
        """A row a unit that was searched, what was found first.

        site, unit, part (what of it), group (where it is higher), effect, low, high (on the half that reports), p, q
        (on the half that finds, corrected for all units that were searched), in_sample (the effect there), held_p,
        searched, found. Of two groups also auroc, difference (in standard deviations), ap, f1 and threshold, for the
        inputs of the first group: these of the best 100 units alone. Of more also entropy.
        """
        return self.units

    def distributions(self, unit: Unit | str | tuple[str, int]) -> pd.DataFrame:
        """What a unit does on inputs of each group in the half that reports: group, document, value."""
        import pandas as pd

        column = self._column(unit)
        names = np.array(list(self.groups), object)
        return pd.DataFrame(
            {
                "group": names[self.shown.group],
                "document": self.shown.documents,
                "value": self.shown.values[:, column].astype(float),
            }
        )

    def exemplars(self, unit: Unit | str | tuple[str, int]) -> pd.DataFrame:
        """The inputs of each group on which a unit is strongest: group, document, value, and what they are."""
        self._column(unit)
        rows = self.strongest[self.strongest["unit"] == str(Unit.parse(unit))]
        return self.kept.beside(rows.drop(columns="unit").reset_index(drop=True))

    def _column(self, unit: Unit | str | tuple[str, int]) -> int:
        name = str(Unit.parse(unit))
        if name not in self.shown.units:
            raise KeyError(
                f"What {name} does on the inputs was not kept: of the {len(self.units):,} units that were searched the "
                f"best {len(self.shown.units)} were. {self.shown.units[0]} is one of them."
            )
        return self.shown.units.index(name)

    def tried(
        self,
        live: LiveModel,
        units: int = 3,
        *,
        inputs: int = 16,
        controls: int = 20,
        seed: int = 0,
        progress: Callable[[int, int], object] | None = None,
    ) -> Comparison:
        """The comparison, with whether the units that tell most are causes.

        Each is held at its mean over the groups, on inputs of the group in which it is higher that had no part in
        finding it, beside random units of its site that are changed as much: see `nw.effect`. `progress` is called
        with how many units are done and of how many.
        """
        if units < 1 or inputs < 2:
            raise ValueError(
                f"units={units!r} is 1 at least, and inputs={inputs!r} is 2, so that there is an interval."
            )
        chosen, names = self.found.head(units), list(self.groups)
        if chosen.empty:
            raise ValueError("Nothing was found, so that there is nothing to switch off.")
        table = tried(live, chosen, names, self.shown, self.document, inputs, controls, seed, progress)
        return with_responses(replace(self, causes=table, cause=in_words(table)), self.responses)

    def document(self, number: int) -> Any:
        """An input by its number: to be run, or opened in an editor."""
        if self.responses is not None:
            return self.responses.input(number)
        return self.kept.contents([number])[0]

    def chart(self) -> Any:
        """Effect on the half that reports against q of the half that finds, beside one draw of shuffled groups."""
        alt = altair()
        tested = self.units[self.units["q"].notna()]
        shown = tested.assign(unit=tested["site"] + ":" + tested["unit"].astype(str), of="the groups")
        if len(self.null_units):
            import pandas as pd

            null = self.null_units.assign(of="shuffled groups", found=False)
            null["unit"] = null["site"] + ":" + null["unit"].astype(str)
            shown = pd.concat([null, shown], ignore_index=True)
        shown["certainty"] = -np.log10(shown["q"].clip(lower=1e-30))
        colours = alt.Scale(domain=["the groups", "shuffled groups"], range=["#0072b2", "#8888"])
        chart = (
            alt.Chart(
                shown[["unit", "effect", "q", "certainty", "of", "found"]],
                title=alt.Title(" or ".join(self.groups), subtitle=wrap(self.verdict, _LINE)),
            )
            .mark_circle(size=36)
            .encode(
                x=alt.X("effect:Q", title=self.effect_name),
                y=alt.Y("certainty:Q", title="−log₁₀ q"),
                color=alt.Color("of:N", scale=colours, title=None),
                opacity=alt.condition("datum.found", alt.value(0.95), alt.value(0.45)),
                tooltip=["unit", "effect", "q", "of"],
            )
            .properties(width=520, height=280)
        )  # fmt: skip
        return themed(chart)

    def _best(self) -> pd.DataFrame:
        """What is shown of the table: the units that pass, or where none does all."""
        return without_empty(self.named(self.found if len(self.found) else self.units))

    def __repr__(self) -> str:
        return f"{self.verdict}\n{_rounded(self._best()).head(_IN_TABLE).to_string(index=False, max_colwidth=40)}"

    def _repr_html_(self) -> str:
        from html import escape

        table = _rounded(self._best()).head(_IN_TABLE).to_html(border=0, index=False)
        return f"<p>{escape(self.verdict)}</p>{table}<p><small>{escape(str(self.provenance))}</small></p>"


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Shares to two places, p and q to two digits."""
    tests = [name for name in ("p", "q", "held_p") if name in frame]
    rounded = frame.round({name: 2 for name in frame.select_dtypes("number") if name not in tests})
    return rounded.assign(**{name: [f"{value:.2g}" for value in frame[name]] for name in tests})


def with_responses(result: Comparison, responses: Responses | None) -> Comparison:
    """The result, with what it was made of at hand."""
    object.__setattr__(result, "responses", responses)
    return result
