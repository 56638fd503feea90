"""Types of the answers to questions that the page asks an atlas; `js/src/wire/atlas-protocol.ts` says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired

    from neuronwidget.stream.protocol.frames import Grid, ScaleHeader, Value


class Stratum(TypedDict):
    """A part of a group of exemplars: where in the list it begins, how many it has, from and to which value."""

    stratum: int
    first: int
    count: int
    low: float
    high: float


class ExemplarRow(TypedDict):
    """One exemplar; `key` is its row in `atlas.exemplars(unit)`, `values` how many numbers of the array are its own.

    `document` and `position` are None where an atlas that was imported does not tell them.
    """

    key: int
    stratum: int
    rank: int
    value: Value
    copies: int
    document: int | None
    id: str
    label: str | None
    position: int | None
    peak: int
    pieces: list[str]
    values: int
    at: NotRequired[list[int] | None]
    row: NotRequired[dict[str, Value | str]]


class TableColumn(TypedDict):
    """A column of table rows, with its ends where it holds numbers."""

    name: str
    ends: list[float] | None


class KeptMap(TypedDict):
    """Rows and columns of a site's positions on a picture, and of the map that is kept of them."""

    grid: Grid
    kept: Grid


class ExemplarsAnswer(TypedDict):
    """A stretch of a unit's exemplars; `missing`: why an atlas that was imported has none of this group.

    `around`: of texts, what stands before and behind each row's pieces in its document; empty where it is not sure.
    """

    unit: str
    group: str
    groups: dict[str, int]
    first: int
    total: int
    strata: list[Stratum]
    state: str
    seen: int
    scale: ScaleHeader
    rows: list[ExemplarRow]
    input: str
    missing: NotRequired[str]
    around: NotRequired[list[list[str]]]
    map: NotRequired[KeptMap]
    columns: NotRequired[list[TableColumn]]


class DocumentAnswer(TypedDict):
    """The document around an exemplar; `cut`: first and last character that came, of how many."""

    document: int
    id: str
    tokens: int
    key: int
    text: str
    cut: list[int]


class UseAnswer(TypedDict):
    """Where an exemplar was put."""

    to: str


class UnitNumbers(TypedDict):
    """What an atlas counted of a unit; None: not a number."""

    density: float | None
    density_low: float | None
    density_high: float | None
    mean: float | None
    std: float | None
    min: float | None
    max: float | None
    skew: float | None
    kurtosis: float | None
    active: float | None


class CardAnswer(UnitNumbers):
    """What the atlas alone knows of a unit. `site`: the ends of all units of the site."""

    unit: str
    state: str
    words: str
    things: str
    seen: int
    nonfinite: int
    low: float
    width: float
    site: list[float | None]


class KinAnswer(TypedDict):
    """Correlated units, or in `apart` why none can be told; the outputs that a unit raises and lowers directly."""

    unit: str
    apart: str
    similar: list[list[Any]]
    promoted: list[list[Any]]
    suppressed: list[list[Any]]
    note: str
    reason: str


class FindAnswer(TypedDict):
    """Units that fit: rows of the unit and a cell for each of `columns`."""

    total: int
    of: int
    order: str
    columns: list[str]
    rows: list[list[Any]]
