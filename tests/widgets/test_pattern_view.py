"""Views of patterns from Python's side: what is chosen, what the page is told, and where the present input lies."""

from __future__ import annotations

import base64
import html
import json
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.analysis.patterns.result import Patterns
from neuronwidget.stream.frame import decode
from neuronwidget.stream.protocol.shared import HUES
from neuronwidget.widgets.saved.results.patterns import saved_patterns
from tests.golden.make import Page
from tests.golden.results import patterns as made_up

SITE, OTHER, INPUTS = "dense.0", "dense.1", 120


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    return nw.demo("cancer")


@pytest.fixture(scope="module")
def rows(live: nw.LiveModel) -> list[dict[str, float]]:
    """Rows around six of the examples, so that there is something to find."""
    source, examples = np.random.default_rng(3), live.inputs.rows
    return [
        {name: float(value) * float(1 + 0.01 * source.normal()) for name, value in examples[number % 6].items()}
        for number in range(INPUTS)
    ]


@pytest.fixture(scope="module")
def responses(live: nw.LiveModel, rows: list[Any]) -> Any:
    return nw.collect(live, rows, [SITE, OTHER], labels=["abcdef"[number % 6] for number in range(INPUTS)])


@pytest.fixture(scope="module")
def patterns(live: nw.LiveModel, responses: Any) -> Patterns:
    return nw.patterns(live, responses, SITE, bootstraps=3, nulls=1)


@pytest.fixture
def view(patterns: Patterns, live: nw.LiveModel) -> Iterator[Any]:
    made = nw.PatternView(patterns, live)
    yield made
    made.close()


def named(name: str, patterns: Patterns) -> int:
    """The pattern that has an input of that label at its heart."""
    own = patterns.inputs[(patterns.inputs["label"] == name) & (patterns.inputs["pattern"] >= 0)]
    return int(own["pattern"].mode().iloc[0])


def ask(view: Any, row: dict[str, float], **parts: Any) -> dict[str, Any]:
    wanted = {"pattern": {"nearest": 3}, **parts}
    message, _ = Page(view).ask(1, {"kind": "table", "row": row}, unit=None, site=SITE, parts=wanted)
    part: dict[str, Any] = message["parts"]["pattern"]
    return part


def test_the_page_is_told_all_that_it_shows_without_asking(view: Any, patterns: Patterns) -> None:
    info = json.loads(json.dumps(view.patterns_info))
    (layer,) = info["layers"]
    assert layer["verdict"] == patterns.verdict
    assert [row["pattern"] for row in layer["patterns"]] == patterns.table()["pattern"].tolist()
    figures = {figure["name"]: figure["value"] for figure in layer["figures"]}
    assert figures.keys() == {"stability", "hold", "noise", "chance"}
    assert figures["noise"] == f"{100 * patterns.noise:.0f} %"
    points = base64.b64decode(layer["points"])
    np.testing.assert_array_equal(np.frombuffer(points, "<i2")[2 * INPUTS :], patterns.inputs["pattern"])
    x = np.frombuffer(points, "<u2")[:INPUTS] / 65535
    left, right = layer["ends"][:2]
    np.testing.assert_allclose(left + x * (right - left), patterns.inputs["x"], atol=1e-3 * (right - left))
    assert info["labels"] == [*"abcdef"]
    marks = layer["patterns"][0]["units"]
    assert str(view.unit) == marks[0]["unit"], "a unit to begin with"
    known = patterns.markers.iloc[0]
    assert [marks[0][name] for name in ("auroc", "low", "high", "q")] == known[["auroc", "low", "high", "q"]].tolist()
    assert layer["searched"] == known["searched"]


def test_a_pattern_a_label_and_a_brush_choose_inputs(view: Any, patterns: Patterns) -> None:
    number = named("b", patterns)
    view.pattern = number
    assert set(view.chosen["pattern"]) == {number}
    view.narrowed = {"label": "b"}
    assert set(view.chosen["label"]) == {"b"}
    assert "row" in view.chosen
    view.pattern = None
    one = patterns.inputs.iloc[7]
    view.narrowed = {"brush": [0, one["x"] - 1e-9, one["x"] + 1e-9, one["y"] - 1e-9, one["y"] + 1e-9]}
    assert view.chosen["document"].tolist() == [7]


