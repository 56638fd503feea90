"""How the code model's units are measured, and whether the card says what the file does."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from neuronwidget.analysis.predicates.python_source import PROPERTIES
from neuronwidget.demos import MODELS, corpus, demo_card, weights
from neuronwidget.demos.architectures.code import CodeConfig, CodeModel, decode, encode
from neuronwidget.demos.architectures.memory import Memory
from neuronwidget.demos.demo import demo, load
from training import cards, evaluate

SOURCE = "def f(a):\n    b = [a]  # a note on it\n    # another\n    return b\n\n\nclass C:\n    d = 'text'\n" * 8


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def test_auroc_counts_ties_half(rng: np.random.Generator) -> None:
    values = np.maximum(rng.normal(size=500), 0).astype(np.float32)  # half of them are 0, as after a ReLU
    positive = rng.random(500) < 0.3
    assert evaluate.auroc(values, positive) == pytest.approx(roc_auc_score(positive, values))
    assert evaluate.auroc(np.zeros(10, np.float32), np.arange(10) < 3) == 0.5
    assert evaluate.auroc(values, np.zeros(500, bool)) == 0.5


def test_scores_are_signed_and_a_dead_unit_has_none(rng: np.random.Generator) -> None:
    column = rng.integers(0, 80, 300).astype(float)
    units = np.stack([column, -column, np.zeros(300), rng.normal(size=300)], 1).astype(np.float32)
    found = evaluate.scores(units, column, "column")
    assert found[:3] == pytest.approx([1, -1, 0])
    assert found[3] == pytest.approx(np.corrcoef(units[:, 3], column)[0, 1], abs=1e-6)
    assert evaluate.scores(units, column > 40, "string")[:3] == pytest.approx([1, -1, 0])


@pytest.mark.parametrize("sign", [1, -1])
def test_the_threshold_parts_best(rng: np.random.Generator, sign: int) -> None:
    positive = rng.random(200) < 0.4
    values = np.round(sign * (positive + rng.normal(size=200)), 1).astype(np.float32)

    def gain(threshold: float) -> float:
        on = sign * values >= sign * threshold
        return float(on[positive].mean() - on[~positive].mean())

    best = evaluate.best_threshold(values, positive, sign)
    assert gain(best) == pytest.approx(max(gain(float(value)) for value in np.unique(values)))


def planted_model() -> CodeModel:
    """A model whose channel 2 is switched on by ``#`` and off by a newline, and whose other units are noise."""
    model = weights.untrained(CodeConfig(context=64, layers=1, width=16, heads=2, hidden=8, memory=(4,)), 1)
    memory = model.blocks[0].memory
    assert isinstance(memory, Memory)
    with torch.no_grad():
        model.place.weight.zero_()
        model.embed.weight.zero_()
        model.embed.weight[:, 2] = 1
        for character, direction in (("#", 0), ("\n", 1)):
            model.embed.weight[encode(character)[0]] = torch.eye(16)[direction]
        gate, candidate = memory.inputs.weight[2], memory.inputs.weight[4 + 2]
        gate.zero_()[:3] = torch.tensor([10.0, 10.0, -10.0])
        candidate.zero_()[:2] = torch.tensor([2.0, -2.0])
        memory.inputs.bias.zero_()
    return model.eval()


def samples() -> tuple[evaluate.Sample, evaluate.Sample]:
    one, other = corpus.Module("one.py", SOURCE), corpus.Module("other.py", SOURCE[15:].replace("note", "remark"))
    return evaluate.sample([one], 64, 9), evaluate.sample([other], 64, 9)


def test_a_planted_detector_is_found() -> None:
    twin = weights.untrained(planted_model().config, 2).eval()
    found, bits = evaluate.detectors(planted_model(), twin, *samples())
    comment = {each.property: each for each in found}["comment"]
    assert (comment.site, comment.unit, comment.sign) == ("state.0", 2, 1)
    assert comment.held_out > 0.99
    assert comment.threshold is not None
    assert 0 < comment.threshold <= 1
    assert comment.twin < comment.held_out
    assert set(bits) == {"training", "held_out", "untrained"}


