"""The blind test from Python's side: what a page may know at each step, and what comes of its answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.analysis.labels.blind.rounds import Round

COLUMNS = 4


@pytest.fixture
def live() -> nw.LiveModel:
    """Unit 0 reads the first column."""
    torch.manual_seed(0)
    layer = nn.Linear(COLUMNS, 3, bias=False)
    with torch.no_grad():
        layer.weight[0] = torch.eye(COLUMNS)[0]
    module = nn.Sequential(layer, nn.Tanh(), nn.Linear(3, 2)).eval()
    return nw.attach(module, inputs=nw.TableInputs({f"c{n}": (0.0, 1.0) for n in range(COLUMNS)}, ["no", "yes"]))


def opened(live: nw.LiveModel, **settings: Any) -> nw.BlindTest:
    data = np.random.default_rng(2).random((150, COLUMNS)).astype(np.float32)
    return nw.BlindTest(live, unit="dense.0:0", data=data, by="K", **settings)


@pytest.fixture
def test(live: nw.LiveModel) -> Iterator[nw.BlindTest]:
    made = opened(live, label="much of c0")
    yield made
    made.close()


def move(test: nw.BlindTest, **fields: Any) -> None:
    """What the page sends."""
    test.set_state({"move": {"step": test.blind_info["step"], **fields}})


def answer_all(test: nw.BlindTest) -> None:
    """Every round rightly, by the page."""
    for one in test.blind.rounds:
        move(test, answer=sorted(one.truth))
        if test.blind_info["phase"] == "feedback":
            move(test)


def turned(one: Round) -> Round:
    """The same to look at, with another answer."""
    last = len(one.examples) - 1
    other = {last - next(iter(one.truth))} if one.kind == "intruder" else set(range(last + 1)) - one.truth
    examples = (replace(e, fires=not e.fires, why="", value=-e.value, values=-e.values) for e in one.examples)
    return replace(one, truth=frozenset(other), examples=tuple(examples))


@pytest.mark.parametrize("feedback", ["round", "end"])
def test_a_page_does_not_know_an_answer_before_it_was_given(live: nw.LiveModel, feedback: str) -> None:
    """Of rounds whose truth is turned round the page knows the same."""
    test, other = (opened(live, label="much of c0", feedback=feedback) for _ in range(2))
    other.blind.rounds = list(map(turned, other.blind.rounds))
    kinds = []
    for widget in (test, other):
        move(widget, label="")
    for number, one in enumerate(test.blind.rounds):
        kinds.append(one.kind)
        states = [json.dumps({**w.get_state(), "saved_as": "", "layout": ""}, default=str) for w in (test, other)]
        if number == 0 or feedback == "end":
            assert states[0] == states[1]
        told = json.loads(json.dumps(test.blind_info["round"]))
        assert set(told) == {"number", "kind", "items"}
        assert all(set(item) <= {"cells", "column"} for item in told["items"])
        for widget in (test, other):
            move(widget, answer=[0])
            if feedback == "round":
                assert widget.blind_info["round"]["truth"] == sorted(widget.blind.rounds[number].truth)
                move(widget)
    assert dict.fromkeys(kinds) == dict.fromkeys(["detection", "fuzzing", "intruder"])
    assert test.blind_info["verdict"] != other.blind_info["verdict"]
    test.close()
    other.close()


def test_answers_of_the_page_become_a_score(test: nw.BlindTest) -> None:
    assert test.blind_info["phase"] == "explain"
    assert test.blind_info["explain"] == [], "a label that was given is tested alone"
    move(test, label="")
    answer_all(test)
    info = json.loads(json.dumps(test.blind_info))
    assert (info["phase"], info["outcome"], info["missed"]) == ("end", "held up", [])
    assert info["verdict"] == test.result.verdict
    assert info["rows"][-1]["score"] == 1.0
    assert test.table()["kind"].tolist() == ["detection", "fuzzing", "intruder", "all"]
    assert test.result.rater == "K"


def test_a_key_that_is_pressed_twice_answers_once(test: nw.BlindTest) -> None:
    move(test, label="")
    step = test.blind_info["step"]
    for chosen in ([0], [1]):
        test.set_state({"move": {"step": step, "answer": chosen}})
    assert test.blind_info["phase"] == "feedback"
    assert test.blind_info["round"]["chosen"] == [0]
    assert test.blind_info["answered"] == 1


def test_a_label_is_asked_for_after_the_examples_and_the_score_is_its_evidence(
    live: nw.LiveModel, tmp_path: Path
) -> None:
    labels = nw.Labels(tmp_path / "labels.json")
    test = opened(live, labels=labels)
    info = test.blind_info
    assert info["asks"]
    assert [item["fires"] for item in info["explain"]] == [True] * 20 + [False] * 20
    move(test, label="  ")
    assert test.blind_info["phase"] == "explain"
    assert "Write what the unit fires for" in str(test.last_error)
    move(test, label="much  of c0")
    answer_all(test)
    assert labels["dense.0:0"] == "much of c0"
    (evidence,) = labels.label("dense.0:0").tests
    assert (evidence["kind"], evidence["label"], evidence["author"]) == ("blind", "much of c0", "K")
    assert labels.label("dense.0:0").mark(labels.weights) == "held up"
    assert test.blind_info["stored"] == f"Kept as evidence for the label in {labels.path}."
    test.close()


def test_rounds_that_were_made_already_are_answered_by_several_people(live: nw.LiveModel, test: nw.BlindTest) -> None:
    second = nw.BlindTest(live, blind=test.blind, label="", by="L")
    assert second.blind.rounds == test.blind.rounds
    assert (second.blind_info["asks"], test.blind.label) == (True, "much of c0")
    second.begin("little of c0")
    answer_all(second)
    assert (second.result.label, second.result.rater, test.result.answered) == ("little of c0", "L", 0)
    second.close()


def test_a_test_of_other_words_does_not_count_for_the_label(live: nw.LiveModel) -> None:
    live.labels["dense.0:0"] = "much of c0 (AUROC .99)"
    for words, mark in (("little of c1", "untested"), ("much of c0", "held up")):
        test = opened(live, label=words)
        move(test, label="")
        answer_all(test)
        assert live.labels.label("dense.0:0").mark() == mark
        assert ("It counts once dense.0:0 is called that" in test.blind_info["stored"]) == (mark == "untested")
        test.close()


def test_what_is_no_answer_is_refused_in_a_sentence(test: nw.BlindTest, live: nw.LiveModel) -> None:
    with pytest.raises(ValueError, match="No round waits for an answer"):
        test.answer([0])
    move(test, label="")
    for wrong in ("x", [99], [True], ["0"], [-1], None):
        move(test, answer=wrong)
        assert test.blind_info["answered"] == 0
    test.set_state({"blind_info": {}})
    assert test.blind_info["unit"] == "dense.0:0", "only Python says what is shown"
    with pytest.raises(TraitError, match="This test is of dense"):
        test.unit = "dense.0:1"
    with pytest.raises(ValueError, match="feedback= is one of round, end"):
        opened(live, feedback="never")
    with pytest.raises(ValueError, match="Say which unit"):
        nw.BlindTest(live)


def test_a_saved_notebook_has_the_verdict(test: nw.BlindTest) -> None:
    assert "none of" in test._repr_mimebundle_()[0]["text/plain"]
    move(test, label="")
    answer_all(test)
    assert "held up" in test._repr_mimebundle_()[0]["text/html"]


def test_a_saved_notebook_has_examples_where_a_label_is_asked_for(live: nw.LiveModel) -> None:
    test = opened(live)
    saved = test._repr_mimebundle_()[0]["text/html"]
    assert saved.index("It fires in these") < saved.index("It does not fire in these")
    assert "c0" in saved
    test.begin("much of c0")
    assert "It fires in these" not in test._repr_mimebundle_()[0]["text/html"]
    test.close()


def test_the_linked_explorer_shows_the_unit_when_the_test_is_over(live: nw.LiveModel) -> None:
    explorer = nw.explore(live, [0.5, 0.1, 0.2, 0.7], unit="dense.0:1")
    test = opened(live, label="much of c0", explorer=explorer)
    move(test, label="")
    answer_all(test)
    assert str(explorer.unit) == "dense.0:1"
    move(test)
    assert str(explorer.unit) == "dense.0:0"
    test.close()
    explorer.close()
