"""Units of one planted concept and of two are told apart, and one that looks pure on each corpus is seen through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from torch import nn

import neuronwidget as nw
from tests.sweeps import seeds

FEATURES, EACH, ROWS = 40, 10, 1200
#: The defaults were chosen on seeds from 0 on.
SEEDS = [100 + seed for seed in seeds(1)]


def planted(seed: int) -> tuple[nw.LiveModel, np.ndarray[Any, Any]]:
    """Units 0 to 9 read one feature each, units 10 to 19 two, whichever is there; all read a little of the rest."""
    source = np.random.default_rng(seed)
    features = source.permutation(FEATURES)
    weights = 0.07 * source.normal(size=(2 * EACH, FEATURES))
    for unit in range(EACH):
        weights[unit, features[unit]] += 1
        weights[EACH + unit, features[[EACH + unit, 2 * EACH + unit]]] += 1
    layer = nn.Linear(FEATURES, 2 * EACH)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights))
        layer.bias.fill_(-0.4)
    module = nn.Sequential(layer, nn.ReLU(), nn.Linear(2 * EACH, 3)).eval()
    live = nw.attach(module, inputs=nw.TableInputs({f"c{n}": (0, 2) for n in range(FEATURES)}, ["a", "b", "c"]))
    there = (source.random((ROWS, FEATURES)) < 0.05) * source.uniform(0.5, 1.5, (ROWS, FEATURES))
    return live, (there + 0.15 * np.abs(source.normal(size=(ROWS, FEATURES)))).astype(np.float32)


@pytest.mark.parametrize("seed", SEEDS)
def test_units_of_two_concepts_are_told_from_units_of_one(seed: int, tmp_path: Path) -> None:
    live, rows = planted(seed)
    atlas = nw.scan(live, rows, out=tmp_path / "atlas")
    found = nw.concepts_of_site(live, atlas, "dense.0", seed=seed)
    units = found.units
    double = units["unit"].str.rpartition(":")[2].astype(int).to_numpy() >= EACH
    assert roc_auc_score(double, -units["likeness"]) >= 0.95
    assert roc_auc_score(double, units["silhouette"]) >= 0.9
    several = (units["number"] > 1).to_numpy()
    assert several[double].sum() >= 9
    assert several[~double].sum() <= 3
    assert found.several["unit"].isin(units["unit"][double]).mean() >= 0.9
    made = found.calibration.set_index("made")["flagged"]
    assert made["one concept"] <= 0.15
    assert made["two concepts"] >= 0.8

    one = nw.concepts(live, atlas, f"dense.0:{EACH + 2}", seed=seed)
    assert one.number == 2
    assert one.verdict.startswith(f"dense.0:{EACH + 2} is 2 concepts")
    assert one.by.startswith("what goes into 0, times")
    assert (one.concepts["likeness"] > 0.8).all()
    other = nw.concepts(live, atlas, "dense.0:2", seed=seed)
    assert other.number == 1
    assert not other.depends_on_corpus


def digits() -> tuple[nw.LiveModel, Any]:
    """Detectors of the ten digits, and behind them a unit for each, and unit 10 that fires for 0 and for 7."""
    data = load_digits()
    pictures = (data.images / 16).astype(np.float32)
    fitted = LogisticRegression(C=0.1, max_iter=500).fit(pictures.reshape(len(pictures), -1), data.target)
    detectors, units = nn.Linear(64, 10), nn.Linear(10, 11)
    with torch.no_grad():
        detectors.weight.copy_(torch.from_numpy(fitted.coef_))
        detectors.bias.copy_(torch.from_numpy(fitted.intercept_))
        units.weight.copy_(torch.cat([torch.eye(10), torch.eye(10)[[0]] + torch.eye(10)[[7]]]))
        units.bias.fill_(-0.2)
    module = nn.Sequential(nn.Flatten(), detectors, nn.ReLU(), units, nn.ReLU(), nn.Linear(11, 2))
    live = nw.attach(module.eval(), inputs=nw.ImageInputs(size=8, channels=1, classes=["no", "yes"]))
    return live, (pictures, data.target)


def test_a_unit_that_fires_for_0_and_for_7_depends_on_the_corpus(tmp_path: Path) -> None:
    live, (pictures, target) = digits()
    atlases = [
        nw.scan(live, pictures[target != left_out], sites=["dense.1"], out=tmp_path / str(left_out))
        for left_out in (7, 0)
    ]
    data = pictures[target != 7]
    alone = nw.concepts(live, atlases[0], "dense.1:10", data=data)
    assert alone.number == 1  # among digits without a 7 it is a 0
    assert not alone.depends_on_corpus
    both = nw.concepts(live, atlases[0], "dense.1:10", other=atlases[1])
    assert both.depends_on_corpus
    assert both.number == 2
    assert "depends on the corpus" in both.verdict
    plain = nw.concepts(live, atlases[0], "dense.1:3", other=atlases[1])
    assert not plain.depends_on_corpus
    assert plain.number == 1
