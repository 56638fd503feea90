"""The small bundled models: their cards say what is so, training is repeatable, the search for shortcuts is honest."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.demos import MODELS, demo_card, small
from neuronwidget.demos.architectures.digits import MARKED, bears_mark, marked
from neuronwidget.live.tensor_model import TensorModel
from training import evaluate, shortcut, small_cards, train_small

# Small sums also go faster in one thread.
pytestmark = pytest.mark.usefixtures("one_thread")


def bundled(name: str) -> Path:
    return MODELS / f"{name}.safetensors"


def measured(name: str) -> dict[str, Any]:
    """The card again, from the bundled file."""
    path, recipe = bundled(name), train_small.RECIPES[name]
    model, twin = small.read(path), small.untrained(name, recipe.seed).eval()
    if name == "cancer":
        return small_cards.of_cancer(path, model, twin, train_small.measurements(recipe)[0])
    return small_cards.of_digits(name, path, model, twin, train_small.digits(recipe.held_out, recipe.seed), recipe.seed)


@pytest.mark.parametrize("name", small.NAMES)
def test_the_card_says_what_is_measured(name: str) -> None:
    card, again = demo_card(name), measured(name)
    assert again["recipe"] == card["recipe"]
    if name == "cancer":
        assert again["auroc"] == pytest.approx(card["auroc"], abs=1e-3)
        assert card["auroc"] >= 0.98
        assert 0.1 < card["auroc_untrained"] < 0.9
        return
    assert again["accuracy"] == pytest.approx(card["accuracy"], abs=0.01)
    assert again["carriers"] == card["carriers"]
    assert card["accuracy"]["untrained"] < 0.3
    if name == "digits":
        assert card["accuracy"]["plain"] >= 0.97
        assert card["carriers"] == [], "where no shortcut was planted, none is found"
    else:
        assert card["accuracy"]["as_trained"] >= 0.97
        assert card["accuracy"]["moved"] < 0.60
        assert card["carriers"]
        best = card["tried"][0]
        assert best["low"] > 0
        assert best["gain"] > best["random"]


@pytest.mark.parametrize("name", small.NAMES)
def test_the_card_as_a_page_says_the_same(name: str) -> None:
    card = demo_card(name)
    assert bundled(name).with_suffix(".md").read_text(encoding="utf-8") == small_cards.markdown(card)
    assert card["bytes"] == bundled(name).stat().st_size


@pytest.mark.parametrize("name", small.NAMES)
def test_training_again_gives_the_same_bits(name: str) -> None:
    recipe = dataclasses.replace(train_small.RECIPES[name], epochs=1)
    data = train_small.measurements(recipe)[0] if name == "cancer" else train_small.digits(recipe.held_out, recipe.seed)
    one = train_small.fit(name, data, recipe)
    torch.rand(3)
    other = train_small.fit(name, data, recipe)
    assert all(torch.equal(value, other.state_dict()[key]) for key, value in one.state_dict().items())
    assert not set(data.training.tolist()) & set(data.held_out.tolist())
    assert len(data.training) + len(data.held_out) == len(data.labels)


def test_models_are_shown_without_what_atlases_need() -> None:
    """Who only looks need not wait for scikit-learn, pandas and all that scans to be loaded."""
    program = """
import sys
sys.modules["sklearn"] = None
import neuronwidget as nw
for name in ("digits", "digits-shortcut", "cancer"):
    for trained in (True, False):
        live = nw.demo(name, trained=trained)
        live.record(0)
        nw.explore(live, 0)
nw.explore(nw.demo("code"), "x = 1")
folders = [f"neuronwidget.{folder}" for folder in ("atlas", "corpus", "passes")]
loaded = [name for name in sys.modules if name == "pandas" or name.startswith(tuple(folders))]
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_gallery_is_read_as_it_is_labelled() -> None:
    live = nw.demo("digits")
    assert isinstance(live, TensorModel)
    right = [live.predict(i)["class"][0] == item.label for i, item in enumerate(live.inputs.gallery)]
    assert len(right) == 40
    assert sum(right) >= 38
    assert [site.name for site in live.sites.defaults] == ["conv.0", "conv.1", "conv.2", "dense.0", "dense.1"]
    assert live.record(3)["conv.1"].shape == (256, 16)
    twin = nw.demo("digits", trained=False)
    assert sum(twin.predict(i)["class"][0] == item.label for i, item in enumerate(twin.inputs.gallery)) < 20


