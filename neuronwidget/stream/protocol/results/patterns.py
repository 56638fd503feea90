"""Types of what the page knows of patterns of inputs; `js/src/wire/results/patterns.ts` says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from neuronwidget.stream.protocol.results.shown import InputRow, InputsAnswer

if TYPE_CHECKING:
    from typing_extensions import NotRequired

    from neuronwidget.stream.protocol.results.shown import Figure, Pixels64


class Marker(TypedDict):
    """A unit that sets a pattern apart: its median in the pattern and in the rest, AUROC with its interval, and q.

    All but q are of inputs on which it was not chosen.
    """

    unit: str
    median: float
    rest: float
    auroc: float | None
    low: float | None
    high: float | None
    q: float | None


class PatternRow(TypedDict):
    """One pattern; `labels` and `predictions`: names and how many of its inputs have them, the most frequent first.

    `stability` with its interval: how much of it comes back when inputs are left out, `repeats`: in halves that share
    none; it `holds` where both are large enough. `units`: those that set it apart, the one that does so most first.
    """

    pattern: int
    inputs: int
    share: float
    stability: float | None
    low: float | None
    high: float | None
    repeats: float | None
    holds: bool
    largest: bool
    labels: list[tuple[str, int]]
    predictions: list[tuple[str, int]]
    units: list[Marker]
    average: NotRequired[Pixels64]


class LayerInfo(TypedDict):
    """The patterns of one site; `points`: x u16, y u16 between the `ends` and pattern i16 of each drawn input, base64.

    `none`: how many inputs are in no pattern; `map`: what the directions of the map are, in a sentence; `searched`: for
    how many units of all patterns the q of one is corrected.
    """

    site: str
    verdict: str
    figures: list[Figure]
    patterns: list[PatternRow]
    none: int
    searched: int
    map: str
    ends: list[float]
    points: str


class PatternsInfo(TypedDict):
    """All that a page shows of patterns without asking, of one layer or of two.

    `documents` (i32) and `labelled` (i16, places in `labels`, −1 for none) in base64: of each drawn input. `flow`:
    from, to, inputs.
    """

    model: str
    input: str
    inputs: int
    sample: str
    layers: list[LayerInfo]
    documents: str
    labelled: str
    labels: list[str]
    flow: list[tuple[int, int, int]]


class MemberRow(InputRow):
    """One input of a pattern."""

    membership: float
    outlier: float


class MembersAnswer(InputsAnswer):
    """Inputs of a pattern, the most typical and those that hardly belong to it."""

    total: int
    typical: list[MemberRow]
    outliers: list[MemberRow]
