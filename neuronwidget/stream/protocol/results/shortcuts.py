"""Types of what the page knows of shortcuts; `js/src/wire/results/shortcuts.ts` says the same."""

from __future__ import annotations

from typing import TypedDict

from neuronwidget.stream.protocol.results.shown import Figure, Pixels64
from neuronwidget.stream.protocol.results.units import UnitsInfo


class PropertyRow(TypedDict):
    """A plain property of the inputs, which labels it tells apart by itself, and how well."""

    property: str
    tells: str
    auroc: float | None
    low: float | None
    high: float | None
    telling: bool


class GainRow(TypedDict):
    """A unit that was tried: what holding it at its mean does to right answers, and what random units do.

    `state`: "shortcut", "together" where it is one with others, "no", or "suspected" where it could not be tried.
    `tried_on`: which inputs, in words; "" where these are the data as they are.
    """

    unit: str
    state: str
    gain: float | None
    low: float | None
    high: float | None
    random: list[float]
    tried_on: str


class LookRow(TypedDict):
    """Where a unit looks: places, tokens or columns with their shares; of pictures their mean, and that with marks."""

    unit: str
    words: str
    where: list[tuple[str, float]]
    average: Pixels64 | None
    marked: Pixels64 | None


class ShortcutsInfo(TypedDict):
    """All that a page shows of shortcuts.

    `tried`: which properties the data were checked for, in words. `sets`: what came of units that were held together.
    """

    model: str
    verdict: str
    figures: list[Figure]
    tried: str
    halves: tuple[int, int]
    properties: list[PropertyRow]
    units: UnitsInfo
    gains: list[GainRow]
    sets: list[str]
    looks: list[LookRow]
    notes: list[str]
