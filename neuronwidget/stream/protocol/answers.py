"""Answers of the kernel to the page that are no frames: their types, and a function that makes each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict, cast

from neuronwidget.stream.protocol.frames import ArraySpec, FrameMessage, Value
from neuronwidget.stream.protocol.shared import VERSION

if TYPE_CHECKING:
    from typing_extensions import NotRequired


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


class StudyAnswer(TypedDict):
    """How far the answer to a long question is, `done` of `total` steps, and what is known by now.

    As many are done as there are: nothing follows. `problem` says why there is nothing to know.
    """

    v: int
    kind: Literal["study"]
    seq: int
    of: int
    question: str
    done: int
    total: int
    result: Mapping[str, Any] | None
    problem: str | None


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


Message = FrameMessage | ProbeAnswer | StudyAnswer | ErrorAnswer | Overtaken | Echoed | Sign | Gallery | AtlasMessage


def error(seq: int, message: str, hint: str) -> ErrorAnswer:
    """An error is an answer."""
    return {"v": VERSION, "kind": "error", "seq": seq, "message": message, "hint": hint}


def sign(kind: Literal["ready", "closed"]) -> Sign:
    """Says that the kernel is there, or that the widget was closed."""
    return {"v": VERSION, "kind": kind}


def echoed(number: int) -> Echoed:
    """The answer to an `Echo`."""
    return {"v": VERSION, "kind": "echo", "id": number}


def overtaken(seq: int) -> Overtaken:
    """There will be no frame for this request: a newer one came."""
    return {"v": VERSION, "kind": "overtaken", "seq": seq}


def probed(seq: int, reading: Reading) -> ProbeAnswer:
    """The answer to a `Probe`."""
    return {"v": VERSION, "kind": "probe", "seq": seq, **reading}


def gallery(items: list[GalleryItem]) -> Gallery:
    """The pictures to choose from; each has a buffer."""
    return {"v": VERSION, "kind": "gallery", "items": items}


def atlas(seq: int, want: str, **fields: Any) -> AtlasMessage:
    """The answer to an `AtlasAsk`; `error` and `hint` where there is no better one."""
    return cast("AtlasMessage", {"v": VERSION, "kind": "atlas", "seq": seq, "want": want, **fields})
