"""Types of every message from the kernel to the page, and of what the page must know before it asks.

`js/src/wire/protocol.ts` and its neighbours say the same in TypeScript. The files in `tests/golden/` are written by the
code that answers real requests; mypy checks that code against these types, and `tsc` the files against the page's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired

#: What JSON can say of a float.
Value = float | Literal["nan", "inf", "-inf"]
Kind = Literal["text", "image", "table"]
Grid = list[int]


class ArraySpec(TypedDict):
    """One array of a message: its buffer stands at the same place in the list of buffers."""

    name: str
    dtype: Literal["u8", "i32", "f32"]
    shape: list[int]


class ScaleHeader(TypedDict):
    """The ends of a colour scale; see `raster.Scale`."""

    lo: float
    hi: float
    mode: str
    knee: float
    signed: bool
    pinned: bool


# ---- a frame ---------------------------------------------------------------------------------------------------------


class Window(TypedDict):
    """The part of a text that was looked at: UTF-16 offsets, its first token's number, all tokens of the text.

    `without`: labels of special tokens around the text that lie outside of it.
    """

    start: int
    end: int
    first: int
    total: int
    without: NotRequired[list[str]]


class MapHeader(TypedDict):
    """Which rows (of ordered, filtered units) and columns (tokens) a map shows; half-open ranges."""

    rows: list[int]
    cols: list[int]
    total: int
    selected: int | None
    scale: ScaleHeader


class OverviewHeader(TypedDict):
    """The layers of an overview; each runs between its own ends."""

    sites: list[str]
    lows: list[float]
    highs: list[float]


class GuessItem(TypedDict):
    """One entry of what the model says, with its probability."""

    text: str
    p: float


class ActualToken(TypedDict):
    """The token that really stands there, and how the model rated it."""

    text: str
    p: float
    rank: int


class Guesses(TypedDict):
    """What the model says; `about` is `LiveModel.predicts`."""

    about: str
    classes: NotRequired[bool]
    list: list[GuessItem]
    actual: ActualToken | None


class Odd(TypedDict):
    """How many recorded values are not finite."""

    nan: int
    inf: int


class Milliseconds(TypedDict):
    """Time inside the model, and in the kernel as a whole."""

    model: float
    total: float


class ClassesHeader(TypedDict):
    """Names and probabilities of all classes."""

    names: list[str]
    probabilities: list[float]


class SweepHeader(TypedDict):
    """Where a sweep over a column stopped on its way."""

    column: str
    xs: list[float | str]


class FrameHeader(TypedDict):
    """What a frame says beside its arrays.

    `reused` counts what was taken over from the pass before: tokens of a text, 0 or 1 for a picture or row.
    """

    site: str
    unit: str | None
    pins: list[str]
    window: Window
    labels: dict[str, str]
    token: int | None
    scale: ScaleHeader | None
    pinScales: list[ScaleHeader]
    map: MapHeader | None
    overview: OverviewHeader | None
    guesses: Guesses | None
    odd: Odd
    reused: int
    ms: Milliseconds
    # Of pictures and rows alone.
    input: NotRequired[Kind]
    siteScale: NotRequired[ScaleHeader]
    grid: NotRequired[Grid | None]
    unitGrid: NotRequired[Grid | None]
    pinGrids: NotRequired[list[Grid | None]]
    lead: NotRequired[list[Value]]
    classes: NotRequired[ClassesHeader | None]
    sweep: NotRequired[SweepHeader | None]


class FrameMessage(FrameHeader):
    """A frame as it is sent."""

    v: int
    kind: Literal["frame"]
    seq: int
    arrays: list[ArraySpec]


# ---- short answers ---------------------------------------------------------------------------------------------------


class Reading(TypedDict):
    """An exact value under the pointer. `box`: the pixels that it depends on: left, top, right, bottom."""

    where: str
    x: int
    y: int
    unit: str
    token: int
    value: Value
    units: int
    tokens: int
    box: NotRequired[list[int] | None]


class ProbeAnswer(Reading):
    """A reading as it is sent."""

    v: int
    kind: Literal["probe"]
    seq: int


class ErrorAnswer(TypedDict):
    """An error is an answer; `seq` is −1 where it belongs to no request."""

    v: int
    kind: Literal["error"]
    seq: int
    message: str
    hint: str


class Overtaken(TypedDict):
    """The request was stopped because a newer one came."""

    v: int
    kind: Literal["overtaken"]
    seq: int


class Echoed(TypedDict):
    """The answer to an `Echo`; the bytes are the message's buffer."""

    v: int
    kind: Literal["echo"]
    id: int


class Sign(TypedDict):
    """Says that the kernel is there, or that the widget was closed."""

    v: int
    kind: Literal["ready", "closed"]


class GalleryItem(TypedDict):
    """A picture to choose; its RGB bytes are a buffer of the message."""

    label: str
    width: int
    height: int


class Gallery(TypedDict):
    """All pictures to choose from."""

    v: int
    kind: Literal["gallery"]
    items: list[GalleryItem]


class AtlasMessage(TypedDict, total=False):
    """The answer to a question to an atlas: the fields of the answer beside these, or `error` and `hint`."""

    v: int
    kind: Literal["atlas"]
    seq: int
    want: str
    error: str
    hint: str
    arrays: list[ArraySpec]


Message = FrameMessage | ProbeAnswer | ErrorAnswer | Overtaken | Echoed | Sign | Gallery | AtlasMessage


# ---- answers of an atlas ---------------------------------------------------------------------------------------------


class Stratum(TypedDict):
    """A part of a group of exemplars: where in the list it begins, how many it has, from and to which value."""

    stratum: int
    first: int
    count: int
    low: float
    high: float


class ExemplarRow(TypedDict):
    """One exemplar; `key` is its row in `atlas.exemplars(unit)`, `values` how many numbers of the array are its own."""

    key: int
    stratum: int
    rank: int
    value: Value
    copies: int
    document: int
    id: str
    label: str | None
    position: int
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
    """A stretch of a unit's exemplars."""

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
    input: Kind
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
    """Correlated units, and the outputs that a unit raises and lowers directly."""

    unit: str
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


# ---- what the page knows from the first ------------------------------------------------------------------------------


class SiteInfo(TypedDict):
    """A site as the page lists it. `grid`: rows and columns of its positions, for pictures and rows alone."""

    name: str
    canonical: str
    kind: str
    width: int
    layer: int
    grid: NotRequired[Grid | None]


class ImageInfo(TypedDict):
    """What a model of pictures eats."""

    kind: Literal["image"]
    width: int
    height: int
    channels: int
    classes: list[str] | None
    gallery: int


class TableInfo(TypedDict):
    """What a model of rows eats; `columns` as `TableInputs` describes them."""

    kind: Literal["table"]
    columns: list[dict[str, Any]]
    classes: list[str] | None


class Catalog(TypedDict):
    """Sites, abilities and the kind of input of a live model."""

    model: str
    sites: list[SiteInfo]
    context: int
    causal: bool
    guesses: bool
    predicts: str
    measure: str
    input: NotRequired[ImageInfo | TableInfo]


class AtlasSite(TypedDict):
    """A site of an atlas as the page lists it."""

    name: str
    kind: str
    width: int
    layer: int


class AtlasInfo(TypedDict):
    """What the page must know of an atlas before it asks anything."""

    model: str
    input: str
    documents: int
    tokens: int
    sites: list[AtlasSite]
