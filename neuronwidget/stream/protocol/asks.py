"""Messages from the page, checked once: each becomes a frozen dataclass, and nothing behind looks at raw messages.

`js/src/wire/protocol.ts` says the same in TypeScript; the page's own tests write what it sends into
`tests/golden/asks/`, and Python's read it. All text offsets are UTF-16 code units of the text as the page sent it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from neuronwidget.stream.protocol.checks import (
    MAX_WHOLE,
    ProtocolError,
    is_finite,
    is_number,
    numbers,
    one_of,
    plain,
    readable,
    shorten,
    whole,
    within,
    wrong,
)
from neuronwidget.stream.protocol.edits import EditAsk, read_edits
from neuronwidget.stream.protocol.inputs import AskedInput, picture_of, read_input
from neuronwidget.stream.protocol.parts import read_parts
from neuronwidget.stream.protocol.shared import COMPARES, LIMITS, MODES, READINGS, STUDIES, TRAITS_FROM_PAGE, VERSION


@dataclass(frozen=True, slots=True)
class Ask:
    """A request for a frame. `parts`: what each panel on the screen asks, by the panel's name.

    `compare`: which pass is shown while edits act: the edited one, the one before, or their difference. `beside`:
    another input, which then takes the place of what was before.
    """

    seq: int
    input: AskedInput
    site: str
    unit: str | None = None
    pins: tuple[str, ...] = ()
    edits: tuple[EditAsk, ...] = ()
    compare: str = "after"
    beside: AskedInput | None = None
    token: int | None = None
    mode: str = "linear"
    pinned: tuple[float, float] | None = None
    pad: int = 0
    parts: Mapping[str, Any] = field(default_factory=dict)
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
class Study:
    """Asks a long question about what a frame shows, which is answered in steps; `of` is that frame's number.

    `question` names it, and `about` has its fields. The newest of each name takes the place of an older one.
    """

    seq: int
    of: int
    question: str
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Stop:
    """Ends the long question `seq`: what is known by now is answer enough."""

    seq: int


@dataclass(frozen=True, slots=True)
class Set:
    """Traits a person changed without asking for a frame."""

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
    """Message without fields: `hello`, `nudge`, `hidden` or `gallery`."""

    kind: str


@dataclass(frozen=True, slots=True)
class AtlasAsk:
    """A question to the atlas beside a view. `question` names it; whoever answers checks its `params`."""

    seq: int
    question: str
    params: Mapping[str, Any]


Message = Ask | Probe | Study | Stop | Set | Echo | Pick | Signal | AtlasAsk


def read(content: object, buffers: Sequence[Any] = ()) -> Message:
    """Check a message from the page and give it a type.

    >>> read({"v": 2, "kind": "echo", "id": 3, "size": 16})
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
        where = one_of(content, "where", READINGS)
        return Probe(whole(content, "seq"), whole(content, "of"), where, whole(content, "x"), whole(content, "y"))
    if kind == "study":
        named = one_of(content, "question", STUDIES)
        return Study(whole(content, "seq"), whole(content, "of"), named, content)
    if kind == "stop":
        return Stop(whole(content, "seq"))
    if kind == "set":
        return Set(_changes(content.get("changes"), buffers))
    if kind == "atlas":
        question = content.get("want")
        if not isinstance(question, str):
            raise wrong("want", "a word", question)
        return AtlasAsk(whole(content, "seq"), question, content)
    if kind == "pick":
        return Pick(whole(content, "index"))
    if kind == "echo":
        return Echo(whole(content, "id"), within(content, "size", 0, LIMITS["echo"]))
    if kind in ("hello", "nudge", "hidden", "gallery"):
        return Signal(kind)
    raise ProtocolError(
        f"The kernel does not know messages of the kind {shorten(kind)}.",
        "The page is newer than the Python package: update it with pip install -U neuronwidget and restart the kernel.",
    )


def _ask(content: Mapping[str, Any], buffers: Sequence[Any]) -> Ask:
    unit, pins, site = content.get("unit"), content.get("pins") or [], content.get("site")
    if unit is not None and not isinstance(unit, str):
        raise wrong("unit", "a unit's name or null", unit)
    if not isinstance(pins, list) or not all(isinstance(pin, str) for pin in pins):
        raise wrong("pins", "a list of unit names", pins)
    if not isinstance(site, str):
        raise wrong("site", "a site's name", site)
    return Ask(
        seq=whole(content, "seq"),
        input=read_input(content.get("input"), buffers),
        site=site,
        unit=unit,
        pins=tuple(pins[: LIMITS["pins"]]),
        edits=read_edits(content.get("edits")),
        compare=one_of(content, "compare", COMPARES),
        beside=None if content.get("beside") is None else read_input(content["beside"], buffers[1:]),
        token=whole(content, "token") if content.get("token") is not None else None,
        mode=one_of(content, "mode", MODES),
        pinned=_pinned(content),
        pad=min(max(whole(content, "pad", 0), 0), LIMITS["echo"]),
        parts=read_parts(content.get("parts")),
        changes=_changes(content.get("changes"), buffers),
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
    for name, pixels in zip(("input", "beside"), buffers, strict=False):
        picture = changes.get(name)
        if isinstance(picture, Mapping) and picture.keys() == {"width", "height"}:
            changes[name] = {**picture, "rgb": picture_of(picture, pixels).rgb}
    return changes
