"""Searches for units beside a live view: no key waits for one, and the newest search is the one that counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.analysis.inspect.search import StoppedError
from tests.hostile.page import Page

ENDLESS = "(((((((a+)+)+)+)+)+)+)+c"
TEXT = "a" * 60 + "b"


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    return nw.demo("code")


@pytest.fixture(scope="module")
def atlas(live: nw.LiveModel, tmp_path_factory: pytest.TempPathFactory) -> nw.Atlas:
    folder = tmp_path_factory.mktemp("atlas")
    return nw.scan(live, [TEXT, "x = 1"], out=folder, sites=["mlp.0"], progress=False)


@pytest.fixture
def page(live: nw.LiveModel, atlas: nw.Atlas) -> Iterator[Page]:
    explorer = nw.explore(live, TEXT, site="mlp.0", atlas=atlas)
    yield Page(explorer)
    explorer.close()


def find(page: Page, seq: int, **about: Any) -> None:
    page.say({"v": 2, "kind": "atlas", "seq": seq, "want": "find", "count": 3, **about})


def unanswered(page: Page, seq: int) -> bool:
    return all(message.get("seq") != seq for message in page.sent)


def test_keys_and_other_questions_are_answered_while_a_pattern_searches(page: Page) -> None:
    find(page, 1, text=ENDLESS)
    for number in range(5):
        assert page.ask(f"x = {number}")["kind"] == "frame"
    page.say({"v": 2, "kind": "atlas", "seq": 2, "want": "card", "unit": "mlp.0:1"})
    assert "error" not in page.answer(2)
    assert unanswered(page, 1)
    assert "takes too long" in page.answer(1)["error"], "and in the end it is told why"


@pytest.mark.parametrize("fires", [False, True])
def test_a_newer_search_breaks_off_the_one_under_way_and_both_are_answered(page: Page, fires: bool) -> None:
    for seq in range(1, 5):
        find(page, seq, text=ENDLESS)
    find(page, 5, text="a", fires=fires)
    assert page.answer(5)["total"] > 0
    for seq in range(1, 5):
        assert "newer search" in page.answer(seq)["error"]


def test_what_fires_here_is_found_on_the_text_of_now(page: Page, live: nw.LiveModel, atlas: nw.Atlas) -> None:
    page.widget.input = "x = 12"
    find(page, 1, fires=True)
    found = nw.find_units(atlas, fires=live.record("x = 12", sites=["mlp.0"]))
    answer = page.answer(1)
    assert answer["total"] == len(found)
    assert answer["rows"][0][0] == "{}:{}".format(*found.index[0])


def test_a_text_is_looked_for_at_the_peak_or_anywhere_around_it(atlas: nw.Atlas) -> None:
    """The same in the page, in the finder's query and in Python."""
    counts = {}
    for at in ("peak", "window"):
        finder = nw.UnitFinder(atlas, query={"text": "x = 1", "at": at})
        page = Page(finder)
        find(page, 1, text="x = 1", at=at)
        found = nw.find_units(atlas, text="x = 1", at=at)
        answer = page.answer(1)
        assert answer["total"] == len(found) == len(finder.table())
        assert [row[0] for row in answer["rows"]] == [
            "{}:{}".format(*unit) for unit in found.index[: len(answer["rows"])]
        ]
        counts[at] = found["matches"].sum()
    assert counts["peak"] < counts["window"]
    assert len(nw.UnitFinder(atlas, query={"at": "window"}).table()) == len(atlas)
    with pytest.raises(TraitError, match="query\\['at'\\] is one of peak, window, not 'nowhere'"):
        nw.UnitFinder(atlas, query={"text": "x", "at": "nowhere"})


def test_python_breaks_a_search_off_when_nobody_wants_it(atlas: nw.Atlas) -> None:
    asked: list[int] = []

    def unwanted() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(StoppedError):
        nw.find_units(atlas, text=ENDLESS, unwanted=unwanted)
    assert len(asked) == 4


def test_closing_breaks_a_search_off(live: nw.LiveModel, atlas: nw.Atlas, tmp_path: Path) -> None:
    finder = nw.UnitFinder(atlas)
    page = Page(finder)
    find(page, 1, text=ENDLESS)
    thread = finder._searcher._thread
    finder.close()
    if thread is not None:
        thread.join()
    with pytest.raises(ValueError, match="at most 10,000 characters"):
        nw.find_units(atlas, text="a" * 10_001)
