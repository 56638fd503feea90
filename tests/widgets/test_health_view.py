"""The view of health from Python's side: what the page is told, and what is chosen in it and in the Explorer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.analysis.which.health.result import Health

ROWS = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    """Eight units, of which the first two never fire and the third always does."""
    torch.manual_seed(0)
    first = nn.Linear(3, 8)
    with torch.no_grad():
        first.bias[:2], first.bias[2], first.bias[3:] = -99.0, 9.0, 0.0
    module = nn.Sequential(first, nn.ReLU(), nn.Linear(8, 2)).eval()
    return nw.attach(module, inputs=nw.TableInputs({f"c{n}": (-3.0, 3.0) for n in range(3)}, ["no", "yes"]))


@pytest.fixture(scope="module")
def health(live: nw.LiveModel) -> Health:
    return nw.health(live, ROWS, ["dense.0"])


@pytest.fixture
def explorer(live: nw.LiveModel) -> Iterator[nw.Explorer]:
    made = nw.explore(live, ROWS[0].tolist())
    yield made
    made.close()


def test_the_page_is_told_a_bar_a_site_and_why_each_unit_is_flagged(health: Health) -> None:
    view = nw.HealthView(health)
    info = json.loads(json.dumps(view.health_info))
    assert info["verdict"] == health.verdict
    assert [state for state, _ in info["states"]] == ["dead", "not seen", "rare", "dense", "saturated", "ok"]
    (layer,) = info["layers"]
    assert (layer["site"], layer["on"], sum(layer["counts"])) == ("dense.0", "40 rows", 8)
    rows = {row["unit"]: row for row in info["rows"]}
    assert rows["dense.0:1"]["state"] == "not seen"
    assert rows["dense.0:1"]["high"] == pytest.approx(0.0722, abs=1e-4)
    assert rows["dense.0:2"]["state"] == "dense"
    assert list(rows) == health.table()["unit"].tolist()
    view.narrowed = {"state": "dense"}
    assert view.table()["state"].unique().tolist() == ["dense"]
    with pytest.raises(TraitError, match="There is no state 'ill'"):
        view.narrowed = {"state": "ill"}
    with pytest.raises(TraitError, match="narrowed= has 'colour'"):
        view.narrowed = {"colour": "red"}
    view.close()


def test_a_unit_is_the_same_in_the_explorer_and_in_the_view(health: Health, explorer: nw.Explorer) -> None:
    view = nw.HealthView(health, explorer)
    view.unit = "dense.0:2"
    assert str(explorer.unit) == "dense.0:2"
    explorer.unit = "dense.0:5"
    assert str(view.unit) == "dense.0:5"
    explorer.unit = "dense.1:1"  # of a site that was not asked about
    assert str(view.unit) == "dense.0:5"
    view.close()


def test_an_atlas_answers_what_the_chosen_unit_did(live: nw.LiveModel, health: Health, tmp_path: Path) -> None:
    atlas = nw.scan(live, ROWS, ["dense.0"], out=tmp_path / "atlas", keep="top", progress=False)
    view = nw.HealthView(health, atlas=atlas)
    assert view.atlas is atlas
    assert [site["name"] for site in view.atlas_info["sites"]] == ["dense.0"]
    view.close()
    with pytest.raises(KeyError, match=r"no site 'dense\.0'"):
        nw.HealthView(health, atlas=nw.scan(live, ROWS, ["dense.1"], out=tmp_path / "b", keep="top", progress=False))


def test_a_saved_notebook_has_the_verdict_the_bars_and_the_units(health: Health) -> None:
    view = nw.HealthView(health)
    saved = view._at_hand()
    assert saved.words == health.verdict
    picture = "".join(saved.parts)
    assert "dense.0: 2 not seen" in picture
    assert " ok" not in picture
    assert "never fired in 40 rows" in picture
    view.close()
    with pytest.raises(RuntimeError, match="was closed"):
        view.health  # noqa: B018


def test_what_is_no_health_is_refused_in_a_sentence(health: Health, live: nw.LiveModel) -> None:
    wrong: Any = health.table()
    with pytest.raises(TypeError, match=r"DataFrame is no result of nw\.health"):
        nw.HealthView(wrong)
    wrong = live
    with pytest.raises(TypeError, match="is no view of a live model"):
        nw.HealthView(health, wrong)
    with pytest.raises(TypeError, match="is not an atlas"):
        nw.HealthView(health, atlas=wrong)
