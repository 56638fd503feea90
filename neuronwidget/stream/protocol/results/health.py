"""Types of what the page knows of the health of units; `js/src/wire/results/health.ts` says the same."""

from __future__ import annotations

from typing import TypedDict


class HealthLayer(TypedDict):
    """A site: how many units it has, on how many values ("60,000 tokens"), and how many are in each state."""

    site: str
    units: int
    on: str
    counts: list[int]


class HealthRow(TypedDict):
    """A unit that is out of order: its state, the share that this follows from with its interval, and why."""

    unit: str
    state: str
    share: float | None
    low: float | None
    high: float | None
    reason: str


class HealthInfo(TypedDict):
    """All that a page shows of the health of units.

    `states`: each with what it means, the last one ordinary. `rows`: of each site and state the first ones.
    """

    model: str
    verdict: str
    states: list[tuple[str, str]]
    layers: list[HealthLayer]
    rows: list[HealthRow]