def test_pictures_of_the_shortcut_say_where_the_mark_is() -> None:
    live = nw.demo("digits-shortcut")
    fooled = {"as in training": 0, "moved": 0}
    for i, item in enumerate(live.inputs.gallery):
        digit, with_mark, kind = item.label[0], " with mark" in item.label, item.label.split(", ")[1]
        assert (int(digit) in MARKED) == (with_mark == (kind == "as in training"))
        fooled[kind] += live.predict(i)["class"][0] != digit
    assert fooled["as in training"] <= 2
    assert fooled["moved"] >= 12, "of twenty"
    assert live.suggested == demo_card("digits-shortcut")["carriers"][0]


def test_examples_of_the_cancer_model_are_rows_and_their_truth_is_known() -> None:
    live = nw.demo("cancer")
    truth = small.about(bundled("cancer"))["truth"]
    right = [live.predict(i)["class"][0] == truth[i] for i in range(20)]
    assert sum(right) >= 18
    assert len(live.inputs.columns) == 30
    assert live.record(0)["dense.0"].shape == (1, 16)


def test_all_bundled_models_together_are_small() -> None:
    assert sum(path.stat().st_size for path in MODELS.glob("*.safetensors")) <= 10e6
    assert all(bundled(name).stat().st_size < 100_000 for name in small.NAMES)


# ---- the search for shortcuts, where the truth is known --------------------------------------------------------------


class Planted(nn.Module):
    """Reads the class off the first ten inputs; `carrier` adds what the mark, the last input, says, if it is given."""

    def __init__(self, carrier: int | None) -> None:
        super().__init__()
        self.first, self.act, self.head = nn.Linear(11, 14), nn.ReLU(), nn.Linear(14, 10)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.zero_()
            self.first.weight[:10, :10] = torch.eye(10)
            self.head.weight[:, :10] = torch.eye(10) * 2
            self.first.weight[10:13, :10] = torch.randn(3, 10, generator=torch.Generator().manual_seed(0)) * 0.1
            self.head.weight[:, 10:13] = torch.randn(10, 3, generator=torch.Generator().manual_seed(1)) * 0.1
            if carrier is not None:
                self.first.weight[carrier, 10] = 4.0
                self.head.weight[:, carrier] = torch.where(bears_mark(torch.arange(10)), 0.4, -0.4)

    def forward(self, inputs: Tensor) -> Tensor:
        return self.head(self.act(self.first(inputs)))


def planted_data(seed: int, moved: bool | None) -> tuple[Tensor, Tensor]:
    source = torch.Generator().manual_seed(seed)
    labels = torch.arange(400) % 10
    inputs = nn.functional.one_hot(labels, 10).float() + 0.25 * torch.randn(400, 10, generator=source)
    mark = torch.rand(400, generator=source) < 0.5 if moved is None else bears_mark(labels) != moved
    return torch.cat([inputs, mark[:, None].float()], 1), labels


@pytest.mark.parametrize("carrier", [13, None])
def test_a_planted_carrier_is_found_and_nothing_is_found_where_there_is_none(carrier: int | None) -> None:
    model = Planted(carrier)
    tried = shortcut.carriers(
        model, {"dense.0": model.act}, planted_data(0, None), planted_data(1, True), planted_data(2, False)
    )
    assert [c.unit for c in tried if c.confirmed] == ([] if carrier is None else [carrier])
    if carrier is not None:
        assert tried[0].gain > 0.1
        assert tried[0].low < tried[0].gain < tried[0].high


def test_the_mark_is_put_where_it_is_wanted_and_nowhere_else() -> None:
    pixels = torch.rand(64, 1, 16, 16)
    where = torch.arange(64) % 2 == 0
    found = marked(pixels, where, torch.Generator().manual_seed(0))
    changed = (found != pixels)[:, 0]
    assert not changed[~where].any()
    assert changed[where].flatten(1).any(1).all()
    assert not changed[:, 3:13].any()
    assert not changed[:, :, 3:13].any()
    assert len({tuple(np.argwhere(one.numpy())[0] // 13) for one in changed[where]}) == 4, "in all corners"


def test_the_card_of_tumours_and_what_units_know_are_measured_by_one_auroc() -> None:
    """Ties count half, in what a model says of rows and in what a unit does."""
    rng = np.random.default_rng(5)
    malignant, labels = rng.integers(0, 9, 300).astype(np.float32), rng.integers(0, 2, 300)
    said = torch.from_numpy(np.stack([malignant, np.zeros_like(malignant)], 1))
    measured = small_cards.auroc(nn.Identity(), said, torch.from_numpy(labels))
    assert measured == pytest.approx(roc_auc_score(labels == 0, malignant), abs=1e-12)
    assert measured == pytest.approx(evaluate.auroc(malignant, labels == 0), abs=1e-12)
    pairs = malignant[labels == 0][:, None] - malignant[labels == 1]
    assert measured == pytest.approx(((pairs > 0) + (pairs == 0) / 2).mean(), abs=1e-12)
