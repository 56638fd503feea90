"""The grid of exemplars and the questions to an atlas, from Python's side."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.stream.frame import decode
from neuronwidget.widgets.answers import document as atlas_document
from neuronwidget.widgets.answers.document import locate
from neuronwidget.widgets.frames.kinds.document_text import AROUND

DEAD, SIGNED, LETTER = "dense.0:0", "dense.0:1", "dense.0:2"


class Letters(nn.Module):
    """Units that are functions of the letter: one is dead, one has both signs, one likes "e", one its number."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(128, 4)
        self.dense = nn.Linear(4, 4)
        values = torch.zeros(128, 4)
        values[:, 1] = torch.arange(128) - 100.0
        values[ord("e"), 2] = 3.0
        values[:, 3] = torch.arange(128) / 10
        self.embed.weight.data = values
        self.dense.weight.data, self.dense.bias.data = torch.eye(4), torch.zeros(4)

    def forward(self, ids: Tensor) -> Tensor:
        return self.dense(self.embed(ids))


TEXTS = [
    "the quick 😀 brown fox\njumps over",
    "a lazy dog, a lazy cat",
    "where were we, here or there?",
    "no such letter",
]


def encode(text: str) -> list[int]:
    return [min(ord(c), 127) for c in text]


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    inputs = nw.TextInputs(encode, lambda ids: "".join(map(chr, ids)), context=64)
    return nw.attach(Letters().eval(), inputs=inputs)


@pytest.fixture(scope="module")
def atlas(live: nw.LiveModel, tmp_path_factory: pytest.TempPathFactory) -> nw.Atlas:
    return nw.scan(live, TEXTS, sites=["dense.0"], out=tmp_path_factory.mktemp("atlas"), progress=False)


Ask = Callable[..., dict[str, Any]]


def questions(grid: Any) -> Ask:
    """Ask as the page does; answers come with their arrays by name."""
    answers: Queue[tuple[dict[str, Any], list[bytes]]] = Queue()
    grid.send = lambda content, buffers=None: answers.put((content, buffers or []))

    def ask(want: str, **about: Any) -> dict[str, Any]:
        grid._receive(grid, {"v": 2, "kind": "atlas", "seq": 7, "want": want, **about}, [])
        content, buffers = answers.get()
        assert (content["kind"], content["seq"], content["want"]) == ("atlas", 7, want)
        return {**content, "data": decode(content, buffers) if "error" not in content else {}}

    return ask


@pytest.fixture
def grid(atlas: nw.Atlas) -> Iterator[nw.ExemplarGrid]:
    made = nw.ExemplarGrid(atlas, unit=LETTER)
    yield made
    made.close()


def test_all_pages_together_are_the_exemplars(atlas: nw.Atlas, grid: nw.ExemplarGrid) -> None:
    ask = questions(grid)
    for group in ("top", "bottom", "intervals", "quantiles"):
        expected = atlas.exemplars(SIGNED, group=group)
        rows, shades = [], []
        while True:
            page = ask("exemplars", unit=SIGNED, group=group, first=len(rows), count=2)
            at = 0
            for row in page["rows"]:
                shades.append(page["data"]["values"][at : at + row["values"]])
                at += row["values"]
            rows += page["rows"]
            if not page["rows"]:
                break
        assert page["total"] == len(rows) == len(expected) == page["groups"][group]
        table = atlas.exemplars(SIGNED)
        assert sorted(row["key"] for row in rows) == sorted(table.index[table["group"] == group])
        for row, values in zip(rows, shades, strict=True):
            there = table.loc[row["key"]]
            assert row["value"] == pytest.approx(there["value"])
            assert row["pieces"] == list(there["pieces"])
            np.testing.assert_array_equal(values, np.asarray(there["values"], np.float32))
            assert there["pieces"][row["peak"]] == TEXTS[row["document"]][row["position"]]


def test_strata_hold_what_they_say(grid: nw.ExemplarGrid) -> None:
    ask = questions(grid)
    for group in ("intervals", "quantiles"):
        page = ask("exemplars", unit=SIGNED, group=group, first=0, count=100)
        places = []
        for stratum in page["strata"]:
            inside = page["rows"][stratum["first"] : stratum["first"] + stratum["count"]]
            places += [row["key"] for row in inside]
            for row in inside:
                assert row["stratum"] == stratum["stratum"]
                assert stratum["low"] - 1e-4 <= row["value"] <= stratum["high"] + 1e-4
        assert places == [row["key"] for row in page["rows"]], "every row lies in one stratum"
        numbers = [stratum["stratum"] for stratum in page["strata"]]
        assert numbers == sorted(numbers, reverse=True), "the strongest first"
    assert ask("exemplars", unit=SIGNED, group="top", first=0, count=9)["strata"] == []


