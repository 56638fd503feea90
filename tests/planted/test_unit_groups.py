"""Planted groups of units are found as they were planted, and a random basis of the same has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score
from torch import nn

import neuronwidget as nw
from tests.sweeps import seeds

GROUPS, EACH, ALONE, ROWS = 12, 5, 40, 600
UNITS = GROUPS * EACH + ALONE
#: The defaults were chosen on seeds from 0 on.
SEEDS = [100 + seed for seed in seeds(2)]
#: Of forty random bases these have two directions that come near by chance.
NEAR = [116, 121]


def planted(seed: int, rotated: bool = False) -> tuple[nw.LiveModel, np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """A layer of units in groups, each unit one cause of its group with a sign and something of its own; the rows; and
    of each unit its group, −1 for none. `rotated`: the same layer in a random basis."""
    source = np.random.default_rng(seed)
    truth = source.permutation(np.r_[np.repeat(np.arange(GROUPS), EACH), np.full(ALONE, -1)])
    weights = np.zeros((UNITS, GROUPS + UNITS))
    for unit, group in enumerate(truth):
        own = 1.0 if group < 0 else 0.7
        weights[unit, GROUPS + unit] = own
        if group >= 0:
            weights[unit, group] = source.choice([-1.0, 1.0])
    if rotated:
        weights = np.linalg.qr(source.normal(size=(UNITS, UNITS)))[0] @ weights
    layer = nn.Linear(GROUPS + UNITS, UNITS)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights))
        layer.bias.fill_(3.0)
    module = nn.Sequential(layer, nn.Identity(), nn.Linear(UNITS, 2)).eval()
    columns = {f"c{number}": (-3.0, 3.0) for number in range(GROUPS + UNITS)}
    live = nw.attach(module, inputs=nw.TableInputs(columns, ["no", "yes"]))
    rows = source.normal(size=(ROWS, GROUPS + UNITS)).astype(np.float32)
    return live, rows, truth


def site_of(live: nw.LiveModel) -> str:
    return next(site.name for site in live.sites if site.width == UNITS and site.module == "0" and site.side == "out")


def as_labels(found: Any) -> np.ndarray[Any, Any]:
    """The group of each unit; each that is in none is one of its own."""
    group = found.units["group"].to_numpy()
    return np.where(group < 0, 1000 + np.arange(len(group)), group)


@pytest.mark.parametrize("seed", SEEDS)
def test_planted_groups_are_found_and_noise_is_left_alone(seed: int) -> None:
    live, rows, truth = planted(seed)
    found = nw.groups(live, rows, site_of(live), seed=seed, nulls=2)
    expected = np.where(truth < 0, 1000 + np.arange(UNITS), truth)
    assert adjusted_rand_score(expected, as_labels(found)) >= 0.95
    assert (found.units["group"].to_numpy()[truth < 0] >= 0).mean() <= 0.1
    assert found.groups["stands"].all()
    assert found.verdict.startswith("12 groups")
    assert (found.groups["low"] > 0.5).all()
    assert found.usual < 0.15
    assert found.edges[: GROUPS * EACH] == tuple(range(GROUPS * EACH))  # each unit of a group can be seen
    assert found.map[:EACH, :EACH].min() > 0.4 > found.map[:EACH, EACH:].max()


@pytest.mark.parametrize("seed", sorted({*SEEDS, *NEAR}))
def test_a_random_basis_has_no_groups(seed: int) -> None:
    live, rows, _ = planted(seed, rotated=True)
    found = nw.groups(live, rows, site_of(live), seed=seed, nulls=1)
    assert found.verdict.startswith("No groups")
    assert not found.groups["stands"].any()


def test_groups_by_density_stand_only_beyond_what_chance_gives() -> None:
    """HDBSCAN finds something in a random basis, too; that is seen by the nulls."""
    live, rows, truth = planted(SEEDS[0])
    found = nw.groups(live, rows, site_of(live), method="hdbscan", nulls=2)
    expected = np.where(truth < 0, 1000 + np.arange(UNITS), truth)
    assert adjusted_rand_score(expected, as_labels(found)) >= 0.85
    live, rows, _ = planted(SEEDS[0], rotated=True)
    nothing = nw.groups(live, rows, site_of(live), method="hdbscan", nulls=4)
    assert nothing.verdict.startswith("No groups")


def test_one_cause_of_all_units_is_no_group_since_a_random_basis_has_it_too() -> None:
    source = np.random.default_rng(7)
    weights = np.c_[np.ones(30), 0.6 * np.eye(30)]
    layer = nn.Linear(31, 30)
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weights))
    module = nn.Sequential(layer, nn.Identity(), nn.Linear(30, 2)).eval()
    columns = {f"c{number}": (-3.0, 3.0) for number in range(31)}
    live = nw.attach(module, inputs=nw.TableInputs(columns, ["no", "yes"]))
    rows = source.normal(size=(300, 31)).astype(np.float32)
    found = nw.groups(live, rows, "0", nulls=5)
    assert len(found.groups) == 1
    assert found.groups["units"][0] == 30
    assert (found.nulls.query("null == 'rotated'")["largest"] > 5).all()


def test_a_group_is_edited_as_one() -> None:
    live, rows, _ = planted(SEEDS[0])
    site = site_of(live)
    found = nw.groups(live, rows, site, nulls=0)
    group = found.group(0)
    assert len(group.units) == EACH
    edited = live.edited(*found.edits(0, lambda units: nw.Ablate(units, to="zero")))
    values = edited.record(rows[0], sites=[site])[site][0]
    chosen = [unit.index for unit in group.units]
    assert (values[chosen] == 0).all()
    assert (values != 0).sum() == UNITS - EACH
