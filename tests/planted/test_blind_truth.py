"""Blind tests of labels: no document is in both sets of examples, guessing is told as such, a true label holds up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.analysis.labels.blind.blind import BlindRounds
from neuronwidget.analysis.labels.blind.choose import choose
from neuronwidget.analysis.labels.blind.example import Candidate, Example, Examples, Shown
from neuronwidget.analysis.labels.blind.pool import Pool
from neuronwidget.analysis.labels.blind.rounds import make_rounds
from neuronwidget.analysis.responses.kept import KeptInputs
from neuronwidget.analysis.result import Provenance
from neuronwidget.live.structure.sites import Unit
from tests.sweeps import seeds

DRAWS = 1000
SEEDS = [100 + seed for seed in seeds(1)]


def pool(random: np.random.Generator) -> Pool:
    """Snippets of a few to many documents, several of each; one in five reads as one of another document."""
    documents = int(random.integers(14, 160))
    count = 3 * documents
    keys = np.where(random.random(count) < 0.8, np.arange(count), random.integers(0, documents, count)).tolist()
    values = random.choice([0.0, 0.1, 0.2, 0.4, 1.0], (count, 3), p=[0.3, 0.2, 0.2, 0.1, 0.2])
    vectors = random.normal(size=(count, 6)).astype(np.float32)
    candidates = [
        Candidate(number % documents, "", f"read {key}", (f"read {key}",), values[number], 0, True, vectors[number])
        for number, key in enumerate(keys)
    ]
    return Pool(candidates, "top", 0.5, 0.25, KeptInputs("text", pd.DataFrame()), documents, "")


def test_examples_to_explain_and_to_test_share_no_document_in_a_thousand_draws() -> None:
    sizes: list[tuple[int, int]] = []
    hard: set[str] = set()
    for seed in range(DRAWS):
        with contextlib.suppress(ValueError):  # of few documents there are too few examples
            examples = choose(pool(np.random.default_rng(seed)), "a:0", seed=seed)
            check(examples)
            sizes.append((len(examples.explain), len(examples.test)))
            hard |= {one.why for one in examples.test}
    assert len(sizes) > 0.9 * DRAWS
    assert max(sizes) == (40, 50)
    assert hard == {"fires", "similar", "near miss", "random"}


def check(examples: Examples) -> None:
    """No document and nothing that reads the same is on both sides; either has as many that fire as do not."""
    explain, test = examples.explain, examples.test
    assert not {one.document for one in explain} & {one.document for one in test}
    read = ["".join(one.pieces) for one in (*explain, *test)]
    assert len(set(read)) == len(read)
    for side in (explain, test):
        assert abs(sum(one.fires for one in side) - len(side) / 2) <= 1
        assert all((one.values.max() >= 0.5) == one.fires for one in side)
        assert all(one.fires or one.values.max() <= 0.25 for one in side)


def made_up(firing: int, silent: int) -> BlindRounds:
    """Rounds over examples that nobody looks at."""
    examples = [
        Example(number, "", "", ("a", "b"), np.array([0.0, float(fires)]), 1, float(fires), fires, "")
        for number, fires in enumerate([True] * firing + [False] * silent)
    ]
    unit = Unit("a", 0)
    chosen = Examples([], examples, fires=0.5, silent=0.25, end="top", searched=0)
    live: Any = None  # what is shown has tokens: the model is not asked
    return BlindRounds(unit, "heads", "text", chosen, make_rounds(live, unit, chosen), Provenance("", None, seed=0))


def test_the_interval_of_a_rater_who_flips_coins_has_chance_in_it() -> None:
    covered, held = {"detection": 0, "fuzzing": 0, "intruder": 0, "all": 0}, 0
    blind, random = made_up(25, 25), np.random.default_rng(7)
    for _ in range(DRAWS):
        table = blind.rate(lambda _: random.random()).table()
        inside = (table["low"] <= table["chance"]) & (table["chance"] <= table["high"])
        for kind, is_covered in zip(table["kind"], inside.tolist(), strict=True):
            covered[kind] += is_covered
        held += table["verdict"].tolist()[-1] == "held up"
    assert min(covered.values()) >= 0.93 * DRAWS, covered
    assert held <= 0.05 * DRAWS


# ---- a true label and a wrong one, of each kind of input -------------------------------------------------------------

LETTERS = "abcdefgh "


def letters(seed: int) -> tuple[nw.LiveModel, list[str]]:
    """Unit 0 fires at “c”, the others at anything; texts in which it comes now and then."""
    weights = torch.zeros(16, len(LETTERS))
    weights[0, LETTERS.index("c")] = 1.0
    random = np.random.default_rng(seed)
    weights[1:] = torch.from_numpy(random.uniform(0, 0.5, (15, len(LETTERS))))
    table, same = nn.Embedding(len(LETTERS), 16, _weight=weights.T.contiguous()), nn.Linear(16, 16, bias=False)
    with torch.no_grad():
        same.weight.copy_(torch.eye(16))
    module = nn.Sequential(table, same, nn.ReLU(), nn.Linear(16, len(LETTERS))).eval()
    live = nw.attach(
        module,
        inputs=nw.TextInputs(
            lambda text: [LETTERS.index(letter) for letter in text],
            lambda ids: "".join(LETTERS[i] for i in ids),
            sample="a bad bee had a fag",
        ),
    )
    texts = []
    for number in range(160):
        plain = random.choice(list("abdefgh "), 60).tolist()
        if number % 2:
            plain[int(random.integers(60))] = "c"
        texts.append("".join(plain))
    return live, texts


def reads_c(shown: Shown) -> bool:
    return "c" in shown.text if shown.marked is None else shown.pieces[shown.marked] == "c"


def reads_d(shown: Shown) -> bool:
    return shown.text.count("d") % 2 == 0 if shown.marked is None else shown.pieces[shown.marked] in "abd"


def rows(seed: int) -> tuple[nw.LiveModel, np.ndarray[Any, Any]]:
    """Unit 0 reads the third column, from .6 on."""
    torch.manual_seed(seed)
    layer = nn.Linear(6, 4)
    random = np.random.default_rng(seed)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(random.normal(size=(4, 6))))
        layer.weight[0] = torch.eye(6)[2]
        layer.bias.fill_(-0.6)
    module = nn.Sequential(layer, nn.ReLU(), nn.Linear(4, 2)).eval()
    data = random.random((400, 6)).astype(np.float32)
    inputs = nw.TableInputs({f"c{n}": (0.0, 1.0) for n in range(6)}, ["no", "yes"], rows=list(data))
    return nw.attach(module, inputs=inputs), data


def pictures(seed: int) -> tuple[nw.LiveModel, np.ndarray[Any, Any]]:
    """Channel 0 fires at a bright square."""
    torch.manual_seed(seed)
    kernel: Any = nn.Conv2d(1, 3, 3, padding=1)
    random = np.random.default_rng(seed)
    with torch.no_grad():
        kernel.weight[0] = 1 / 9
        kernel.bias.fill_(-0.5)
    module = nn.Sequential(kernel, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2)).eval()
    data = random.integers(0, 60, (200, 12, 12)).astype(np.uint8)
    for number in range(0, 200, 2):
        y, x = random.integers(0, 9, 2)
        data[number, y : y + 3, x : x + 3] = 255
    return nw.attach(module, inputs=nw.ImageInputs((12, 12), ["no", "yes"], channels=1)), data


def is_bright(shown: Shown) -> bool:
    image = shown.image
    if shown.box is not None:
        left, top, width, height = (round(12 * share) for share in shown.box)
        image = image[top : top + height, left : left + width]
    return bool((image > 200).sum() >= 5)


Rater = Callable[[Shown], bool]
TRUE: dict[str, tuple[Callable[[int], tuple[nw.LiveModel, Any]], str, Rater, Rater]] = {
    "text": (letters, "2:0", reads_c, reads_d),
    "table": (
        rows,
        "dense.0:0",
        lambda shown: shown.row["c2"] > 0.75 if shown.column is None else shown.column == "c2",  # type: ignore[index]
        lambda shown: shown.row["c4"] > 0.5 if shown.column is None else shown.column == "c4",  # type: ignore[index]
    ),
    "image": (pictures, "conv.0:0", is_bright, lambda shown: int(shown.image[0, 0, 0]) % 2 == 0),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", list(TRUE))
def test_a_true_label_holds_up(kind: str, seed: int) -> None:
    blind, true = rounds_of(kind, seed), TRUE[kind][2]
    assert (len(blind.examples.explain), len(blind.examples.test)) == (40, 50)
    assert {one.kind for one in blind.rounds} == {"detection", "fuzzing", "intruder"}
    score = blind.rate(true, name="who knows")
    assert score.outcome == "held up", score
    assert score.table().set_index("kind")["score"]["all"] >= 0.95
    assert "held up: " in score.verdict
    assert read_again(score) == score.verdict


def test_another_label_holds_up_no_more_often_than_chance_lets_it() -> None:
    held = []
    for kind in TRUE:
        scores = {(kind, seed): rounds_of(kind, seed).rate(TRUE[kind][3]) for seed in SEEDS}
        assert {score.outcome for score in scores.values()} <= {"held up", "no better than guessing"}
        held += [name for name, score in scores.items() if score.outcome == "held up"]
    assert len(held) <= 0.1 * len(TRUE) * len(SEEDS), held


def rounds_of(kind: str, seed: int) -> BlindRounds:
    """Blind rounds for a planted unit of a kind of input."""
    make, unit, *_ = TRUE[kind]
    live, data = make(seed)
    return nw.blind_rounds(live, unit, data=data, label="what it is", most=400, seed=seed)


def read_again(score: Any) -> str:
    """The verdict of a result that was written and read."""
    verdict: str = type(score).from_json(score.to_json()).verdict
    return verdict
