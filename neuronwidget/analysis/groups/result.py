"""Result of looking for groups: which units behave alike, how surely, and what chance would have grouped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.groups.ordered import cell_edges
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.analysis.words import counted
from neuronwidget.live.edits.edit import BaseEdit
from neuronwidget.live.edits.kinds import Ablate
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

_NAMED = 12
#: Cells of a side of the map as a chart: altair takes 5,000 in all.
_DRAWN = 70


@dataclass(frozen=True)
class UnitGroup:
    """Units that behave alike, to be edited or pinned as one. Made by `UnitGroups.group`."""

    number: int
    units: list[Unit]

    @property
    def names(self) -> list[str]:
        """The units as they are written: what `explorer.pins` takes."""
        return [str(unit) for unit in self.units]

    def edits(self, make: Callable[[list[str]], BaseEdit] = Ablate) -> list[BaseEdit]:
        """One edit a site that acts on all units of the group there; `make`: which, of a list of units.

        >>> UnitGroup(0, [Unit("mlp.1", 3), Unit("mlp.1", 9)]).edits(lambda units: Ablate(units, to="zero"))
        [Ablate(('mlp.1:3', 'mlp.1:9'), to='zero', scope='all')]
        """
        sites = dict.fromkeys(unit.site for unit in self.units)
        return [make([str(unit) for unit in self.units if unit.site == site]) for site in sites]


@dataclass(frozen=True, eq=False, repr=False)
class UnitGroups(Result):
    """Groups of units that behave alike. Made by `groups`.

    Attributes
    ----------
    sites, method, cut
        Where was looked, how, and the mean distance (1 − |correlation|) above which groups are not joined.
    rows, inputs
        How many rows and inputs found the groups, and how many others judged them: a pair each.
    groups
        One row a group, those that stand first, by size: group, units (how many), members, correlation (the mean over
        its pairs of |correlation| on inputs that had no part in finding it), low, high (95 %), found (the same on those
        that found it), null (groups as large and as tight in a draw of a null, in the mean), stands, shared, share (the
        word or picture that its units' strongest exemplars have in common, and how many of these have it).
    units
        One row a unit: unit, site, index, group (−1 for none), sign (−1: it goes against the first of its group),
        correlation (with the others of its group, in the mean), place (in the map).
    usual
        |correlation| of two units, in the mean over all pairs that were looked at for this, on the judging inputs.
    nulls
        One row a draw of a null: null, draw, groups, units, largest.
    exemplars
        Inputs that many units of a group have among their strongest; empty without an atlas.
    map, edges
        |correlation| of units in their order, float32 [cells, cells], the mean over each cell; `edges` [cells + 1]: the
        place at which each cell begins.
    constant, broken
        How many units did not vary, and how many held values that are not finite; they are in no group.
    notes
        What was done otherwise than might be thought, such as that a sample stands for all rows.
    """

    sites: tuple[str, ...]
    method: str
    cut: float
    rows: tuple[int, int]
    inputs: tuple[int, int]
    groups: pd.DataFrame
    units: pd.DataFrame
    usual: float
    nulls: pd.DataFrame
    exemplars: pd.DataFrame
    map: np.ndarray[Any, Any]
    edges: tuple[int, ...]
    constant: int
    broken: int
    notes: tuple[str, ...]
    provenance: Provenance

    @property
    def verdict(self) -> str:
        """How many groups there are and how tight, beside what chance groups; or that there are none."""
        where, many = ", ".join(self.sites), len(self.units)
        stand = self.groups[self.groups["stands"]]
        left = len(self.groups) - len(stand)
        among = f"{many:,} units of {where}, {sum(self.inputs):,} inputs"
        notes = "".join(f" {note}" for note in self.notes)
        if stand.empty and not left:
            return f"No groups: no units correlate by {1 - self.cut:.2g} or more in the mean ({among}).{notes}"
        if stand.empty:
            return (
                f"No groups: of {counted(left, 'cluster')} none both holds on inputs that had no part in finding it "
                f"and is beyond what permuted inputs and a random basis give ({among}).{notes}"
            )
        sizes = stand["units"]
        size = f"{sizes.min()}" if sizes.min() == sizes.max() else f"{sizes.min()} to {sizes.max()}"
        more = f" {counted(left, 'more cluster')} did not stand the test." if left else ""
        return (
            f"{counted(len(stand), 'group')} of {size} units ({sizes.sum():,} of {among}): |correlation| "
            f"{stand['correlation'].median():.2f} in the middle one, on inputs that had no part in finding them; two "
            f"units have {self.usual:.2f} in the mean. {_of_nulls(self.nulls)}{more}{notes}"
        )

    def table(self) -> pd.DataFrame:
        """One row a group, those that stand first, the largest first."""
        return self.groups

    def group(self, number: int) -> UnitGroup:
        """The units of a group, as one."""
        numbers = self.groups["group"].tolist()
        if number not in numbers:
            there = f"0 to {len(numbers) - 1}" if numbers else "none"
            raise IndexError(f"There is no group {number!r}; there are {there}.")
        members = self.units[self.units["group"] == number].sort_values("place", kind="stable")
        return UnitGroup(int(number), [Unit.parse(name) for name in members["unit"]])

    def edits(self, number: int, make: Callable[[list[str]], BaseEdit] = Ablate) -> list[BaseEdit]:
        """One edit a site that acts on all units of a group there, as `live.edited(*found.edits(0))` takes them."""
        return self.group(number).edits(make)

    def chart(self) -> Any:
        """The ordered map: each unit with each other, the groups along the diagonal."""
        import pandas as pd

        alt, grouped = altair(), int((self.units["group"] >= 0).sum())
        cells = cell_edges(len(self.edges) - 1, int(np.searchsorted(self.edges, grouped)), _DRAWN)
        values, edges = coarser(self.map, self.edges, cells)
        rows, columns = (side.ravel() for side in np.indices(values.shape))
        begins, ends = np.array(edges[:-1], int), np.array(edges[1:], int)
        places = {"x": begins[columns], "x2": ends[columns], "y": begins[rows], "y2": ends[rows]}
        title = alt.Title(f"Units that behave alike, {', '.join(self.sites)}", subtitle=wrap(self.verdict, 90))
        words, plain = "units, in the order of their groups", alt.Axis(grid=False)
        axis: dict[str, Any] = {"title": words, "axis": plain, "scale": alt.Scale(nice=False)}
        chart = (
            alt.Chart(pd.DataFrame({**places, "correlation": values.ravel().astype(float)}), title=title)
            .mark_rect()
            .encode(
                x=alt.X("x:Q", **axis),
                x2="x2:Q",
                y=alt.Y("y:Q", **{**axis, "scale": alt.Scale(nice=False, reverse=True)}),
                y2="y2:Q",
                color=alt.Color(
                    "correlation:Q", title="|correlation|", scale=alt.Scale(scheme="viridis", domain=[0, 1])
                ),
                tooltip=["y:Q", "x:Q", alt.Tooltip("correlation:Q", format=".2f")],
            )
            .properties(width=420, height=420)
        )
        return themed(chart)


def coarser(values: Any, edges: Sequence[int], starts: Sequence[int]) -> tuple[np.ndarray[Any, Any], tuple[int, ...]]:
    """A map of fewer cells, each the mean over units, and where they begin: `starts`, in cells of the map."""
    sizes = np.diff(edges).astype(np.float64)
    counts = np.add.reduceat(sizes, starts[:-1])
    summed = np.add.reduceat(np.add.reduceat(values * sizes[:, None] * sizes, starts[:-1], 0), starts[:-1], 1)
    pooled = (summed / counts[:, None] / counts).astype(np.float32)
    return pooled, tuple(int(edges[start]) for start in starts)


def members_in_words(names: Sequence[str]) -> str:
    """Units of a group as they are read.

    >>> members_in_words(["mlp.1:3", "mlp.1:9", "mlp.2:4"])
    'mlp.1:3, 9, mlp.2:4'
    """
    shown, site = [], ""
    for name in names[:_NAMED]:
        own, _, index = name.rpartition(":")
        shown.append(index if own == site else name)
        site = own
    return ", ".join(shown) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")


def _of_nulls(nulls: pd.DataFrame) -> str:
    """What chance groups, in a sentence."""
    words = {"permuted": "With inputs permuted", "rotated": "in a random basis"}
    parts = [
        f"{words[str(null)]} {draws['groups'].mean():.3g} come out in a draw (of {len(draws)})"
        for null, draws in nulls.groupby("null", sort=False)
    ]
    return f"{', '.join(parts)}." if parts else "What chance groups was not tried (nulls=0)."
