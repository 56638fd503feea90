"""The card of a unit: everything that is shown of it, and where a live value stands."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.inspect.outputs import Outputs, direct_outputs
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.atlas.base import AtlasBase, UnitName
from neuronwidget.atlas.states import share_interval
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.model import LiveModel


@dataclass(frozen=True)
class Standing:
    """Where a value stands in what a unit did over the data.

    `quantile` is the share of values that lie below it, known up to the bin it falls into: between `low` and `high`.
    `rank` is the place it would take among the unit's strongest exemplars (or, below zero, its most negative ones),
    1 for stronger than any; None where it is weaker than all that are kept.
    """

    value: float
    quantile: float
    low: float
    high: float
    group: str
    rank: int | None
    of: int

    def __str__(self) -> str:
        if not math.isfinite(self.value):
            return f"{self.value} stands nowhere among finite values"
        if self.rank is not None:
            place = "beyond all exemplars" if self.rank == 1 else f"would be number {self.rank}"
            return (
                f"{self.value:.4g}: {place} of the {self.of} in {self.group}, above {self.quantile:.2%} of all values"
            )
        return f"{self.value:.4g}: above {self.quantile:.2%} of all values"


@dataclass(frozen=True, eq=False, repr=False)
class Card(Result):
    """The card of a unit: what it did over a data set, and what it says to the output. Made by `unit_card`.

    Attributes
    ----------
    row
        The unit's row of `atlas.units`.
    state, words
        The state in a word, and what that means here, with the numbers from which it follows.
    histogram
        low, high, count; see `Atlas.histogram`.
    top, bottom
        The exemplars of largest and of most negative value.
    similar
        Units that do the same on the same tokens.
    outputs
        What the unit promotes and suppresses by the direct path, or why that is not known.
    """

    unit: Unit
    row: pd.Series
    state: str
    words: str
    histogram: pd.DataFrame
    top: pd.DataFrame
    bottom: pd.DataFrame
    similar: pd.DataFrame
    outputs: Outputs
    provenance: Provenance

    parts = (Outputs,)

    @property
    def verdict(self) -> str:
        """The unit, its state, and what that means here."""
        return f"Unit {self.unit}. {self.words}"

    def table(self) -> pd.DataFrame:
        """The unit's row of `atlas.units`."""
        import pandas as pd

        index = pd.MultiIndex.from_tuples([(self.unit.site, self.unit.index)], names=["site", "unit"])
        return pd.DataFrame([self.row.to_dict()], index=index)

    def chart(self) -> Any:
        """The histogram of the unit's values, counts on a logarithmic axis."""
        alt = altair()
        bars = (
            alt.Chart(self.histogram[self.histogram["count"] > 0], title=alt.Title(str(self.unit), subtitle=self.words))
            .mark_bar()
            .encode(
                x=alt.X("low:Q", bin="binned", title="value"),
                x2="high:Q",
                y=alt.Y("count:Q", scale=alt.Scale(type="symlog"), title="how often"),
                tooltip=["low:Q", "high:Q", "count:Q"],
            )
        )
        return themed(bars)

    def where(self, value: float) -> Standing:
        """Where a live value stands: its quantile in the histogram, and its rank among the exemplars."""
        group, table = ("bottom", self.bottom) if value < 0 else ("top", self.top)
        strengths = np.abs(table["value"].to_numpy(np.float64))
        beaten = int((strengths > abs(value)).sum())
        ranked = math.isfinite(value) and len(strengths) > 0 and beaten < len(strengths)
        quantile, low, high = quantile_of(self.histogram, value)
        return Standing(value, quantile, low, high, group, beaten + 1 if ranked else None, len(strengths))


def unit_card(live: LiveModel | None, atlas: AtlasBase, unit: UnitName, n: int = 10) -> Card:
    """Everything that a unit's card shows: `n` similar units, and `n` outputs that it promotes and that it suppresses.

    `live` may be None; then there are no outputs, for the atlas holds no weights.

    Examples
    --------
    >>> live = nw.demo("code")                                               # doctest: +SKIP
    >>> nw.unit_card(live, live.atlas(), "state.1:92").similar               # doctest: +SKIP
    """
    check_order("unit_card", live, atlas, "; None stands for live where there is no model")
    name = atlas.resolve(unit)
    row, exemplars = atlas.unit(name), atlas.exemplars(name)
    outputs = outputs_of(live, name, n) if live is not None else outputs_told(atlas, name, n)
    top, bottom = (exemplars[exemplars["group"] == group].reset_index(drop=True) for group in ("top", "bottom"))
    return Card(
        name,
        row,
        str(row["state"]),
        state_in_words(atlas, row),
        atlas.histogram(name),
        top,
        bottom,
        similar_told(atlas, name, n)[0],
        outputs,
        Provenance.of_atlas(atlas, live, unit=str(name), n=n),
    )


def check_order(call: str, live: object, atlas: object, more: str = "") -> None:
    """Refuses swapped arguments in a sentence that says their order."""
    if isinstance(live, AtlasBase) or not isinstance(atlas, AtlasBase):
        given = ", ".join(type(argument).__name__ for argument in (live, atlas))
        raise TypeError(
            f"nw.{call} takes a live model, an atlas and a unit, in this order, and got {given} first: "
            f"nw.{call}(live, atlas, 'mlp.2:417'){more}."
        )


