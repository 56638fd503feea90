"""Blind rounds from Python's side: where examples come from, what a rater is shown, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.analysis.labels.blind.blind import BlindRounds
from neuronwidget.analysis.labels.blind.example import Shown

COLUMNS = 4


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    """Unit 0 reads the first column, unit 1 falls where the second rises, unit 2 is always the same."""
    layer = nn.Linear(COLUMNS, 3)
    with torch.no_grad():
        layer.bias.zero_()
        layer.weight.copy_(torch.tensor([[1.0, 0, 0, 0], [0, -1.0, 0, 0], [0, 0, 0, 0]]))
    module = nn.Sequential(layer, nn.Tanh(), nn.Linear(3, 2)).eval()
    live = nw.attach(module, inputs=nw.TableInputs({f"c{n}": (0.0, 1.0) for n in range(COLUMNS)}, ["no", "yes"]))
    live.labels = {"dense.0:0": "the first column (AUROC .99)"}
    return live


@pytest.fixture(scope="module")
def data() -> np.ndarray[Any, Any]:
    return np.random.default_rng(2).random((150, COLUMNS)).astype(np.float32)


@pytest.fixture(scope="module")
def blind(live: nw.LiveModel, data: np.ndarray[Any, Any]) -> BlindRounds:
    return nw.blind_rounds(live, "dense.0:0", data=data)


def test_a_rater_is_shown_no_answer(blind: BlindRounds) -> None:
    seen: list[Shown] = []

    def rater(shown: Shown) -> bool:
        seen.append(shown)
        return True

    assert blind.rate(rater).rater == "rater"
    assert {one.question for one in seen} == {"detection", "fuzzing", "intruder"}
    assert {one.label for one in seen} == {"the first column"}, "the evidence of a name is no part of it"
    assert all(one.row is not None and one.image is None for one in seen)
    assert {one.column for one in seen if one.question == "fuzzing"} >= {"c0"}
    assert not {"fires", "value", "why", "truth"} & set(vars(seen[0]))


def test_each_example_is_in_one_round(blind: BlindRounds) -> None:
    documents = [example.document for one in blind.rounds for example in one.examples]
    assert len(set(documents)) == len(documents)
    assert not set(documents) & {example.document for example in blind.examples.explain}


def test_the_same_seed_makes_the_same_rounds(
    live: nw.LiveModel, data: np.ndarray[Any, Any], blind: BlindRounds
) -> None:
    def told(rounds: BlindRounds) -> list[Any]:
        return [(one.kind, sorted(one.truth), [e.document for e in one.examples]) for one in rounds.rounds]

    assert told(nw.blind_rounds(live, "dense.0:0", data=data)) == told(blind)
    assert told(nw.blind_rounds(live, "dense.0:0", data=data, seed=1)) != told(blind)


def test_documents_of_an_atlas_are_run_again(live: nw.LiveModel, data: np.ndarray[Any, Any], tmp_path: Path) -> None:
    atlas = nw.scan(live, data, out=tmp_path / "atlas")
    falling = nw.blind_rounds(live, "dense.0:1", atlas=atlas, end="bottom", label="much of c1", rounds=["detection"])
    score = falling.rate(lambda shown: shown.row is not None and shown.row["c1"] > 0.5, name="who knows")
    assert score.outcome == "held up"
    assert score.table()["kind"].tolist() == ["detection", "all"]
    evidence = json.loads(json.dumps(score.evidence()))
    assert (evidence["kind"], evidence["outcome"], evidence["author"]) == ("blind", "held up", "who knows")
    assert evidence["judged"] == 50


def test_whoever_stops_early_has_no_verdict(blind: BlindRounds) -> None:
    answers = [one.truth for one in blind.rounds]
    score = blind.score(answers[:-1], "somebody")
    assert score.outcome == "not enough rounds"
    assert score.answers["right"].all()
    assert "not enough rounds to tell" in score.verdict
    assert blind.score(answers, "somebody").outcome == "held up"
    assert blind.score([], "nobody").verdict.endswith("none of 13 blind rounds was answered.")
    wrong = [set(range(len(one.examples))) - set(one.truth) for one in blind.rounds]
    assert "it may say the opposite" in blind.score(wrong, "somebody").verdict


def test_what_cannot_be_tested_is_refused_in_a_sentence(live: nw.LiveModel, data: np.ndarray[Any, Any]) -> None:
    with pytest.raises(ValueError, match="give atlas= or data="):
        nw.blind_rounds(live, "dense.0:0")
    with pytest.raises(ValueError, match="does the same on all of 150 documents"):
        nw.blind_rounds(live, "dense.0:2", data=data)
    with pytest.raises(ValueError, match="too few examples: of 8 documents"):
        nw.blind_rounds(live, "dense.0:0", data=data[:8])
    with pytest.raises(ValueError, match="rounds= names some of detection, fuzzing, intruder, not guess"):
        nw.blind_rounds(live, "dense.0:0", data=data, rounds=["guess"])
    with pytest.raises(ValueError, match="end= is one of top, bottom"):
        nw.blind_rounds(live, "dense.0:0", data=data, end="left")
    with pytest.raises(ValueError, match="at least 2"):
        nw.blind_rounds(live, "dense.0:0", data=data, explain=0)