def test_colours_are_those_of_the_whole_data_set(grid: nw.ExemplarGrid) -> None:
    ask = questions(grid)
    signed = ask("exemplars", unit=SIGNED, group="top", first=0, count=1)["scale"]
    assert signed["signed"]
    assert signed["lo"] == -signed["hi"] <= -90
    letter = ask("exemplars", unit=LETTER, group="quantiles", first=0, count=1)["scale"]
    assert (letter["lo"], letter["hi"], letter["signed"]) == (0.0, 3.0, False)


def test_a_silent_unit_says_its_state(grid: nw.ExemplarGrid) -> None:
    page = questions(grid)("exemplars", unit=DEAD, group="top", first=0, count=9)
    assert page["state"] in ("dead", "not seen")
    assert page["seen"] == sum(map(len, TEXTS))
    assert page["total"] == 0 == page["groups"]["top"]


@pytest.mark.parametrize("with_model", [False, True])
def test_the_document_and_where_the_token_stands(atlas: nw.Atlas, live: nw.LiveModel, with_model: bool) -> None:
    grid = nw.ExemplarGrid(atlas, unit=LETTER, live=live if with_model else None)
    ask = questions(grid)
    for key, row in atlas.exemplars(LETTER, group="top").iterrows():
        found = ask("document", unit=LETTER, key=key)
        text = TEXTS[row["document"]]
        assert (found["text"], found["id"], found["cut"]) == (text, row["id"], [0, len(text), len(text)])
        wide = text.encode("utf-16-le")
        spans = found["data"]["spans"]
        shown = [wide[2 * a : 2 * b].decode("utf-16-le") for a, b in spans]
        assert shown == list(row["pieces"])
        before = wide[: 2 * spans[row["peak"]][0]].decode("utf-16-le")
        assert len(before) == row["position"]
    grid.close()


def test_of_places_that_read_alike_the_nearest_is_taken() -> None:
    text = "a cat, a cat, a cat"
    for first in (0, 7, 14):
        assert locate(text, list("a cat"), first, len(text))[0] == (first, first + 1)
    assert locate(text, ["�", "x"], 0, len(text)) == []
    assert locate(text, [], 0, len(text)) == []


def test_of_a_very_long_document_the_part_around_is_sent(
    live: nw.LiveModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atlas_document, "MOST_TEXT", 300)
    filler = "😀 no such thing " * 50
    texts = [filler + "e" + filler]
    atlas = nw.scan(live, texts, sites=["dense.0"], out=tmp_path / "long", progress=False)
    found = questions(nw.ExemplarGrid(atlas, LETTER))("document", unit=LETTER, key=0)
    row = atlas.exemplars(LETTER).loc[0]
    begin, end, total = found["cut"]
    assert (end - begin, total) == (300, len(texts[0]))
    assert found["text"] == texts[0][begin:end]
    start, stop = found["data"]["spans"][row["peak"]]
    assert found["text"].encode("utf-16-le")[2 * start : 2 * stop].decode("utf-16-le") == "e"


def test_what_cannot_be_answered_is_said(grid: nw.ExemplarGrid) -> None:
    ask = questions(grid)
    for want, about, words in (
        ("riddle", {}, "not 'riddle'"),
        ("exemplars", {"unit": "dense.7:1", "group": "top", "first": 0, "count": 9}, "dense.7"),
        ("exemplars", {"unit": "dense.0:99", "group": "top", "first": 0, "count": 9}, "0 to 3"),
        ("exemplars", {"unit": 5, "group": "top", "first": 0, "count": 9}, "a unit's name"),
        ("exemplars", {"unit": LETTER, "group": "middle", "first": 0, "count": 9}, "middle"),
        ("exemplars", {"unit": LETTER, "group": "top", "first": "x", "count": 9}, "whole number"),
        ("document", {"unit": LETTER, "key": 999}, "no number 999"),
        ("use", {"unit": LETTER, "key": -1}, "no number -1"),
    ):
        answer = ask(want, **about)
        assert words in answer["error"], answer
        assert grid.last_error is not None


def test_what_is_picked_in_the_page_is_a_table_here(atlas: nw.Atlas, grid: nw.ExemplarGrid) -> None:
    assert len(grid.selected) == 0
    grid._receive(grid, {"v": 2, "kind": "set", "changes": {"picked": [2, 0]}}, [])
    table = atlas.exemplars(LETTER)
    assert grid.selected["text"].tolist() == table.loc[[2, 0]]["text"].tolist()
    with pytest.raises(TraitError, match="no row 999"):
        grid.picked = [999]
    grid.unit = SIGNED
    assert grid.picked == []
    assert list(grid.table().columns) == list(table.columns)


