"""Labels are tested: planted detectors hold up, wrong names fail, and chance does not make a label right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.analysis.labels.label_test import LabelTest
from neuronwidget.analysis.scores.detection import average_precision
from neuronwidget.analysis.scores.precision import average_precision_interval
from tests.sweeps import seeds

LETTERS = "abcdefghij0123456789 .,"
WIDTH = 30


def reader(seed: int) -> nw.LiveModel:
    """A model of letters: unit 3 is high at digits and noisy, unit 4 low, all others know nothing of what they read."""
    torch.manual_seed(seed)

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(len(LETTERS), WIDTH)
            self.out = nn.Linear(WIDTH, WIDTH)
            with torch.no_grad():
                digits = torch.tensor([float(c.isdigit()) for c in LETTERS])
                noise = torch.tensor([float(c != ".") for c in LETTERS])  # so that it does not know the dot
                self.table.weight[:, 3] = digits + 0.3 * noise * torch.randn(len(LETTERS))
                self.table.weight[:, 4] = -digits + 0.1 * torch.randn(len(LETTERS))
                self.out.weight[:] = torch.eye(WIDTH)
                self.out.bias[:] = 0

        def forward(self, ids: torch.Tensor) -> Any:
            return self.out(self.table(ids))

    inputs = nw.TextInputs(
        lambda text: [LETTERS.index(c) for c in text], lambda ids: "".join(LETTERS[i % 23] for i in ids), sample=LETTERS
    )
    return nw.attach(Model(), inputs=inputs)


def texts(seed: int, count: int = 60, letters: str = LETTERS) -> list[str]:
    source = np.random.default_rng(seed)
    return ["".join(source.choice(list(letters), source.integers(20, 60))) for _ in range(count)]


@pytest.mark.parametrize("seed", [11 + seed for seed in seeds(2)])
def test_a_planted_detector_holds_up_and_another_name_for_it_fails(seed: int, tmp_path: Path) -> None:
    live, data = reader(seed), texts(seed, 160)
    labels = nw.Labels(tmp_path / "labels.json")
    labels["dense.0:3"], labels["dense.0:4"] = "digits", "low at digits"
    high, low = labels.test(live, "dense.0:3", "[0-9]", data), labels.test(live, "dense.0:4", "[0-9]", data)
    assert (high.outcome, high.end, low.outcome, low.end) == ("held up", "high", "held up", "low")
    assert "held up: AP" in high.verdict
    assert "cause was not tried" in high.verdict
    labels["dense.0:3"] = "dots"
    assert labels.test(live, "dense.0:3", "[.]", data).outcome == "failed"
    assert labels.test(live, "dense.0:4", "[0-9]", data, end="high").outcome == "failed"
    kept = nw.Labels(tmp_path / "labels.json").table().set_index("unit")["tested"]
    assert kept.to_dict() == {"dense.0:3": "failed", "dense.0:4": "failed"}
    labels["dense.0:3"] = "digits"
    assert labels.label("dense.0:3").mark(labels.weights) == "held up"


def test_scores_lie_beside_chance_and_random_units_and_survive_json() -> None:
    live, labels = reader(5), nw.Labels()
    labels["dense.0:3"] = "digits"
    found = labels.test(live, "dense.0:3", "[0-9]", texts(5), name="a digit")
    table = found.table().set_index("measure")
    assert list(table.index) == ["AP", "F1", "IoU", "r"]
    assert ((table["low"] <= table["value"]) & (table["value"] <= table["high"])).all()
    share = found.marked / found.rows
    assert table["chance"].tolist() == pytest.approx([share, 2 * share / (1 + share), share, 0])
    assert table.loc["AP", "random"] < 0.75 < table.loc["AP", "value"]
    assert table.loc["AP", "as_good"] <= 1 / (WIDTH - 1)
    again = LabelTest.from_json(found.to_json())
    assert again.verdict == found.verdict
    assert again.table().equals(found.table())
    assert found.chart().to_dict()["layer"]
    assert "a digit" in found._repr_html_()
    assert labels.label("dense.0:3").tests[0]["ap"] == pytest.approx(table.loc["AP", "value"], abs=1e-5)


def test_a_label_of_whole_inputs_is_tested_by_input_also_on_responses() -> None:
    live, labels = reader(6), nw.Labels()
    labels["dense.0:3"] = "texts with digits"
    data = texts(1, 40) + texts(2, 40, letters="abcdefghij .,")
    has = [any(c.isdigit() for c in text) for text in data]
    found = labels.test(live, "dense.0:3", has, data, least=0.5)
    assert (found.rows_are, found.rows, found.inputs) == ("inputs", 40, 40)
    assert found.outcome == "held up"
    responses = nw.collect(live, data, ["dense.0"], how="max")
    for concept in (lambda text: any(c.isdigit() for c in text), "[0-9]"):
        assert labels.test(live, "dense.0:3", concept, responses).table().equals(found.table())


def test_too_little_is_no_verdict() -> None:
    live, labels = reader(7), nw.Labels()
    labels["dense.0:3"] = "digits"
    few = labels.test(live, "dense.0:3", "[0-9]", texts(1, 6))
    none = labels.test(live, "dense.0:3", "[0-9]", ["abc", ""] * 20)
    assert few.outcome == none.outcome == "not enough data"
    assert "each half needs 5 inputs with it and 5 without" in none.verdict
    assert labels.label("dense.0:3").mark() == "untested"
    with pytest.raises(KeyError, match="gives it one"):
        labels.test(live, "dense.0:1", "[0-9]", ["a"])
    with pytest.raises(ValueError, match="high, low"):
        labels.test(live, "dense.0:3", "[0-9]", ["a"], end="up")


def test_a_unit_that_knows_nothing_never_holds_up() -> None:
    live, labels = reader(8), nw.Labels()
    unit = "dense.0:9"
    labels[unit] = "chance"
    source = np.random.default_rng(0)
    outcomes = []
    for draw in seeds(10):
        coin = [bool(source.random() < 0.5) for _ in range(60)]
        outcomes.append(labels.test(live, unit, coin, texts(draw)).outcome)
    assert outcomes.count("held up") <= len(outcomes) // 10


def test_the_interval_of_average_precision_covers_what_many_documents_give() -> None:
    source, draws = np.random.default_rng(1), len(seeds(40))

    def rows(count: int) -> tuple[Any, Any]:
        positive = source.random(count) < 0.3
        return np.round(positive + source.normal(0, 0.8, count), 1), positive

    truth = float(average_precision(*rows(400_000))[0])
    covered = 0
    for draw in range(draws):
        low, high = average_precision_interval(*rows(1200), np.arange(1200) // 4, 200, draw)
        covered += low <= truth <= high
    assert covered >= 0.88 * draws
