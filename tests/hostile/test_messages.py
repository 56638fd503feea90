"""No message of a page raises, stays without an answer or ends the worker: every kind, every field, hostile values."""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuronwidget as nw
from neuronwidget.stream.protocol import asks
from neuronwidget.stream.protocol.checks import ProtocolError
from neuronwidget.stream.protocol.shared import TRAITS_FROM_PAGE
from tests.hostile.page import Page

PICTURE = np.arange(768, dtype=np.uint8).tobytes()


def nested(depth: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


HOSTILE: list[Any] = [
    math.nan, math.inf, -math.inf, -0.0, 0, -1, 1, 0.5, 2**31, 2**53 + 2, 1e308, -1e308, 10**400, -(10**400), 10**5000,
    True, False, None, "", "x", "\ud800", "\ud83d\ude00\udc00", "x" * 100_000, "../../etc/passwd", "/dev/zero",
    [], [None], [math.nan, math.inf], [10**400, -(10**400)], ["0", "9"], [[], {}], [0, 1, 2], [-5, 10**6],
    nested(10), nested(900), {}, {"width": math.nan, "height": 1}, {"width": 10**400, "height": -1},
    {"rgb": "x"}, {"": {"": {}}}, {"\ud800": "\udfff"}, {"text": "a", "path": "/dev/zero"}, b"bytes",
]  # fmt: skip

ASK: dict[str, Any] = {
    "v": 2, "kind": "ask", "seq": 0, "input": {"kind": "text", "text": "def f(x): return 'a'", "focus": 3}, "site": "",
    "unit": None, "pins": [], "compare": "difference", "beside": {"kind": "text", "text": "def g(): pass", "focus": 0},
    "edits": [{"edit": "scale", "unit": "", "factor": 2, "scope": [1], "when": {"unit": "", "above": 0}, "on": True}],
    "token": 2, "mode": "linear", "pinned": [0, 1], "pad": 8,
    "parts": {
        "trace": {},
        "map": {"rows": [0, 9], "cols": [0, 9], "height": 8, "width": 8, "order": "index", "hold": False,
                "units": [1, 2]},
        "overview": {"width": 10}, "guesses": {"most": 3}, "top": {"most": 3}, "edits": {"most": 3},
    },
    "changes": {"site": "", "unit": None, "pins": [], "selection": {"token": 1, "span": [0, 2]}, "status": "live",
                "view": {"order": "index", "hold": False, "mode": "log", "pinned": {}, "filter": "1"}},
}  # fmt: skip
OF_IMAGE = {
    **ASK, "input": {"kind": "image", "width": 16, "height": 16}, "changes": {"input": {"width": 16, "height": 16}},
    "beside": None,
    "parts": {**ASK["parts"], "tiles": {"count": 3, "height": 4, "width": 4}, "classes": {}},
}  # fmt: skip
OF_TABLE = {
    **ASK, "input": {"kind": "table", "row": {}}, "changes": {"input": {}}, "beside": {"kind": "table", "row": {}},
    "parts": {**ASK["parts"], "sweep": {"column": "", "points": 3}, "classes": {}},
}  # fmt: skip
OTHERS: list[dict[str, Any]] = [
    {"v": 2, "kind": "probe", "seq": 0, "of": 1, "where": "map", "x": 0, "y": 0},
    {"v": 2, "kind": "probe", "seq": 0, "of": 1, "where": "unit", "x": 0, "y": 0},
    {"v": 2, "kind": "study", "seq": 0, "of": 1, "question": "attribution", "target": "unit"},
    {"v": 2, "kind": "study", "seq": 0, "of": 1, "question": "continue", "tokens": 2, "temperature": 0, "seed": 0},
    {"v": 2, "kind": "stop", "seq": 0},
    {"v": 2, "kind": "set", "seq": 0, "changes": {"input": "", "shown": {}, "picked": [0], "query": {}}},
    {"v": 2, "kind": "echo", "seq": 0, "id": 1, "size": 4},
    {"v": 2, "kind": "pick", "seq": 0, "index": 0},
    {"v": 2, "kind": "hello", "seq": 0},
    {"v": 2, "kind": "gallery", "seq": 0},
    {"v": 2, "kind": "hidden", "seq": 0},
]
TO_ATLAS: list[dict[str, Any]] = [
    {"v": 2, "kind": "atlas", "seq": 0, "want": "exemplars", "unit": "", "group": "top", "first": 0, "count": 2},
    {"v": 2, "kind": "atlas", "seq": 0, "want": "document", "unit": "", "key": 0},
    {"v": 2, "kind": "atlas", "seq": 0, "want": "use", "unit": "", "key": 0, "document": True},
    {"v": 2, "kind": "atlas", "seq": 0, "want": "card", "unit": ""},
    {"v": 2, "kind": "atlas", "seq": 0, "want": "kin", "unit": "", "count": 2},
    {"v": 2, "kind": "atlas", "seq": 0, "want": "find", "sites": [], "states": ["ok"], "density": [0, 1], "text": None,
     "fires": False, "similar": None, "order": "", "count": 3},
]  # fmt: skip


def places(message: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a message something stands that can be another thing."""
    if at:
        yield at
    inner = message.items() if isinstance(message, dict) else enumerate(message) if isinstance(message, list) else ()
    for name, value in inner:
        yield from places(value, (*at, name))


def with_other(message: Any, at: tuple[Any, ...], value: Any) -> Any:
    """The message with another value at a place."""
    if not at:
        return value
    other = copy.copy(message)
    other[at[0]] = with_other(message[at[0]], at[1:], value)
    return other


class Fuzz:
    """Sends messages one by one, and sees to it that each is dealt with."""

    def __init__(self, widget: Any, sound: dict[str, Any] | None, buffers: list[bytes]) -> None:
        self.page, self.sound, self.buffers = Page(widget), sound, buffers
        self._seq = 0

    def say(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        """One message; where it has a number of its own, or is refused, wait for the answer."""
        self._seq += 1
        message = {**message, "seq": self._seq} if message.get("seq") == 0 and message["seq"] is not False else message
        try:
            refused, seq = False, getattr(asks.read(message, buffers), "seq", None)
        except ProtocolError as error:
            refused, seq = True, error.seq
        before = len(self.page.sent)
        self.page.say(message, buffers)
        if refused or message["kind"] in ("ask", "atlas"):
            self.page.answer(seq, before)

    def lives(self) -> None:
        """A sound question is answered still, and all state can be sent to a page that opens now."""
        self.page.widget.send_state()
        if self.sound is not None:
            sound = {name: value for name, value in self.sound.items() if name not in ("v", "kind", "seq", "input")}
            assert self.page.ask(self.sound["input"], self.buffers, **{**sound, "changes": None})["kind"] == "frame"

    def through(self, message: dict[str, Any]) -> None:
        """Every field of a message with every hostile value, and without it; then several at once."""
        whole = list(places(message))
        for at in whole:
            for value in HOSTILE:
                self.say(with_other(message, at, value), self.buffers)
            self.lives()
        dice = random.Random(len(whole))
        for _ in range(60):
            other = message
            for _ in range(dice.randint(2, 4)):
                at = dice.choice([(name,) for name in message])
                other = with_other(other, at, dice.choice(HOSTILE))
            less = {name: value for name, value in other.items() if dice.random() > 0.2 or name in ("v", "kind")}
            self.say(less, dice.choice([[], self.buffers, [b""], [b"x", b"y"]]))
        self.lives()


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> nw.Atlas:
    live = nw.demo("code")
    folder = tmp_path_factory.mktemp("atlas")
    return nw.scan(live, ["def f(x): return x", "a = [1, 2]"], out=folder, sites=["mlp.0"], progress=False)


def case(kind: str, atlas: nw.Atlas) -> tuple[Any, dict[str, Any] | None, list[bytes]]:
    """A widget, a sound question to it, and the buffers that come with that."""
    if kind == "grid":
        return nw.ExemplarGrid(atlas), None, []
    if kind == "finder":
        view = nw.explore(nw.demo("code"), "x = 1", site="mlp.0")
        return nw.UnitFinder(atlas, view), None, []
    live = nw.demo({"text": "code", "image": "digits", "table": "cancer"}[kind])
    explorer = nw.explore(live, atlas=atlas if kind == "text" else None)
    site = live.sites.defaults[0]
    sound = {"text": ASK, "image": OF_IMAGE, "table": OF_TABLE}[kind]
    units = [str(site.unit(number)) for number in range(2)]
    edits = [{**ASK["edits"][0], "unit": units[0], "when": {"unit": units[1], "above": 0}}]
    sound = {**sound, "site": site.name, "unit": units[0], "pins": [units[1]], "edits": edits}
    if kind == "table":
        row = dict(list(live.inputs.start().items())[:2])
        parts = {**sound["parts"], "sweep": {"column": next(iter(row)), "points": 3}}
        sound = {**sound, "input": {"kind": "table", "row": row}, "parts": parts, "changes": {"input": row}}
    return explorer, sound, [PICTURE] if kind == "image" else []


@pytest.mark.parametrize("kind", ["text", "image", "table", "grid", "finder"])
def test_every_message_is_answered_and_the_worker_lives(kind: str, atlas: nw.Atlas) -> None:
    widget, sound, buffers = case(kind, atlas)
    fuzz = Fuzz(widget, sound, buffers)
    unit = str(next(iter(atlas.sites)).unit(1))
    of_atlas = [{**message, "unit": unit} for message in TO_ATLAS] if kind in ("grid", "finder") else []
    for message in [*([sound] if sound else []), *OTHERS, *of_atlas]:
        fuzz.through(message)
    for content in HOSTILE:
        fuzz.page.say(content)
        fuzz.page.say(content, [b"x"])
    fuzz.lives()
    widget.close()


@pytest.mark.parametrize("kind", ["text", "image", "table", "grid", "finder"])
def test_every_trait_can_be_set_to_anything_and_stays_sound(kind: str, atlas: nw.Atlas) -> None:
    widget, sound, buffers = case(kind, atlas)
    fuzz = Fuzz(widget, sound, buffers)
    follows = {*TRAITS_FROM_PAGE, "evidence"}  # this of the labels, which a page may change
    kept = {name: value for name, value in widget.get_state().items() if name not in follows}
    for name in (*TRAITS_FROM_PAGE, "evidence", "catalog", "atlas_info", "has_input", "layout_kind"):
        if name not in widget.keys:
            continue
        for value in HOSTILE:
            fuzz.page.sets(**{name: value})
        fuzz.lives()
        getattr(widget, name)
    now = widget.get_state()
    assert {name: now[name] for name in kept} == kept, "what is Python's stays as it was"
    tested = {unit: words for unit, (words, *_) in now.get("evidence", {}).items()}
    assert tested.items() <= now.get("labels", {}).items(), "evidence is of the words that are there"
    widget.unit = widget.unit or next(iter(atlas.sites if kind in ("grid", "finder") else widget.live.sites)).unit(0)
    assert len(widget.table()) >= 0, "what the page set can be worked with"
    widget.close()


def test_a_scan_goes_on_whatever_its_page_says(tmp_path: Path) -> None:
    view = nw.ScanProgress(units=["mlp.0:1"])
    page, live = Page(view), nw.demo("code")

    def texts() -> Iterator[str]:
        for number, value in enumerate(HOSTILE):
            page.say(value)
            page.say({"kind": value})
            page.say({"kind": "units", "units": value})
            page.say({"kind": "units", "units": f"mlp.0:{10**400}, \ud800:3, mlp.0:²"})
            page.sets(phase=value, shown=value, done=value, words=value)
            yield f"text {number}"

    atlas = nw.scan(live, texts(), out=tmp_path, sites=["mlp.0"], progress=view)
    assert int(atlas.manifest["done"]["documents"]) == len(HOSTILE)
    assert view.phase == "done"
    view.send_state()
    view.close()
