"""The words that cross the wire, and their version.

`js/src/wire/protocol.ts` says the same in TypeScript; the frames in `tests/golden/` are read by both. What comes from
the page is checked here, once, and becomes a frozen dataclass; nothing behind this module looks at raw messages. All
text offsets are UTF-16 code units of the text as the page sent it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from neuronwidget.stream.protocol.answers import (
    AtlasMessage,
    Echoed,
    ErrorAnswer,
    Gallery,
    GalleryItem,
    Overtaken,
    ProbeAnswer,
    Reading,
    Sign,
)
from neuronwidget.stream.protocol.checks import MAX_TEXT as MAX_TEXT
from neuronwidget.stream.protocol.checks import (
    MAX_WHOLE,
    is_finite,
    is_number,
    numbers,
    one_of,
    pair,
    part,
    plain,
    readable,
    shorten,
    whole,
    wrong,
)
from neuronwidget.stream.protocol.checks import ProtocolError as ProtocolError
from neuronwidget.stream.protocol.inputs import INPUTS, picture_of, read_picture, read_row, read_sweep, read_tiles
from neuronwidget.stream.protocol.inputs import Picture as Picture
from neuronwidget.stream.protocol.inputs import SweepWant as SweepWant
from neuronwidget.stream.protocol.inputs import TilesWant as TilesWant

VERSION = 1
ORDERS = ("index", "strength", "variation", "similarity")
MODES = ("linear", "log")
TRAITS_FROM_PAGE = ("input", "site", "unit", "selection", "pins", "view", "status", "shown", "picked", "query")

MAX_BINS = 8_192
MAX_PINS = 64
MAX_ECHO = 1 << 20


@dataclass(frozen=True, slots=True)
class MapWant:
    """What is visible of the units × tokens map: ranges over ordered, filtered units and the window's tokens."""

    rows: tuple[int, int] | None
    cols: tuple[int, int] | None
    height: int
    width: int
    order: str = "index"
    hold: bool = False
    units: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for a picture."""

    seq: int
    text: str
    focus: int
    site: str
    unit: str | None = None
    pins: tuple[str, ...] = ()
    token: int | None = None
    mode: str = "linear"
    pinned: tuple[float, float] | None = None
    map: MapWant | None = None
    overview_width: int = 0
    guesses: int = 0
    top: int = 0
    pad: int = 0
    input: str = "text"
    image: Picture | None = None
    row: Mapping[str, float | str] | None = None
    tiles: TilesWant | None = None
    sweep: SweepWant | None = None
    classes: bool = False
    changes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """A reading under the pointer: a cell of the last map or overview, or of the unit's map on the picture."""

    seq: int
    of: int
    where: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Set:
    """Traits a person changed without asking for a picture."""

    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Echo:
    """Asks for `size` bytes back."""

    id: int
    size: int


@dataclass(frozen=True, slots=True)
class Pick:
    """A picture of the gallery becomes the input."""

    index: int


@dataclass(frozen=True, slots=True)
class Signal:
    """`hello`, `nudge`, `hidden` or `gallery`."""

    kind: str


@dataclass(frozen=True, slots=True)
class AtlasAsk:
    """A question to the atlas beside a view. `want` names it; `about` is the rest, checked by whoever answers."""

    seq: int
    want: str
    about: Mapping[str, Any]


Message = Ask | Probe | Set | Echo | Pick | Signal | AtlasAsk


def read(content: object, buffers: Sequence[Any] = ()) -> Message:
    """Check a message from the page and give it a type.

    >>> read({"v": 1, "kind": "echo", "id": 3, "size": 16})
    Echo(id=3, size=16)
    """
    if not isinstance(content, Mapping):
        raise ProtocolError("A message from the page is not an object.", "Reload the page.")
    seq = content.get("seq")
    seq = int(seq) if is_number(seq) and abs(seq) <= MAX_WHOLE else -1
    try:
        return _read(plain(content), buffers)
    except ProtocolError as error:
        error.seq = seq
        raise