def test_what_is_picked_beside_an_explorer_is_a_table_here(atlas: nw.Atlas, live: nw.LiveModel) -> None:
    explorer = nw.explore(live, "here", unit=SIGNED, atlas=atlas)
    explorer._receive(explorer, {"v": 2, "kind": "set", "changes": {"unit": LETTER, "picked": [2, 0]}}, [])
    assert (str(explorer.unit), explorer.picked) == (LETTER, [2, 0]), "the page may be a unit ahead"
    table = atlas.exemplars(LETTER)
    assert explorer.selected["text"].tolist() == table.loc[[2, 0]]["text"].tolist()
    explorer._receive(explorer, {"v": 2, "kind": "set", "changes": {"unit": LETTER, "picked": [1]}}, [])
    assert explorer.picked == [1]
    with pytest.raises(TraitError, match="no row 999"):
        explorer.picked = [999]
    explorer.shown = {"group": "intervals"}
    assert explorer.shown == {"group": "intervals", "context": "full"}
    explorer.unit = "embed:1"
    assert explorer.picked == []
    with pytest.raises(TraitError, match="embed:1 has 0 exemplars"):
        explorer.picked = [0]
    explorer.close()


def test_units_and_views_are_checked(atlas: nw.Atlas, grid: nw.ExemplarGrid, live: nw.LiveModel) -> None:
    grid.unit = ("dense.0", 3)
    assert grid.unit == nw.Unit("dense.0", 3)
    with pytest.raises(TraitError, match="0 to 3"):
        grid.unit = "dense.0:4"
    with pytest.raises(TraitError, match="one of top"):
        grid.shown = {"group": "best"}
    grid.shown = {"context": 5}
    assert grid.shown == {"group": "top", "context": "5"}
    with pytest.raises(TypeError, match="not an atlas"):
        nw.ExemplarGrid("atlas/")
    with pytest.raises(TypeError, match="neither a live model"):
        nw.ExemplarGrid(atlas, live="code")
    assert nw.ExemplarGrid(atlas).unit == nw.Unit("dense.0", 0)


def test_a_linked_view_shares_the_unit_and_takes_what_is_used(atlas: nw.Atlas, live: nw.LiveModel) -> None:
    explorer = nw.explore(live, "here", unit=SIGNED)
    grid = nw.ExemplarGrid(atlas, live=explorer)
    assert grid.unit == explorer.unit == nw.Unit("dense.0", 1)
    grid.unit = LETTER
    assert explorer.unit == nw.Unit("dense.0", 2)
    explorer.unit = SIGNED
    assert grid.unit == nw.Unit("dense.0", 1)
    heard: list[str] = []
    grid.on_use(lambda row: heard.append(row["text"]))
    assert questions(grid)("use", unit=SIGNED, key=1)["to"] == "the linked view"
    text = atlas.exemplars(SIGNED).loc[1]["text"]
    assert explorer.input == text == grid.used["text"]
    assert heard == [text]
    document = TEXTS[atlas.exemplars(SIGNED).loc[1]["document"]]
    questions(grid)("use", unit=SIGNED, key=1, document=True)
    assert explorer.input == document == grid.used["text"]
    assert atlas.exemplars(SIGNED).loc[1]["text"] == text, "the atlas has what it had"
    grid.close()
    explorer.unit = LETTER
    explorer.close()


def test_a_grid_alone_keeps_what_is_used(atlas: nw.Atlas, grid: nw.ExemplarGrid) -> None:
    assert questions(grid)("use", unit=LETTER, key=0)["to"] == "grid.used"
    assert grid.used["text"] == atlas.exemplars(LETTER).loc[0]["text"]


def test_a_closed_grid_says_so(atlas: nw.Atlas) -> None:
    grid = nw.ExemplarGrid(atlas, LETTER)
    said: list[dict[str, Any]] = []
    grid.send = lambda content, buffers=None: said.append(content)
    grid.close()
    grid._receive(grid, {"v": 2, "kind": "atlas", "seq": 1, "want": "exemplars"}, [])
    assert [message["kind"] for message in said] == ["closed", "closed"]
    with pytest.raises(RuntimeError, match="closed"):
        grid.table()


def test_an_explorer_answers_on_the_worker_of_its_model(atlas: nw.Atlas, live: nw.LiveModel) -> None:
    explorer = nw.explore(live, "here", unit=LETTER, atlas=atlas)
    assert explorer.atlas is atlas
    answered: list[tuple[dict[str, Any], str]] = []
    both = threading.Event()

    def hear(content: dict[str, Any], buffers: Any = None) -> None:
        answered.append((content, threading.current_thread().name))
        if len(answered) == 2:
            both.set()

    explorer.send = hear
    about = {"v": 2, "kind": "atlas", "want": "exemplars", "unit": LETTER, "first": 0, "count": 5}
    explorer._receive(explorer, {**about, "seq": 1, "group": "top"}, [])
    explorer._receive(explorer, {**about, "seq": 2, "group": "quantiles"}, [])
    both.wait()
    assert [content["group"] for content, _ in answered] == ["top", "quantiles"], "none is dropped"
    assert {name for _, name in answered} == {f"neuronwidget: {live.name}"}
    explorer.close()


