"""Long questions of the page: what drives a unit or the output, and which place carries a difference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuronwidget as nw
from neuronwidget.stream.protocol.shared import STUDIES as NAMES
from neuronwidget.widgets.studies import studies
from neuronwidget.widgets.studies.studies import STUDIES
from tests.analysis.planted_streams import Planted, attached
from tests.analysis.test_attribution import PICTURE, ROW, column, corner
from tests.analysis.test_concepts import text_model
from tests.analysis.test_concepts import texts as letters
from tests.golden.make import Page
from tests.planted.context_model import model, texts
from tests.widgets.queued import Queued

__all__ = ["column", "corner"]
READS = "hgfeahghghgfaghg"
OFF = {"edit": "scale", "unit": "mlp.1:0", "factor": 0}


@pytest.fixture(scope="module")
def live() -> Any:
    """Its output at each letter follows from the letter three positions before."""
    return attached(Planted(carries=3))


@pytest.fixture
def page(live: Any) -> Iterator[Page]:
    made = Page(nw.explore(live, READS))
    yield made
    made.widget.close()


def study(page: Page, question: str, of: int = 1, **about: Any) -> list[dict[str, Any]]:
    """All that is answered to a question."""
    before = len(page.heard)
    page.say("study", seq=2, of=of, question=question, **about)
    return [content for content, _ in page.heard[before:]]


def test_every_question_that_the_wire_names_is_answered() -> None:
    assert tuple(STUDIES) == NAMES


def test_a_preview_comes_first_and_then_the_checked_answer(live: Any, page: Page) -> None:
    page.ask(1, READS, focus=len(READS), site="mlp.1", unit="mlp.1:0", token=15)
    preview, *_, found = study(page, "attribution", target="unit")
    assert (preview["result"]["method"], preview["done"] < preview["total"]) == ("gradient", True)
    assert "not checked" in preview["result"]["verdict"]
    assert (found["result"]["method"], found["done"], found["total"], found["problem"]) == ("occlusion", 1, 1, None)
    for one in (preview, found):
        effects = np.array(one["result"]["effects"])
        assert len(effects) == len(READS)
        assert int(effects.argmax()) == 12
    expected = nw.attribution(live, READS, "mlp.1:0", position=15)
    assert found["result"]["effects"] == pytest.approx(expected.effects["effect"].tolist())
    assert found["result"]["verdict"] == expected.verdict


def test_the_output_is_that_of_the_token_that_is_spoken_of(live: Any, page: Page) -> None:
    page.ask(1, READS, focus=0, token=7)
    found = study(page, "attribution", target="output")[-1]["result"]
    expected = nw.attribution(live, READS[:8])
    assert found["target"] == expected.target
    assert found["effects"] == pytest.approx([*expected.effects["effect"], *[0.0] * 8])
    assert int(np.abs(found["effects"]).argmax()) == 4


def test_edits_that_are_shown_act(live: Any, page: Page) -> None:
    silent = [{"edit": "scale", "unit": f"mlp.1:{unit}", "factor": 0} for unit in range(2)]
    page.ask(1, READS, focus=0, token=15, edits=silent)
    (found,) = [one for one in study(page, "attribution", target="output") if one["result"]]
    assert found["result"]["method"] == "occlusion", "gradients do not pass through edits"
    assert max(map(abs, found["result"]["effects"])) < 1e-5


def test_patches_of_a_picture_lie_on_their_grid_and_columns_have_names(corner: Any, column: Any) -> None:
    rgb = np.repeat(PICTURE[..., None], 3, axis=2)
    picture = Page(nw.explore(corner, rgb))
    picture.ask(1, {"kind": "image", "width": 16, "height": 16}, (rgb.tobytes(),), unit="dense.0:1", site="dense.0")
    found = study(picture, "attribution", target="unit")[-1]["result"]
    assert (found["grid"], found["parts"]) == ([8, 8], "patches")
    assert set(np.argsort(found["effects"])[-4:].tolist()) == {0, 1, 8, 9}
    row = Page(nw.explore(column, ROW))
    row.ask(1, {"kind": "table", "row": ROW}, site="dense.0")
    found = study(row, "attribution", target="output")[-1]["result"]
    assert found["names"][int(np.argmax(found["effects"]))] == "c"
    picture.widget.close()
    row.widget.close()


def test_the_grid_says_where_the_difference_between_the_inputs_is_carried() -> None:
    live, now, other = attached(Planted(carries=2)), "gfehgh", "gfeagh"
    page = Page(nw.explore(live, now))
    page.ask(1, now, focus=6, beside={"kind": "text", "text": other, "focus": 0})
    found = study(page, "grid", sites="resid")[-1]["result"]
    rows = {row["site"]: row["values"] for row in found["rows"]}
    expected = nw.patch_grid(live, other, now)
    cells = [value for values in rows.values() for value in values]
    assert cells == pytest.approx(expected.cells["recovered"].tolist(), abs=1e-5)
    assert {site: int(np.argmax(values)) for site, values in rows.items()} == {"resid.0": 3, "resid.1": 5, "resid.2": 5}
    assert found["verdict"] == expected.verdict
    page.widget.close()


@pytest.mark.parametrize(
    ("question", "about", "words"),
    [
        ("attribution", {"target": "unit"}, "No unit is chosen"),
        ("attribution", {"target": "everything"}, "one of unit, output"),
        ("grid", {"sites": "resid"}, "no other input"),
        ("grid", {"sites": 3}, "a kind of site"),
    ],
)
def test_what_cannot_be_asked_is_said(page: Page, question: str, about: dict[str, Any], words: str) -> None:
    page.ask(1, READS, focus=0)
    (answer,) = study(page, question, **about)
    assert answer["kind"] == "study"
    assert words in answer["problem"]
    assert answer["result"] is None


def test_inputs_of_other_lengths_have_no_grid_and_it_says_why(page: Page) -> None:
    page.ask(1, READS, focus=0, beside={"kind": "text", "text": "abc", "focus": 0})
    (answer,) = study(page, "grid", sites="resid")
    assert "must have as many" in answer["problem"]


def test_a_frame_of_something_else_ends_it_and_one_of_the_same_does_not(live: Any) -> None:
    page = Queued(nw.explore(live, READS))
    about: dict[str, Any] = {"of": 1, "question": "attribution", "target": "unit"}
    page.show(1, READS, unit="mlp.1:0", edits=[])
    page.say_nothing("study", seq=2, **about)
    page.work(5)
    page.show(3, READS, unit="mlp.1:0", edits=[], parts={"trace": {}, "overview": {"width": 9}})
    found = page.work()[-1]
    expected = nw.attribution(live, READS, "mlp.1:0")
    assert (found["seq"], found["result"]["verdict"]) == (2, expected.verdict), "another part of it is looked at"
    changes: list[dict[str, Any]] = [{"text": READS + "a"}, {"unit": "mlp.1:1"}, {"edits": [OFF]}]
    for seq, change in enumerate(changes):
        page.show(seq, READS, unit="mlp.1:0", edits=[])
        page.say_nothing("study", seq=9, **{**about, "of": seq})
        page.work(3)
        page.show(seq, **{"text": READS, "unit": "mlp.1:0", "edits": [], **change})
        assert page.heard[-1][0] == {"v": 2, "kind": "overtaken", "seq": 9}, change
        assert page.work() == []
    page.widget.close()


def test_a_stop_ends_it_and_old_frames_get_no_answer(page: Page) -> None:
    page.ask(1, READS, focus=len(READS))
    assert study(page, "attribution", of=7, target="output") == [{"v": 2, "kind": "overtaken", "seq": 2}]
    queued = Queued(page.widget)
    queued.say_nothing("study", seq=2, of=1, question="grid", sites="resid")
    queued.say_nothing("study", seq=3, of=1, question="attribution", target="output")
    queued.say_nothing("stop", seq=3)
    stopped, *_ = [answer for answer in queued.work() if answer["seq"] == 3]
    assert (stopped["done"], stopped["total"], stopped["result"], stopped["problem"]) == (1, 1, None, None)
    queued.say_nothing("stop", seq=3)
    assert queued.work() == [], "nothing is left to stop"


def test_the_newest_of_a_name_takes_the_place_of_an_older_one(page: Page) -> None:
    page.ask(1, READS, focus=len(READS))
    queued = Queued(page.widget)
    for seq in (2, 3):
        queued.say_nothing("study", seq=seq, of=1, question="attribution", target="output")
        queued.work(4)
    queued.work()
    finished = [content["seq"] for content, _ in queued.heard if content["kind"] == "study" and content["done"] == 1]
    assert finished == [3]


def test_what_a_unit_reads_is_told_of_the_atlas_and_at_each_token_shown(tmp_path: Path) -> None:
    live = model(12, 3, 1)
    data = texts(12, 30, 40, 0)
    atlas = nw.scan(live, data, sites=["units"], out=tmp_path / "atlas")
    shown = "3 7 1 7 3 0 2"
    page = Page(nw.explore(live, shown, atlas=atlas, unit="units:0"))
    page.ask(1, shown, focus=0, site="units", unit="units:0")
    *course, last = study(page, "context")
    assert [one["done"] for one in course] == sorted(one["done"] for one in course)
    found, expected = last["result"], nw.context(live, atlas, "units:0", most=20_000)
    assert (found["unit"], found["said"]) == ("units:0", "units:0 reads the token.")
    assert found["verdict"] == expected.verdict
    by = expected.by.set_index("by")
    assert [one["table"] for one in found["by"]] == ["token", "bigram", "position"]
    assert [one["r2"] for one in found["by"]] == pytest.approx(
        [by["r2"][one["table"]] for one in found["by"]], abs=0.006
    )
    told = np.array(found["told"])
    actual = live.record(shown, sites=["units"])["units"][:, 0].numpy()
    assert told.shape == (3, len(actual))
    assert np.abs(told[0] - actual).max() < found["std"] / 2
    assert np.abs(told[2] - actual).max() > found["std"] / 2

    page.ask(2, "3 7", focus=0, site="units", unit="units:0", edits=[{"edit": "scale", "unit": "units:0", "factor": 0}])
    (again,) = study(page, "context", of=2)
    assert again["result"]["verdict"] == expected.verdict, "the model as it was scanned, and read once"
    assert [row[:2] for row in found["told"]] == [row[:2] for row in again["result"]["told"]]
    page.widget.close()


def test_the_concepts_of_a_unit_come_with_exemplars_of_each_and_the_units_that_follow_it(tmp_path: Path) -> None:
    live, data = text_model(), letters()
    site = next(one.name for one in live.sites if one.kind == "resid")
    atlas = nw.scan(live, data, sites=[site], out=tmp_path / "atlas")
    page = Page(nw.explore(live, "abc", atlas=atlas, unit=f"{site}:1"))
    page.ask(1, "abc", focus=0, site=site, unit=f"{site}:1")
    *_, last = study(page, "concepts")
    found, expected = last["result"], nw.concepts(live, atlas, f"{site}:1", behind=[])
    assert (found["number"], found["verdict"]) == (expected.number, expected.verdict)
    assert len(found["concepts"]) == expected.number
    behind = nw.concepts(live, atlas, f"{site}:1")
    for number, concept in enumerate(found["concepts"]):
        going = behind.followers[behind.followers["concept"] == number].query("q <= .05 and difference > 0").head(5)
        assert concept["followers"] == list(map(list, zip(going["unit"], going["auroc"].round(2), strict=True)))
        for exemplar in concept["exemplars"]:
            before, behind = exemplar["around"]
            assert any(before + exemplar["words"] + behind in text for text in data)
    page.widget.close()


@pytest.mark.parametrize("question", ["context", "concepts"])
def test_questions_about_a_unit_tell_how_far_they_are_and_go_on_where_they_were(
    question: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studies, "_OFTEN", 0.0)  # a small model is soon done
    live = text_model()
    site = next(one.name for one in live.sites if one.kind == "resid")
    atlas = nw.scan(live, letters(), sites=[site], out=tmp_path / "atlas")
    page = Queued(nw.explore(live, "abc", atlas=atlas, unit=f"{site}:1"))
    shown = {"site": site, "unit": f"{site}:1"}
    page.show(1, "abc", **shown)
    page.say_nothing("study", seq=2, of=1, question=question)
    page.work(4)
    page.say_nothing("stop", seq=2)
    page.jobs.rotate(1)
    (stopped,) = page.work()
    assert (stopped["done"], stopped["total"], stopped["result"], stopped["problem"]) == (1, 1, None, None)

    page.say_nothing("study", seq=2, of=1, question=question)
    first = page.work(6)
    page.widget._box.put("a key", "ask")
    assert page.work(3) == [], "what waits comes first"
    page.widget._box.clear()
    page.show(3, "abc", **shown, parts={"trace": {}, "overview": {"width": 9}})
    *course, last = [*first, *page.work()]
    done = [one["done"] for one in course]
    assert len(first) > 3
    assert done == sorted(done)
    assert 0 <= done[0] < done[-1] < 100
    assert {one["total"] for one in course} == {100}
    assert last["result"]["unit"] == f"{site}:1"
    page.widget.close()


@pytest.mark.parametrize("question", ["context", "concepts"])
def test_questions_to_a_data_set_say_that_there_is_none(page: Page, question: str) -> None:
    page.ask(1, READS, focus=0, site="mlp.1", unit="mlp.1:0")
    (answer,) = study(page, question)
    assert "no atlas" in answer["problem"]
    page.ask(1, READS, focus=0)
    (answer,) = study(page, question)
    assert "No unit is chosen" in answer["problem"]
