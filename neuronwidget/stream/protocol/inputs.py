"""What a request says of a picture or of a row of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from neuronwidget.stream.protocol.checks import ProtocolError, is_number, part, whole, within, wrong

INPUTS = ("text", "image", "table")

MAX_SIDE = 512
MAX_COLUMNS = 4_096
MAX_TILES = 400
MAX_TILE = 256
MAX_POINTS = 512


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as the page sends it: RGB bytes, row after row."""

    width: int
    height: int
    rgb: bytes


@dataclass(frozen=True, slots=True)
class TilesWant:
    """Small pictures of the strongest units: how many, and the most cells of each."""

    count: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class SweepWant:
    """The column that goes over its range, and in how many points."""

    column: str
    points: int


def read_picture(content: Mapping[str, Any], name: str, buffers: Sequence[Any]) -> Picture | None:
    """A picture whose size stands under a name and whose bytes are the first buffer."""
    size = part(content, name)
    return None if size is None else picture_of(size, buffers[0] if buffers else b"")


def picture_of(size: Mapping[str, Any], pixels: Any) -> Picture:
    """A picture of a `width` and a `height` out of its bytes."""
    width, height = whole(size, "width"), whole(size, "height")
    if not (1 <= width <= MAX_SIDE and 1 <= height <= MAX_SIDE):
        raise ProtocolError(
            f"The picture is {width} × {height}; each side may have 1 to {MAX_SIDE} pixels.", "Reload the page."
        )
    rgb = bytes(pixels) if isinstance(pixels, (bytes, bytearray, memoryview)) else b""
    if len(rgb) != 3 * width * height:
        raise ProtocolError(
            f"A picture of {width} × {height} pixels has {3 * width * height} bytes, not {len(rgb)}.",
            "Reload the page.",
        )
    return Picture(width, height, rgb)


def read_row(value: object) -> dict[str, float | str] | None:
    """The cells of a row, by column."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or len(value) > MAX_COLUMNS:
        raise wrong("row", "an object of numbers and words", value)
    for name, cell in value.items():
        if not isinstance(name, str) or not (is_number(cell) or isinstance(cell, str)):
            raise wrong(f"row.{name}", "a number or a word", cell)
    return dict(value)


def read_tiles(content: Mapping[str, Any]) -> TilesWant | None:
    """How many small pictures are wanted, if any."""
    wants = part(content, "tiles")
    if wants is None:
        return None
    return TilesWant(
        within(wants, "count", 0, MAX_TILES), within(wants, "height", 1, MAX_TILE), within(wants, "width", 1, MAX_TILE)
    )


def read_sweep(content: Mapping[str, Any]) -> SweepWant | None:
    """Which column is swept, if any."""
    wants = part(content, "sweep")
    if wants is None:
        return None
    column = wants.get("column")
    if not isinstance(column, str):
        raise wrong("column", "a column's name", column)
    return SweepWant(column, within(wants, "points", 2, MAX_POINTS))
