"""Types of a frame: its head, and the small types that heads, parts and answers share.

Each panel's part has its type beside the code that makes it, in `widgets/frames/panels`; `js/src/panels` has the same
types for the page. The files in `tests/golden/` are frames that the real code made: mypy checks that code against these
types, and `tsc` the files against the page's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired

#: What JSON can say of a float.
Value = float | Literal["nan", "inf", "-inf"]
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


class Window(TypedDict):
    """The part of a text that was looked at: UTF-16 offsets, its first token's number, all tokens of the text.

    `without`: labels of special tokens around the text that lie outside of it.
    """

    start: int
    end: int
    first: int
    total: int
    without: NotRequired[list[str]]


class InputHead(TypedDict):
    """The input that a frame is of; `window` and the `labels` of special tokens, by place in it, are of texts alone."""

    kind: str
    window: NotRequired[Window]
    labels: NotRequired[dict[str, str]]


class Odd(TypedDict):
    """How many recorded values are not finite."""

    nan: int
    inf: int


class EditProblem(TypedDict):
    """Why an edit does not act; `index`: its place in the list that was asked."""

    index: int
    message: str


class EditsHead(TypedDict):
    """Edits of the page: those that act, in words; why others do not; which pass is shown."""

    acting: list[str]
    problems: list[EditProblem]
    compare: str


class BesideHead(TypedDict):
    """Another input in the place of what was before: which pass is shown; how many of the positions both inputs have.

    `problem`: why it cannot be compared.
    """

    compare: str
    paired: int
    of: int
    problem: str | None


class Milliseconds(TypedDict):
    """Time inside the model, and in the kernel as a whole."""

    model: float
    total: float


class PanelProblem(TypedDict):
    """What stood in the way of one panel, and what to do."""

    message: str
    hint: str


class FrameHead(TypedDict):
    """What a frame says of itself.

    `reused` counts what was taken over from the pass before: tokens of a text, 0 or 1 for a picture or row. `edits` is
    absent where none is on, `beside` where no other input is compared. `failed`: panels that have no part because
    something stood in their way, by name.
    """

    site: str
    unit: str | None
    pins: list[str]
    token: int | None
    input: InputHead
    odd: Odd
    reused: int
    ms: Milliseconds
    edits: NotRequired[EditsHead]
    beside: NotRequired[BesideHead]
    failed: NotRequired[dict[str, PanelProblem]]


class FrameMessage(TypedDict):
    """A frame as it is sent: a head, the parts of the panels that were asked for, and the names of its arrays."""

    v: int
    kind: Literal["frame"]
    seq: int
    head: FrameHead
    parts: Mapping[str, Mapping[str, Any]]
    arrays: list[ArraySpec]
