"""The words that cross the wire, and their version.

`js/src/protocol.ts` says the same in TypeScript; the frames in `tests/golden/` are read by both. What comes from the
page is checked here, once, and becomes a frozen dataclass; nothing behind this module looks at raw messages. All text
offsets are UTF-16 code units of the text as the page sent it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

VERSION = 1
ORDERS = ("index", "strength", "variation", "similarity")
MODES = ("linear", "log")
TRAITS_FROM_PAGE = ("input", "site", "unit", "selection", "pins", "view", "status")

MAX_TEXT = 2_000_000
MAX_BINS = 8_192
MAX_PINS = 64
MAX_ECHO = 1 << 20


class ProtocolError(ValueError):
    """A message that cannot be understood. `hint` says what to do about it."""

    def __init__(self, message: str, hint: str, seq: int = -1) -> None:
        super().__init__(message)
        self.hint = hint
        self.seq = seq


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
    changes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """A reading under the pointer: a cell of the last map or overview."""

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
class Signal:
    """`hello`, `nudge` or `hidden`."""

    kind: str


Message = Ask | Probe | Set | Echo | Signal


def read(content: object) -> Message:
    """Check a message from the page and give it a type.

    >>> read({"v": 1, "kind": "echo", "id": 3, "size": 16})
    Echo(id=3, size=16)
    """
    if not isinstance(content, Mapping):
        raise ProtocolError("A message from the page is not an object.", "Reload the page.")
    seq = content.get("seq")
    seq = seq if isinstance(seq, int) and not isinstance(seq, bool) else -1
    try:
        return _read(cast("Mapping[str, Any]", content))
    except ProtocolError as error:
        error.seq = seq
        raise


def _read(content: Mapping[str, Any]) -> Message:
    version, kind = content.get("v"), content.get("kind")
    if version != VERSION:
        newer = isinstance(version, int) and version > VERSION
        side = "the Python package (pip install -U neuronwidget)" if newer else "the page (reload it)"
        raise ProtocolError(
            f"The page speaks version {version!r} of the protocol, the kernel speaks {VERSION}.",
            f"Update {side}, then restart the kernel and run the cell again.",
        )
    if kind == "ask":
        return _ask(content)
    if kind == "probe":
        where = _one_of(content, "where", ("map", "overview"))
        return Probe(_int(content, "seq"), _int(content, "of"), where, _int(content, "x"), _int(content, "y"))
    if kind == "set":
        return Set(_changes(content.get("changes")))
    if kind == "echo":
        return Echo(_int(content, "id"), min(max(_int(content, "size"), 0), MAX_ECHO))
    if kind in ("hello", "nudge", "hidden"):
        return Signal(kind)
    raise ProtocolError(
        f"The kernel does not know messages of the kind {kind!r}.",
        "The page is newer than the Python package: update it with pip install -U neuronwidget and restart the kernel.",
    )


def _ask(content: Mapping[str, Any]) -> Ask:
    text = content.get("text")
    if not isinstance(text, str):
        raise _wrong("text", "a string", text)
    if len(text) > MAX_TEXT:
        raise ProtocolError(
            f"The text has {len(text):,} characters; at most {MAX_TEXT:,} are taken.", "Paste a part of it."
        )
    unit, pins, pinned = content.get("unit"), content.get("pins") or [], content.get("pinned")
    if unit is not None and not isinstance(unit, str):
        raise _wrong("unit", "a unit's name or null", unit)
    if not isinstance(pins, list) or not all(isinstance(pin, str) for pin in pins):
        raise _wrong("pins", "a list of unit names", pins)
    overview = content.get("overview")
    if overview is not None and not isinstance(overview, Mapping):
        raise _wrong("overview", "an object or null", overview)
    site = content.get("site")
    if not isinstance(site, str):
        raise _wrong("site", "a site's name", site)
    return Ask(
        seq=_int(content, "seq"),
        text=text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"),
        focus=_int(content, "focus", 0),
        site=site,
        unit=unit,
        pins=tuple(pins[:MAX_PINS]),
        token=_int(content, "token") if content.get("token") is not None else None,
        mode=_one_of(content, "mode", MODES),
        pinned=_pinned(pinned),
        map=_map(content.get("map")),
        overview_width=min(_int(overview, "width"), MAX_BINS) if overview is not None else 0,
        guesses=min(max(_int(content, "guesses", 0), 0), 100),
        top=min(max(_int(content, "top", 0), 0), 1_000),
        pad=min(max(_int(content, "pad", 0), 0), MAX_ECHO),
        changes=_changes(content.get("changes")),
    )


def _map(value: object) -> MapWant | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise _wrong("map", "an object or null", value)
    units = value.get("units")
    if units is not None and not (isinstance(units, list) and all(type(unit) is int for unit in units)):
        raise _wrong("units", "a list of unit numbers or null", units)
    return MapWant(
        rows=_range(value, "rows"),
        cols=_range(value, "cols"),
        height=min(max(_int(value, "height"), 1), MAX_BINS),
        width=min(max(_int(value, "width"), 1), MAX_BINS),
        order=_one_of(value, "order", ORDERS),
        hold=bool(value.get("hold", False)),
        units=None if units is None else tuple(units),
    )


def _pinned(value: object) -> tuple[float, float] | None:
    if value is None:
        return None
    if not (isinstance(value, (list, tuple)) and len(value) == 2 and all(isinstance(v, (int, float)) for v in value)):
        raise _wrong("pinned", "two numbers or null", value)
    low, high = float(value[0]), float(value[1])
    if not (-3e38 < low < high < 3e38):
        raise _wrong("pinned", "a lower and a higher finite number", value)
    return low, high


def _range(content: Mapping[str, Any], name: str) -> tuple[int, int] | None:
    value = content.get(name)
    if value is None:
        return None
    if not (isinstance(value, (list, tuple)) and len(value) == 2 and all(isinstance(v, (int, float)) for v in value)):
        raise _wrong(name, "two numbers or null", value)
    return int(value[0]), int(value[1])


def _changes(value: object) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _wrong("changes", "an object", value)
    unknown = sorted(str(name) for name in value if name not in TRAITS_FROM_PAGE)
    if unknown:
        raise ProtocolError(f"The page cannot change {', '.join(unknown)}.", "Reload the page.")
    return value


def _int(content: Mapping[str, Any], name: str, default: int | None = None) -> int:
    value = content.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or abs(value) > 2**53:
        raise _wrong(name, "a whole number", value)
    return int(value)


def _one_of(content: Mapping[str, Any], name: str, choices: tuple[str, ...]) -> str:
    value = content.get(name, choices[0])
    if value not in choices:
        raise _wrong(name, "one of " + ", ".join(choices), value)
    return cast(str, value)


def _wrong(name: str, expected: str, value: object) -> ProtocolError:
    shown = repr(value)
    shown = shown if len(shown) <= 80 else shown[:77] + "…"
    return ProtocolError(f"“{name}” should be {expected}, not {shown}.", "Reload the page and run the cell again.")


def error(seq: int, message: str, hint: str) -> dict[str, Any]:
    """An error is an answer."""
    return {"v": VERSION, "kind": "error", "seq": seq, "message": message, "hint": hint}


def note(kind: str, **fields: Any) -> dict[str, Any]:
    """A short answer: `ready`, `overtaken`, `echo`, `closed`, `probe`."""
    return {"v": VERSION, "kind": kind, **fields}
