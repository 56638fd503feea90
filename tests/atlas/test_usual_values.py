"""An atlas says what units usually do, to edits that put that in their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import neuronwidget as nw
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.edits.references import References
from tests.live.test_edits import ROW, attached

SITE = "dense.0"


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any, torch.Tensor]:
    """A live model, its atlas, and what it did on the rows of the data: [rows, units]."""
    live, source = attached("table"), np.random.default_rng(1)
    rows = [dict(zip("abc", map(float, row), strict=True)) for row in source.normal(size=(800, 3))]
    atlas = nw.scan(live, rows, out=Path(tmp_path_factory.mktemp("atlas")) / "a", progress=False)
    return live, atlas, torch.cat([live.record(row, [SITE])[SITE] for row in rows])


def test_means_lengths_and_values_are_those_of_the_data(scanned: tuple[Any, Any, torch.Tensor]) -> None:
    _, atlas, rows = scanned
    assert isinstance(atlas, References)
    assert torch.allclose(atlas.mean(SITE), rows.mean(0), atol=1e-5)
    assert atlas.norm(SITE) == pytest.approx(float((rows**2).sum(1).mean().sqrt()), rel=1e-3)
    drawn = atlas.samples(SITE, n=4000, seed=3)
    assert torch.equal(drawn, atlas.samples(SITE, n=4000, seed=3))
    assert not torch.equal(drawn, atlas.samples(SITE, n=4000, seed=4))
    assert drawn.shape == (4000, rows.shape[1])
    spread = rows.std(0)
    assert bool(((drawn.mean(0) - rows.mean(0)).abs() <= 0.1 * spread + 1e-6).all())
    silent = (rows == 0).float().mean(0)
    assert bool(((drawn == 0).float().mean(0) - silent > -0.06).all()), "a unit that is off is off, not nearly off"
    assert bool((drawn <= rows.amax(0) + 1e-6).all())
    assert bool((drawn >= rows.amin(0) - 1e-6).all())


def test_edits_take_them_from_data_and_from_the_live_model(scanned: tuple[Any, Any, torch.Tensor]) -> None:
    live, atlas, rows = scanned
    plain = live.record(ROW, [SITE])[SITE]
    found = live.record(ROW, [SITE], edits=[nw.Ablate(f"{SITE}:3", data=atlas)])[SITE]
    assert float(found[0, 3]) == pytest.approx(float(rows[:, 3].mean()), abs=1e-5)
    with pytest.raises(EditError, match=r"needs to know what dense\.0 usually does"):
        live.edited(nw.Ablate(f"{SITE}:3"))
    live.references = atlas
    try:
        direction = torch.arange(8.0)
        steered = live.record(ROW, [SITE], edits=[nw.Steer(SITE, direction, 0.5)])[SITE]
        expected = plain + 0.5 * atlas.norm(SITE) * direction / direction.norm()
        assert torch.allclose(steered, expected, atol=1e-5)
        drawn = live.record(ROW, [SITE], edits=[nw.Ablate(f"{SITE}:3", "resample")])[SITE][0, 3]
        assert float(rows[:, 3].min()) <= float(drawn) <= float(rows[:, 3].max())
    finally:
        live.references = None


def test_an_atlas_of_another_model_is_refused(scanned: tuple[Any, Any, torch.Tensor]) -> None:
    _, atlas, _ = scanned
    other = attached("table", torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.ReLU(), torch.nn.Linear(5, 2)).eval())
    with pytest.raises(EditError, match=r"reference values are of 8 units, and dense\.0 has 5"):
        other.edited(nw.Ablate(f"{SITE}:3", data=atlas))


def test_an_explorer_with_an_atlas_tells_the_live_model(scanned: tuple[Any, Any, torch.Tensor]) -> None:
    live, atlas, _ = scanned
    explorer = nw.Explorer(live, ROW, atlas=atlas)
    try:
        assert live.references is atlas
        live.edited(nw.Ablate(f"{SITE}:3"))
    finally:
        explorer.close()
        live.references = None


@pytest.mark.parametrize("name", ["code", "digits", "cancer"])
def test_bundled_models_know_what_their_units_usually_do(name: str) -> None:
    live = nw.demo(name)
    site = live.sites.defaults[0].name
    edited = live.edited(nw.Ablate(f"{site}:3"), nw.Steer(site, torch.ones(live.sites[site].width), 0.1))
    again = live.edited(nw.Ablate(f"{site}:3"))
    x = {"code": "x = 1", "digits": 0, "cancer": 0}[name]
    held = again.record(x, [site])[site][:, 3]
    assert torch.equal(held, held[0].expand_as(held))
    assert not torch.equal(edited.record(x, [site])[site], again.record(x, [site])[site])
