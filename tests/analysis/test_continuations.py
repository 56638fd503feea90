"""Continuations with edits and without: side by side, at equal length, drawn alike."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import torch

import neuronwidget as nw
from neuronwidget.analysis.cause.continuations import Continuations
from tests.live.test_edits import attached, double

SILENT = nw.Edit("mlp.1", torch.zeros_like)


@pytest.fixture(scope="module")
def live() -> Any:
    return attached("text")


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_both_are_what_each_model_says_alone(live: Any, temperature: float) -> None:
    both = nw.continuations(live, "def f(", [SILENT], tokens=20, seed=3, temperature=temperature)
    for made, edits in ((both.plain, []), (both.edited, [SILENT])):
        assert made == live.generate("def f(", 20, 3, temperature, edits=edits)
    table = both.table()
    assert table["differs"].tolist() == [
        a.id != b.id for a, b in zip(both.plain.tokens, both.edited.tokens, strict=True)
    ]
    assert both.differ == table.index[table["differs"]].tolist()
    assert both.differ
    first = both.differ[0]
    assert f"{len(both.differ)} of 20 tokens are others, from token {first + 1} on" in both.verdict


def test_an_edit_that_changes_nothing_changes_no_draw(live: Any) -> None:
    same = nw.Edit("mlp.1", lambda rows: rows)
    both = nw.continuations(live, "def f(", [same], tokens=20, temperature=1.5)
    assert both.plain.tokens == both.edited.tokens
    assert both.verdict == f"With {same} the model says the same 20 tokens."


def test_edits_that_are_on_already_act_in_both(live: Any) -> None:
    first = live.edited(nw.Edit("mlp.1", double))
    both = nw.continuations(first, "def f(", [SILENT], tokens=8)
    assert both.plain == first.generate("def f(", 8)
    assert both.edited == first.generate("def f(", 8, edits=[SILENT])
    assert len(both.provenance.edits) == 2


def test_the_one_that_ends_first_waits_for_the_other(live: Any) -> None:
    ended = attached("text", live.module)
    plain = ended.generate("def f(", 12).tokens
    ended.ends = frozenset([plain[0].id])
    both = nw.continuations(ended, "def f(", [SILENT], tokens=12)
    assert len(both.plain.tokens) == len(both.edited.tokens)
    assert both.plain.tokens[0].ends
    assert ended.generate("def f(", 12).tokens == both.plain.tokens[:1]
    if any(token.ends for token in both.edited.tokens):
        assert both.plain.ended == "end"
        assert sum(any(t.ends for t in made.tokens[:-1]) for made in (both.plain, both.edited)) < 2
    else:
        assert len(both.edited.tokens) == 12


def test_tokens_come_in_pairs_and_it_can_be_stopped(live: Any) -> None:
    seen: list[Any] = []
    both = nw.continuations(
        live, "def f(", [SILENT], tokens=12, on_tokens=lambda *pair: seen.append(pair), overtaken=lambda: len(seen) > 3
    )
    assert both.plain.ended == both.edited.ended == "stopped"
    assert list(zip(both.plain.tokens, both.edited.tokens, strict=True)) == seen
    assert len(seen) == 4


def test_it_comes_back_from_json_and_shows_itself(live: Any) -> None:
    pytest.importorskip("altair")
    both = nw.continuations(live, "x = '<b>", [SILENT], tokens=6, seed=4, temperature=0.5)
    again = Continuations.from_json(both.to_json())
    assert again.to_json() == both.to_json()
    assert (again.plain, again.edited, again.verdict) == (both.plain, both.edited, both.verdict)
    pd.testing.assert_frame_equal(again.table(), both.table())
    assert both.provenance.seed == 4
    assert both.provenance.edits == (str(SILENT),)
    assert len(next(iter(both.chart().to_dict()["datasets"].values()))) == 12
    html = both._repr_html_()
    assert "x = &#x27;&lt;b&gt;" in html
    assert "<b>&#" not in html.replace("<b><span", "")