def test_what_there_is_not_is_refused_in_a_sentence(view: Any, patterns: Patterns, live: nw.LiveModel) -> None:
    with pytest.raises(TraitError, match="There is no pattern 99"):
        view.pattern = 99
    with pytest.raises(TraitError, match="narrowed has label, to, brush, not colour"):
        view.narrowed = {"colour": "red"}
    with pytest.raises(TraitError, match="a layer, left, right, bottom, top"):
        view.narrowed = {"brush": [0, 1]}
    with pytest.raises(TraitError, match="12345"):
        view.member = 12345
    with pytest.raises(TypeError, match=r"DataFrame is no result of nw\.patterns"):
        nw.PatternView(patterns.table())
    with pytest.raises(ValueError, match="reads images"):
        nw.PatternView(patterns, nw.demo("digits"))
    with pytest.raises(TypeError, match="is not a live model"):
        nw.PatternView(patterns, "cancer")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="has no patterns"):
        nw.explore(live).chosen  # noqa: B018


def test_the_present_input_is_placed_from_what_was_recorded_anyway(
    view: Any, patterns: Patterns, rows: list[Any], live: nw.LiveModel
) -> None:
    for number in (0, 1, 2, 40):
        (place,) = ask(view, rows[number])["places"]
        known = patterns.inputs.iloc[number]
        assert place["pattern"] == known["pattern"]
        assert (place["x"], place["y"]) == pytest.approx((known["x"], known["y"]), abs=1e-4)
        assert place["nearest"][0] == (number, known["name"])
    runs: list[object] = []
    handle = live.module.register_forward_hook(lambda *_: runs.append(None))
    try:
        ask(view, {**rows[3], **dict.fromkeys(list(rows[3])[:1], 12.5)}, top={"most": 3}, classes={})
    finally:
        handle.remove()
    assert len(runs) <= 1, "there is no second pass"


def test_members_come_with_what_their_kind_shows(view: Any, patterns: Patterns) -> None:
    number = named("a", patterns)
    about: dict[str, Any] = {"layer": 0, "pattern": number, "narrowed": {}, "most": 4}
    answer, _ = Page(view).say("atlas", seq=5, want="members", **about)
    assert "error" not in answer, answer
    own = patterns.members(number)
    assert answer["total"] == len(own)
    assert [row["document"] for row in answer["typical"]] == own["document"].tolist()[:4]
    assert answer["typical"][0]["cells"].keys() == {column["name"] for column in answer["columns"]}
    wide, _ = Page(view).say("atlas", seq=6, want="members", **{**about, "pattern": None, "narrowed": {"label": "c"}})
    assert wide["total"] == INPUTS // 6
    alone, _ = Page(view).say("atlas", seq=7, want="members", documents=[11])
    assert [row["document"] for row in alone["typical"]] == [11]
    for wrong in ({**about, "pattern": "x"}, {**about, "narrowed": {"label": 3}}, {"documents": "all"}):
        refused, _ = Page(view).say("atlas", seq=8, want="members", **wrong)
        assert refused["error"]


def test_a_member_opens_in_the_editor(view: Any, rows: list[Any]) -> None:
    view.member = 13
    assert view.input == pytest.approx(rows[13])


def test_two_layers_stand_side_by_side_with_what_flows_between_them(
    patterns: Patterns, live: nw.LiveModel, responses: Any, rows: list[Any]
) -> None:
    second = nw.patterns(live, responses, OTHER, bootstraps=2, nulls=0)
    view = nw.PatternView(patterns, live, flow=second)
    info = view.patterns_info
    assert [layer["site"] for layer in info["layers"]] == [SITE, OTHER]
    assert sum(inputs for _, _, inputs in info["flow"]) == len(rows)
    assert [place["site"] for place in ask(view, rows[0])["places"]] == [SITE, OTHER]
    start, end, inputs = max(info["flow"], key=lambda one: one[2])
    view.pattern, view.narrowed = start, {"to": end}
    assert len(view.chosen) == inputs
    view.close()


def test_without_a_model_it_is_the_same_view(patterns: Patterns, live: nw.LiveModel) -> None:
    view, beside = nw.PatternView(patterns), nw.PatternView(patterns, live)
    assert isinstance(beside, nw.PatternView)
    assert [hasattr(one, "input") for one in (view, beside)] == [False, True]
    assert view.patterns_info == beside.patterns_info
    assert view.table().equals(patterns.table())
    answer, _ = Page(view).say("atlas", seq=1, want="members", documents=[0])
    assert answer["typical"][0]["cells"]
    read = nw.PatternView(Patterns.from_json(patterns.to_json()))
    assert read.patterns_info == view.patterns_info
    for one in (view, beside, read):
        one.close()


