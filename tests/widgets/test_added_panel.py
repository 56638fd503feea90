"""A panel is one object that is registered: requests may ask for it, and frames have its part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np
import pytest

import neuronwidget as nw
from neuronwidget.stream.protocol import parts
from neuronwidget.stream.protocol.checks import one_of
from neuronwidget.widgets.frames.frame_pass import FramePass
from neuronwidget.widgets.frames.panels import registry
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.request import Request
from tests.golden.make import Page


@dataclass(frozen=True, slots=True)
class NormsAsk:
    """Which length is meant."""

    kind: str


class NormsPart(TypedDict):
    """The site, and the longest; array: `values` [positions]."""

    site: str
    longest: float


class Norms(Panel[NormsAsk, NormsPart]):
    """The length of each position's vector at the deepest default site, whatever site is shown."""

    name = "norms"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> NormsAsk:
        return NormsAsk(one_of(asked, "kind", ("euclidean", "largest")))

    def needs(self, asked: NormsAsk, request: Request) -> Needs:
        return Needs((request.defaults[-1],))

    def give(self, asked: NormsAsk, frame_pass: FramePass) -> Given[NormsPart]:
        site = frame_pass.request.defaults[-1]
        values = np.linalg.norm(frame_pass.values[site], ord=2 if asked.kind == "euclidean" else np.inf, axis=1)
        return Given({"site": site.name, "longest": float(values.max())}, {"values": values.astype(np.float32)})


@pytest.fixture(autouse=True)
def norms() -> Iterator[None]:
    registry.register(Norms)
    yield
    del registry.PANELS["norms"], parts.READERS["norms"]


@pytest.mark.parametrize(
    ("demo", "x", "subject", "buffers"),
    [
        ("code", "x = 'text'", "x = 'text'", ()),
        ("cancer", None, {"kind": "table"}, ()),
        ("digits", 3, {"kind": "image"}, ()),
    ],
)
def test_a_panel_gets_its_part_in_the_frames_of_any_kind(demo: str, x: Any, subject: Any, buffers: Any) -> None:
    live = nw.demo(demo)
    explorer = nw.explore(live, x if x is not None else "", site=live.sites.defaults[0].name)
    focus = {"focus": 0} if demo == "code" else {}
    wanted = {"trace": {}, "norms": {"kind": "euclidean"}, "top": {"most": 2}}
    message, sent = Page(explorer).ask(1, subject, buffers, unit=None, parts=wanted, **focus)
    shown = x if demo == "code" else live.inputs.start()
    site = live.sites.defaults[-1].name
    expected = live.record(shown, sites=[site])[site].norm(dim=1).numpy()
    names = [array["name"] for array in message["arrays"]]
    assert list(message["parts"]) == ["trace", "top", "norms"]
    assert message["parts"]["norms"] == {"site": site, "longest": pytest.approx(float(expected.max()), rel=1e-5)}
    np.testing.assert_allclose(np.frombuffer(sent[names.index("norms.values")], "<f4"), expected, rtol=1e-5)
    explorer.close()


def test_what_it_is_asked_is_checked_by_its_reader() -> None:
    page = Page(nw.explore(nw.demo("code"), "x = 1"))
    question = {"input": {"kind": "text", "text": "x"}, "site": page.widget.site, "seq": 5}
    answer, _ = page.say("ask", parts={"norms": {"kind": "city block"}}, **question)
    assert answer["kind"] == "error"
    assert "one of euclidean, largest" in answer["message"]
    assert answer["seq"] == 5
    page.widget.close()


def test_a_panel_that_nobody_registered_is_refused() -> None:
    page = Page(nw.explore(nw.demo("code"), "x = 1"))
    question = {"input": {"kind": "text", "text": "x"}, "site": page.widget.site, "seq": 6}
    answer, _ = page.say("ask", parts={"angles": {}}, **question)
    assert "no panel 'angles'" in answer["message"]
    assert "norms" in answer["message"]
    page.widget.close()