def _read(content: Mapping[str, Any], buffers: Sequence[Any]) -> Message:
    version, kind = content.get("v"), content.get("kind")
    if version != VERSION:
        newer = isinstance(version, int) and version > VERSION
        side = "the Python package (pip install -U neuronwidget)" if newer else "the page (reload it)"
        raise ProtocolError(
            f"The page speaks version {shorten(version)} of the protocol, the kernel speaks {VERSION}.",
            f"Update {side}, then restart the kernel and run the cell again.",
        )
    if kind == "ask":
        return _ask(content, buffers)
    if kind == "probe":
        where = one_of(content, "where", ("map", "overview", "unit"))
        return Probe(whole(content, "seq"), whole(content, "of"), where, whole(content, "x"), whole(content, "y"))
    if kind == "set":
        return Set(_changes(content.get("changes"), buffers))
    if kind == "atlas":
        want = content.get("want")
        if not isinstance(want, str):
            raise wrong("want", "a word", want)
        return AtlasAsk(whole(content, "seq"), want, content)
    if kind == "pick":
        return Pick(whole(content, "index"))
    if kind == "echo":
        return Echo(whole(content, "id"), min(max(whole(content, "size"), 0), MAX_ECHO))
    if kind in ("hello", "nudge", "hidden", "gallery"):
        return Signal(kind)
    raise ProtocolError(
        f"The kernel does not know messages of the kind {shorten(kind)}.",
        "The page is newer than the Python package: update it with pip install -U neuronwidget and restart the kernel.",
    )


def _ask(content: Mapping[str, Any], buffers: Sequence[Any]) -> Ask:
    of = one_of(content, "input", INPUTS)
    text = content.get("text", None if of == "text" else "")
    if not isinstance(text, str):
        raise wrong("text", "a string", text)
    unit, pins = content.get("unit"), content.get("pins") or []
    if unit is not None and not isinstance(unit, str):
        raise wrong("unit", "a unit's name or null", unit)
    if not isinstance(pins, list) or not all(isinstance(pin, str) for pin in pins):
        raise wrong("pins", "a list of unit names", pins)
    overview = part(content, "overview")
    site = content.get("site")
    if not isinstance(site, str):
        raise wrong("site", "a site's name", site)
    return Ask(
        seq=whole(content, "seq"),
        text=text,
        focus=whole(content, "focus", 0),
        site=site,
        unit=unit,
        pins=tuple(pins[:MAX_PINS]),
        token=whole(content, "token") if content.get("token") is not None else None,
        mode=one_of(content, "mode", MODES),
        pinned=_pinned(content),
        map=_map(content.get("map")),
        overview_width=min(whole(overview, "width"), MAX_BINS) if overview is not None else 0,
        guesses=min(max(whole(content, "guesses", 0), 0), 100),
        top=min(max(whole(content, "top", 0), 0), 1_000),
        pad=min(max(whole(content, "pad", 0), 0), MAX_ECHO),
        input=of,
        image=read_picture(content, "image", buffers) if of == "image" else None,
        row=read_row(content.get("row")) if of == "table" else None,
        tiles=read_tiles(content),
        sweep=read_sweep(content),
        classes=content.get("classes") is True,
        changes=_changes(content.get("changes"), buffers),
    )


def _map(value: object) -> MapWant | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise wrong("map", "an object or null", value)
    units = value.get("units")
    if units is not None and not (isinstance(units, list) and all(type(unit) is int for unit in units)):
        raise wrong("units", "a list of unit numbers or null", units)
    return MapWant(
        rows=pair(value, "rows"),
        cols=pair(value, "cols"),
        height=min(max(whole(value, "height"), 1), MAX_BINS),
        width=min(max(whole(value, "width"), 1), MAX_BINS),
        order=one_of(value, "order", ORDERS),
        hold=bool(value.get("hold", False)),
        units=None if units is None else tuple(units),
    )


def _pinned(content: Mapping[str, Any]) -> tuple[float, float] | None:
    ends = numbers(content, "pinned")
    if ends is not None and not ends[0] < ends[1]:
        raise wrong("pinned", "a lower and a higher finite number", ends)
    return ends


def state(values: object, allowed: Collection[str] = TRAITS_FROM_PAGE) -> dict[str, Any]:
    """What the page sets, by the names of traits: of these names only, and numbers that JSON can hold.

    A trait that held NaN could never be sent again, to no page.
    """
    if not isinstance(values, Mapping):
        raise wrong("changes", "an object", values)
    unknown = sorted(readable(str(name)) for name in values if name not in allowed)
    if unknown:
        raise ProtocolError(f"The page cannot change {readable(', '.join(unknown), 80)}.", "Reload the page.")
    cleaned: dict[str, Any] = plain(values)
    for name, value in cleaned.items():
        if not is_finite(value):
            raise wrong(name, "made of finite numbers", value)
    return cleaned


def _changes(value: object, buffers: Sequence[Any]) -> Mapping[str, Any]:
    if value is None:
        return {}
    changes = state(value)
    picture = changes.get("input")
    if isinstance(picture, Mapping) and buffers and picture.keys() == {"width", "height"}:
        return {**changes, "input": {**picture, "rgb": picture_of(picture, buffers[0]).rgb}}
    return changes


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