@pytest.mark.parametrize("with_model", [False, True])
def test_a_grid_never_answers_on_the_thread_that_asks(atlas: nw.Atlas, live: nw.LiveModel, with_model: bool) -> None:
    grid = nw.ExemplarGrid(atlas, LETTER, live=live if with_model else None)
    answered: Queue[str] = Queue()
    grid.send = lambda content, buffers=None: answered.put(threading.current_thread().name)
    about = {"v": 2, "kind": "atlas", "want": "exemplars", "unit": LETTER, "first": 0, "count": 5, "group": "top"}
    grid._receive(grid, {**about, "seq": 1}, [])
    assert answered.get() == (f"neuronwidget: {live.name}" if with_model else "neuronwidget: atlas")
    grid.close()


def test_a_view_without_an_atlas_says_so(live: nw.LiveModel) -> None:
    explorer = nw.explore(live, "here", unit=LETTER)
    said: list[dict[str, Any]] = []
    done = threading.Event()
    explorer.send = lambda content, buffers=None: (said.append(content), done.set())
    explorer._receive(explorer, {"v": 2, "kind": "atlas", "seq": 3, "want": "exemplars"}, [])
    done.wait()
    assert (said[0]["seq"], said[0]["error"]) == (3, "This view has no atlas.")
    explorer.send = lambda content, buffers=None: None
    explorer.close()


# ---- what stands around an exemplar --------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["top", "intervals"])
def test_texts_come_with_what_stands_around_them(live: nw.LiveModel, group: str, tmp_path: Path) -> None:
    texts = ["x" * 300 + "e" + "y" * 400, "no e " * 40, "<b>é</b> e" + "\n" * 50]
    long = nw.scan(live, texts, sites=["dense.0"], out=tmp_path / "atlas", progress=False)
    ask = questions(nw.ExemplarGrid(long, unit=LETTER))
    answer = ask("exemplars", unit=LETTER, group=group, first=0, count=50)
    assert len(answer["around"]) == len(answer["rows"]) > 0
    for row, (before, behind) in zip(answer["rows"], answer["around"], strict=True):
        text, first = long.document(row["document"])["text"], row["position"] - row["peak"]
        end = first + len(row["pieces"])
        assert text[first:end] == "".join(row["pieces"])
        assert (before, behind) == (text[max(0, first - AROUND) : first], text[end : end + AROUND])


def words(text: str) -> list[str]:
    return re.findall(r" ?\w+", text)


@pytest.mark.parametrize("beside", [False, True])
def test_what_stands_around_is_told_only_where_it_is_sure(beside: bool, tmp_path: Path) -> None:
    """Tokens that stand in several places of a document: which of them is meant, only a live model can tell."""
    known: dict[str, int] = {}
    inputs = nw.TextInputs(
        lambda text: [known.setdefault(word, 33 + len(known)) for word in words(text)],
        lambda ids: "".join(word for number in ids for word, i in known.items() if i == number),
        sample="the quick brown fox jumps over a lazy dog and",
    )
    model = nw.attach(Letters().eval(), inputs=inputs)
    text = "one two three " * 30 + "end"
    made = nw.scan(model, [text], sites=["dense.0"], out=tmp_path / "atlas", progress=False)
    unit = "dense.0:3"  # each token's number: the last one is the largest
    ask = questions(nw.ExemplarGrid(made, unit=unit, live=model if beside else None))
    (row,) = ask("exemplars", unit=unit, group="top", first=0, count=9)["rows"]
    answer = ask("exemplars", unit=unit, group="top", first=0, count=9)
    assert row["pieces"][row["peak"]].strip() == "end"
    shown = "".join(row["pieces"])
    assert answer["around"][0] == [text[: -len(shown)][-AROUND:], ""], "it stands in one place only"
    low = ask("exemplars", unit=unit, group="intervals", first=0, count=9)
    for row, (before, behind) in zip(low["rows"], low["around"], strict=True):
        first, pieces = row["position"] - row["peak"], row["pieces"]
        several = text.count("".join(pieces)) > 1
        if several and not beside:
            assert (before, behind) == ("", "")
        else:
            head = "".join(words(text)[:first])
            assert (before, behind) == (head[-AROUND:], text[len(head) + len("".join(pieces)) :][:AROUND])
