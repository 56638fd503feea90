"""Types of what the page knows of groups of units; `js/src/wire/results/groups.ts` says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired

    from neuronwidget.stream.protocol.results.shown import Figure, Pixels64


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

    model: str
    sites: list[str]
    verdict: str
    figures: list[Figure]
    units: int
    groups: list[GroupRow]
    map: str
    side: int