def similar_told(atlas: AtlasBase, unit: Unit, n: int) -> tuple[pd.DataFrame, str]:
    """Similar units; where the atlas has no sample to compare them on, none and the sentence that says so."""
    import pandas as pd

    if "similar" in atlas.lacks:
        return pd.DataFrame({"unit": [], "correlation": []}), atlas.lacks["similar"]
    return atlas.similar(unit, n), ""


def outputs_told(atlas: AtlasBase, unit: Unit, n: int = 10) -> Outputs:
    """The outputs that an atlas itself tells of, as files of other tools do; else the reason."""
    import pandas as pd

    told = atlas.told_outputs(unit)
    none = pd.DataFrame({"output": [], "index": [], "effect": []})
    if told is None:
        return Outputs(none, none, reason="The atlas alone holds no weights: give the live model.")
    promoted, suppressed = (pd.DataFrame(rows[:n], columns=["output", "effect"]) for rows in told)
    return Outputs(promoted, suppressed, note="As the files say that the atlas was imported from.")


def outputs_of(live: LiveModel, unit: Unit, n: int = 10) -> Outputs:
    """The direct outputs of a unit of an atlas; where the live model lacks the unit or fails, the reason."""
    import pandas as pd

    try:
        return direct_outputs(live, unit, n)
    except (KeyError, IndexError) as error:
        reason = f"The live model has no {unit}: {' '.join(map(str, error.args))}"
    except Exception as error:  # a model of any make: the rest of the card does not depend on it
        reason = f"The direct path could not be computed: {type(error).__name__}, {error}"
    none = pd.DataFrame({"output": [], "index": [], "effect": []})
    return Outputs(none, none, reason=reason)


def quantile_of(histogram: pd.DataFrame, value: float) -> tuple[float, float, float]:
    """The share of values below `value`, with the least and the most it can be. NaN where nothing was counted.

    >>> import pandas as pd
    >>> quantile_of(pd.DataFrame({"low": [0.0, 1.0], "high": [1.0, 2.0], "count": [6, 2]}), 1.5)
    (0.875, 0.75, 1.0)
    """
    counts = histogram["count"].to_numpy(np.float64)
    total = counts.sum()
    if not total or math.isnan(value):
        return math.nan, math.nan, math.nan
    below = np.concatenate([[0.0], counts.cumsum()]) / total
    low, high = histogram["low"].to_numpy(), histogram["high"].to_numpy()
    if value < low[0]:
        return 0.0, 0.0, 0.0
    if value >= high[-1]:
        return 1.0, 1.0, 1.0
    at = int(np.searchsorted(high, value, side="right"))
    share = (value - low[at]) / (high[at] - low[at])
    least, most = float(below[at]), float(below[at + 1])
    return least + (most - least) * float(share), least, most


def things_of(atlas: AtlasBase, site: str) -> str:
    """What the values of a site are counted by, in a word: "tokens"."""
    shape = atlas.map_of(site)
    return atlas.kind.counted if shape is not None and shape.kept == (1, 1) else atlas.kind.places


def state_in_words(atlas: AtlasBase, row: pd.Series) -> str:
    """What a unit's state means, with the numbers and thresholds from which it follows."""
    things, limits = things_of(atlas, row.name[0]), atlas.thresholds
    seen, density = int(row["seen"]), float(row["density"])
    if not row["state"]:
        return f"Above zero at {_share(density)} of the {things}." if density == density else atlas.about
    if not seen:
        return f"Not seen: the data have no {things} with a finite value."
    if row["state"] in ("dead", "not seen"):
        most = share_interval(np.zeros(1), np.array([float(seen)]))[1][0]
        never = f"never fired in {seen:,} {things}, so it fires at {_share(most)} of them at most (95 %)"
        if row["state"] == "dead":
            return f"Dead on these data: {never}."
        return f"Not seen firing: it {never}. That is too little to call it dead (below {_share(limits.dead)})."
    fires = f"above zero at {_share(density)} of {seen:,} {things}"
    active = f"fires at {_share(row['active'])} of {seen:,} {things}"
    if row["state"] == "rare":
        return f"Rare: it {active}, fewer than {_share(limits.rare)}."
    if row["state"] == "dense":
        return f"Dense: {fires}, which is {_share(limits.dense)} or more."
    if row["state"] == "saturated":
        ends = f"{_share(limits.saturated)} of its values or more lie at the bounds of its nonlinearity"
        still = f"it {active} and hardly varies (mean {row['mean']:.3g}, standard deviation {row['std']:.2g})"
        return f"Saturated: {ends if atlas.is_bounded(row.name[0]) else still}."
    if density < limits.rare:
        return f"Mostly below zero: it {active}, {fires.removesuffix(f' of {seen:,} {things}')}."
    return f"Neither rare nor dense: {fires}."


def _share(value: Any) -> str:
    """A share in percent with two digits that mean something, however small it is."""
    percent = 100 * float(value)
    if percent >= 10 or percent == 0:
        return f"{percent:.4g} %"
    return f"{float(f'{percent:.2g}'):.10f}".rstrip("0").rstrip(".") + " %"
