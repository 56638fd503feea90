"""Types of what the page knows of patterns of inputs and of groups of units.

`js/src/wire/wire/results/patterns.ts` and `groups.ts` say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired

    from neuronwidget.stream.protocol.atlas import TableColumn
    from neuronwidget.stream.protocol.frames import ScaleHeader


class Pixels64(TypedDict):
    """A small picture: RGB bytes in base64."""

    width: int
    height: int
    rgb: str


class Figure(TypedDict):
    """A number that must be known before a result is believed, and what it means."""

    name: str
    value: str
    words: str


class PatternRow(TypedDict):
    """One pattern; `labels` and `predictions`: names and how many of its inputs have them, the most frequent first.

    `stability` with its interval: how much of it comes back when inputs are left out, `repeats`: in halves that share
    none; it `holds` where both are large enough. `units`: those that set it apart, each with its median in the pattern
    and in the rest.
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
    units: list[tuple[str, float, float]]
    average: NotRequired[Pixels64]


class LayerInfo(TypedDict):
    """The patterns of one site; `points`: x u16, y u16 between the `ends` and pattern i16 of each drawn input, base64.

    `none`: how many inputs are in no pattern; `map`: what the directions of the map are, in a sentence.
    """

    site: str
    verdict: str
    figures: list[Figure]
    patterns: list[PatternRow]
    none: int
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


class MemberRow(TypedDict):
    """One input of a pattern; what its kind adds: `cells` of rows, `pieces` of texts."""

    document: int
    name: str
    label: str | None
    prediction: str | None
    membership: float
    outlier: float
    cells: NotRequired[dict[str, Any]]
    pieces: NotRequired[list[str]]


class MembersAnswer(TypedDict):
    """Inputs of a pattern, the most typical and those that hardly belong to it; `unit` shades texts."""

    total: int
    typical: list[MemberRow]
    outliers: list[MemberRow]
    input: str
    unit: str | None
    scale: ScaleHeader | None
    columns: list[TableColumn]


class GroupExemplar(TypedDict):
    """An input that `units` of a group have among their strongest."""

    name: str
    units: int
    pieces: NotRequired[list[str]]
    peak: NotRequired[int]
    image: NotRequired[Pixels64]
    words: NotRequired[str]


class GroupRow(TypedDict):
    """A group of units: the first `units` of `count`; `span`: where it lies in the ordered map, 0 to 1."""

    group: int
    units: list[str]
    count: int
    correlation: float | None
    low: float | None
    high: float | None
    stands: bool
    shared: str
    span: tuple[float, float]
    exemplars: list[GroupExemplar]


class GroupsInfo(TypedDict):
    """All that a page shows of groups; `map`: `side` × `side` bytes in base64, 3 for no correlation to 255 for one."""

    sites: list[str]
    verdict: str
    figures: list[Figure]
    units: int
    groups: list[GroupRow]
    map: str
    side: int
