"""Types of what the page knows of localised concepts; `js/src/wire/results/localised.ts` says the same."""

from __future__ import annotations

from typing import TypedDict

from neuronwidget.stream.protocol.results.units import UnitsInfo


class LocalisedLine(TypedDict):
    """Line of a basis and a metric: mean over the splits for each k, and the least and the largest of them."""

    basis: str
    metric: str
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]


class LocalisedConcept(TypedDict):
    """A concept: what the curves say of it, and the units, the best first. `cause`: does the output read them?"""

    name: str
    says: str
    k: int
    f1: float | None
    verdict: str
    cause: str
    lines: list[LocalisedLine]
    units: UnitsInfo


class LocalisedInfo(TypedDict):
    """All that a page shows of localised concepts; `bases` and `metrics`: each with its words. `ks`: of all lines."""

    model: str
    sites: list[str]
    verdict: str
    ks: list[int]
    bases: list[tuple[str, str]]
    metrics: list[tuple[str, str]]
    concepts: list[LocalisedConcept]
