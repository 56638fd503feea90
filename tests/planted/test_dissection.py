"""Network Dissection on shapes drawn on the spot: the units that are found are the planted ones, and no other."""

from __future__ import annotations

import numpy as np
import pytest

import neuronwidget as nw
from tests.planted.shapes import PLANTED, SHAPES, model, pictures
from tests.sweeps import seeds

#: The defaults were chosen on seeds from 0 on.
SEEDS = [100 + seed for seed in seeds(1)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("stride", [1, 2])
def test_the_units_that_lie_on_a_shape_are_the_planted_ones(seed: int, stride: int) -> None:
    drawn, masks = pictures(150, seed)
    found = nw.dissect(model(seed, stride), drawn, masks, seed=seed)
    told = dict(zip(found.found["unit"], found.found["concept"], strict=True))
    assert told == {f"conv.0:{unit}": shape for unit, shape in enumerate(PLANTED)}
    assert (found.units["effect"][len(PLANTED) :] < 0.02).all()
    assert ((found.units["low"] <= found.units["effect"]) & (found.units["effect"] <= found.units["high"])).all()
    assert found.units["null"].max() < 0.02
    assert found.concepts.set_index("concept")["units"].to_dict() == {shape: int(shape in PLANTED) for shape in SHAPES}
    assert found.even == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_masks_of_other_pictures_find_nothing(seed: int) -> None:
    drawn, masks = pictures(150, seed)
    order = np.random.default_rng(seed).permutation(150)
    found = nw.dissect(model(seed), drawn, {name: own[order] for name, own in masks.items()}, draws=20, seed=seed)
    assert found.found.empty
    assert found.verdict.startswith("No unit lies where a concept lies")
