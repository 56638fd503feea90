"""Types of what the page knows of a comparison of groups; `js/src/wire/results/comparison.ts` says the same."""

from __future__ import annotations

from typing import TypedDict

from neuronwidget.stream.protocol.results.shown import Figure, InputRow, InputsAnswer
from neuronwidget.stream.protocol.results.units import UnitsInfo


class ComparisonInfo(TypedDict):
    """All that a page shows of a comparison without asking.

    `measure`: "auroc" of two groups, "entropy" of more. `groups`: each with how many inputs found units, and how many
    others reported them. `level`: the q-value that units must reach. `axis`: what the least and the largest effects
    mean.

    `points` in base64: of each drawn unit its number u32, place in `sites` u16, effect u16 between the `ends`, −log₁₀ q
    u16 between 0 and `top`, and u8: 0 where it does not pass, else 1 + the number of the group that it is higher in.
    `chance` and `twin`: effect u16 and −log₁₀ q u16, alike, of units where labels are shuffled, and of an untrained
    model; "" where that was not tried. `searched`: how many units there are, `drawn`: of how many there is a point.
    """

    model: str
    input: str
    measure: str
    verdict: str
    figures: list[Figure]
    edits: list[str]
    groups: list[tuple[str, int, int]]
    level: float
    axis: tuple[str, str]
    sites: list[str]
    ends: tuple[float, float]
    top: float
    points: str
    chance: str
    twin: str
    searched: int
    drawn: int
    units: UnitsInfo


class ExemplarRow(InputRow):
    """An input to which the unit responds strongly."""

    value: float | None


class ComparedGroup(TypedDict):
    """What a unit does on the inputs of a group that had no part in finding it.

    `shares`: of equal parts between the ends of all groups, how many of its inputs lie in each, as shares. `rate`: at
    how large a share of their positions it is active, None where that is not told.
    """

    name: str
    inputs: int
    low: float | None
    middle: float | None
    high: float | None
    rate: float | None
    shares: list[float]
    exemplars: list[ExemplarRow]


class ComparedAnswer(InputsAnswer):
    """One unit: what its effect means, what an atlas says of it, and its values in each group, between the `ends`.

    `cause`: what came of holding it at its mean, in words; None: that was not tried.
    """

    words: str
    over: str
    cause: str | None
    ends: tuple[float, float]
    groups: list[ComparedGroup]