def test_a_detector_is_chosen_without_the_held_out_modules() -> None:
    choose, judge = samples()
    model = planted_model()
    misleading = evaluate.Sample(judge.ids, {name: 1.0 - (values > 0) for name, values in judge.labels.items()})
    honest, _ = evaluate.detectors(model, model, choose, judge)
    misled, _ = evaluate.detectors(model, model, choose, misleading)
    for one, other in zip(honest, misled, strict=True):
        assert (one.site, one.unit, one.sign, one.threshold) == (other.site, other.unit, other.sign, other.threshold)
        assert one.training == other.training
    assert misled[1].held_out == pytest.approx(1 - honest[1].held_out)


def test_a_sample_keeps_characters_and_labels_together() -> None:
    choose, _ = samples()
    newline = encode("\n")[0]
    for row, columns in zip(choose.ids.tolist(), choose.labels["column"], strict=True):
        for before, after, column in zip(row, row[1:], columns[1:], strict=False):
            assert (before == newline) == (column == 0), (before, after)


def test_windows_begin_at_lines_and_do_not_overlap() -> None:
    text = "".join(f"{'abcdefghij'[: i % 9]}{i}\n" for i in range(300))
    drawn = evaluate.sample([corpus.Module("m.py", text)], 64, 1000)
    found = ["".join(map(decode, row)) for row in drawn.ids.tolist()]
    places = sorted(text.index(each) for each in found)
    assert all(place == 0 or text[place - 1] == "\n" for place in places)
    assert all(second - first >= 64 for first, second in itertools.pairwise(places))
    assert len(places) > len(text) // 80


def test_the_measuring_leaves_no_hooks() -> None:
    model = planted_model()
    evaluate.activations(model, torch.zeros(1, 8, dtype=torch.long))
    assert not any(module._forward_hooks for module in model.modules())


def test_the_card_is_of_the_file() -> None:
    card, path = demo_card("code"), MODELS / "code.safetensors"
    model, _ = load("code")
    about = weights.about(path)
    assert card["bytes"] == path.stat().st_size <= 4_000_000
    assert card["parameters"] == sum(parameter.numel() for parameter in model.parameters())
    assert (card["steps"], card["minutes"], card["recipe"]) == (about["steps"], about["minutes"], about["recipe"])
    assert [each["property"] for each in card["detectors"]] == list(PROPERTIES)
    assert (MODELS / "code.md").read_text(encoding="utf-8") == cards.markdown(card)
    assert json.loads(json.dumps(card)) == card


def test_the_units_of_the_card_are_those_of_the_live_model() -> None:
    live = demo("code")
    text = "x = 'text'  # note\n"
    model, codec = load("code")
    found, _ = evaluate.activations(model, torch.tensor([codec.encode(text)]))
    recording = live.record(text, sites=list(found))
    for site, units in found.items():
        assert recording[site].numpy() == pytest.approx(units, abs=1e-5)


def test_the_bundled_model_does_what_its_card_says() -> None:
    """On sixty held-out windows of the library at hand, which may be another Python's."""
    card = demo_card("code")
    model, twin = weights.read(MODELS / "code.safetensors"), weights.twin(MODELS / "code.safetensors")
    _, held_out = corpus.split(corpus.modules())
    judge = evaluate.sample(held_out, model.config.context, 60)
    found, bits = evaluate.activations(model, judge.ids)
    assert bits == pytest.approx(card["bits_per_character"]["held_out"], rel=0.15)
    assert bits < 0.4 * evaluate.activations(twin, judge.ids)[1]
    for each in card["detectors"]:
        values = found[each["site"]][:, [each["unit"]]]
        score = each["sign"] * evaluate.scores(values, judge.labels[each["property"]].ravel(), each["property"])[0]
        measured = (1 + score) / 2 if each["measure"] == "AUROC" else score
        assert measured == pytest.approx(each["held_out"], abs=0.12), each["property"]


def test_the_card_reaches_what_a_teacher_needs() -> None:
    """One detector at .95 and two more at .85 (or, for numbers, at .75), each .10 above the untrained twin's best."""
    found = [each for each in demo_card("code")["detectors"] if each["held_out"] >= each["twin"] + 0.10]
    good = [each for each in found if each["held_out"] >= (0.85 if each["measure"] == "AUROC" else 0.75)]
    assert len(good) >= 3
    assert any(each["measure"] == "AUROC" and each["held_out"] >= 0.95 for each in good)