def test_the_explorer_shows_where_its_input_lies(patterns: Patterns, live: nw.LiveModel, rows: list[Any]) -> None:
    explorer = nw.explore(live, rows[0], patterns=patterns)
    assert len(json.dumps(explorer.patterns_info)) < 3_000
    assert ask(explorer, rows[1])["places"][0]["nearest"][0][0] == 1
    explorer.member = 5
    assert explorer.input == pytest.approx(rows[5])
    bare = nw.explore(live, rows[0])
    wanted = {"top": {"most": 1}, "pattern": {"nearest": 1}}
    message, _ = Page(bare).ask(1, {"kind": "table", "row": rows[0]}, unit=None, parts=wanted)
    assert "pattern" not in message["parts"]
    bare.patterns = patterns
    assert bare.patterns_info == explorer.patterns_info
    for one in (explorer, bare):
        one.close()


def test_the_explorer_begins_at_the_site_of_its_patterns(live: nw.LiveModel, responses: Any, rows: list[Any]) -> None:
    further = nw.patterns(live, responses, OTHER, bootstraps=2, nulls=0)
    opened = {
        OTHER: nw.explore(live, rows[0], patterns=further),
        SITE: nw.explore(live, rows[0], patterns=further, site=SITE),
        live.sites.defaults[0].name: nw.explore(live, rows[0]),
    }
    for site, explorer in opened.items():
        assert explorer.site == explorer.unit.site == site
        explorer.close()


def test_a_saved_notebook_has_verdict_figures_map_and_members(patterns: Patterns) -> None:
    saved = saved_patterns([patterns])
    assert patterns.verdict in saved.words
    picture = "".join(saved.parts)
    assert "<img src=" in picture
    assert "noise" in picture
    assert "<script" not in picture


def painted(image: str) -> Any:
    """The pixels of a PNG in HTML, [height, width, 3]; of one with a palette."""
    png = base64.b64decode(image.partition("base64,")[2].partition('"')[0])
    chunks, at = {}, 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        chunks[png[at + 4 : at + 8]] = png[at + 8 : at + 8 + length]
        at += 12 + length
    width, height = (int.from_bytes(chunks[b"IHDR"][start : start + 4], "big") for start in (0, 4))
    cells = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + width)[:, 1:]
    return np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)[cells]


def test_a_saved_map_has_the_hues_of_the_live_one() -> None:
    """Pattern 0 lies at the left, pattern 1 at the right; each has its sign at its row."""
    saved = "".join(saved_patterns([made_up()]).parts)
    map_, *signs = [part for part in saved.split("<img ")[1:] if "base64" in part]
    pixels = painted(map_)
    width = pixels.shape[1]
    for pattern, hue in enumerate(HUES["light"][:2]):
        is_it = (pixels == [int(hue[start : start + 2], 16) for start in (1, 3, 5)]).all(2)
        columns = np.nonzero(is_it)[1]
        assert len(columns) > 20
        assert (columns < width / 4).all() if pattern == 0 else (columns > width * 3 / 4).all()
        there = (painted(signs[pattern]) == pixels[is_it][0]).all(2)
        assert there.sum() > 20
    assert made_up()._repr_html_().count("<img ") == 1


def test_texts_are_shaded_by_the_unit_that_marks_their_pattern() -> None:
    live = nw.demo("code")
    kinds = ["# {0} is all", "{0} = [1, 2, 3]", "import {0}", 'print("{0}")', "def {0}(self):", "        {0} += 1"]
    texts = [kind.format(name) for kind in kinds for name in ("ab", "cd", "ef", "gh", "ij", "kl", "mn", "op")]
    found = nw.patterns(live, texts, "mlp.1", bootstraps=2, nulls=0)
    view = nw.PatternView(found, live)
    number = int(found.table()["pattern"].iloc[0])
    about: dict[str, Any] = {"layer": 0, "pattern": number, "narrowed": {}, "most": 3}
    answer, buffers = Page(view).say("atlas", seq=1, want="members", **about)
    assert "error" not in answer, answer
    shades = decode(answer, buffers)["shades"]
    first = answer["typical"][0]
    expected = live.record(texts[first["document"]], sites=["mlp.1"])["mlp.1"][:, int(answer["unit"].split(":")[1])]
    np.testing.assert_allclose(shades[: len(first["pieces"])], expected, rtol=1e-4, atol=1e-5)
    assert "".join(first["pieces"]) == texts[first["document"]]
    view.close()
    # In a saved notebook each has a line of its own.
    saved = "".join(saved_patterns([found]).parts)
    own = found.inputs.loc[found.inputs["pattern"] == number].sort_values("membership", ascending=False, kind="stable")
    for document in own["document"].head(6):
        assert f">{html.escape(texts[document])}</div>" in saved
