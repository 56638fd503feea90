"""Types of a table of units with an effect each; `js/src/wire/results/units.ts` says the same."""

from __future__ import annotations

from typing import TypedDict


class UnitRow(TypedDict):
    """One unit: its effect with its interval, its q-value, whether it passes; `cells`: of the further columns."""

    unit: str
    effect: float | None
    low: float | None
    high: float | None
    q: float | None
    found: bool
    cells: list[float | str | None]


class UnitsInfo(TypedDict):
    """A table of units; `effect`: what it is called, and `hint`: what it means. Rows come in the order of the result.

    `zero`: the effect of a unit that does nothing; `ends`: of the axis that all effects share; `null`: between which
    ends nearly all effects lie where chance alone acts, None where that was not tried. `columns`: further ones, each a
    name and what it means. `total`: how many units there are, of which the first are rows.
    """

    effect: str
    hint: str
    zero: float
    ends: tuple[float, float]
    null: tuple[float, float] | None
    columns: list[tuple[str, str]]
    total: int
    rows: list[UnitRow]
