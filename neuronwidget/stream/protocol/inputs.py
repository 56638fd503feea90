"""Readers of what a request is about: a text, a picture, a row of a table; other kinds can be registered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neuronwidget.stream.protocol.checks import ProtocolError, is_number, whole, wrong
from neuronwidget.stream.protocol.shared import LIMITS

#: Gets the fields of `input` and the buffers of the message; gives what the kind of input takes.
Reader = Callable[[Mapping[str, Any], Sequence[Any]], Any]

#: By the name of the kind; each kind registers its own.
READERS: dict[str, Reader] = {}


@dataclass(frozen=True, slots=True)
class AskedInput:
    """What a request is about: `value` is what the reader of the kind gave."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True)
class Text:
    """A text, and an offset (UTF-16) that must lie inside the window that is looked at: the cursor."""

    text: str
    focus: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the page sends it: RGB bytes, row after row."""

    width: int
    height: int
    rgb: bytes


def read_input(content: object, buffers: Sequence[Any]) -> AskedInput:
    """The `input` of a request, read by the reader of its kind."""
    if not isinstance(content, Mapping):
        raise wrong("input", "an object", content)
    kind = content.get("kind")
    if not isinstance(kind, str) or kind not in READERS:
        raise wrong("kind", "one of " + ", ".join(READERS), kind)
    return AskedInput(kind, READERS[kind](content, buffers))


def read_text(content: Mapping[str, Any], _: Sequence[Any]) -> Text:
    """A text and the cursor in it."""
    text = content.get("text")
    if not isinstance(text, str):
        raise wrong("text", "a string", text)
    return Text(text, whole(content, "focus", 0))


def read_picture(content: Mapping[str, Any], buffers: Sequence[Any]) -> Picture | None:
    """A picture whose bytes are the first buffer; None where no size is given."""
    if "width" not in content and "height" not in content:
        return None
    return picture_of(content, buffers[0] if buffers else b"")


def picture_of(size: Mapping[str, Any], pixels: Any) -> Picture:
    """A picture of a `width` and a `height` out of its bytes."""
    width, height, most = whole(size, "width"), whole(size, "height"), LIMITS["side"]
    if not (1 <= width <= most and 1 <= height <= most):
        raise ProtocolError(
            f"The picture is {width} × {height}; each side may have 1 to {most} pixels.", "Reload the page."
        )
    rgb = bytes(pixels) if isinstance(pixels, (bytes, bytearray, memoryview)) else b""
    if len(rgb) != 3 * width * height:
        raise ProtocolError(
            f"A picture of {width} × {height} pixels has {3 * width * height} bytes, not {len(rgb)}.",
            "Reload the page.",
        )
    return Picture(width, height, rgb)


def read_table(content: Mapping[str, Any], _: Sequence[Any]) -> dict[str, float | str] | None:
    """The row of a table; None where none is given."""
    return read_row(content.get("row"))


def read_row(value: object) -> dict[str, float | str] | None:
    """The cells of a row, by column."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or len(value) > LIMITS["columns"]:
        raise wrong("row", "an object of numbers and words", value)
    for name, cell in value.items():
        if not isinstance(name, str) or not (is_number(cell) or isinstance(cell, str)):
            raise wrong(f"row.{name}", "a number or a word", cell)
    return dict(value)
