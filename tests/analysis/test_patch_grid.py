"""Patch grid: the planted carrier position gives the difference back, every other position nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor

import neuronwidget as nw
from neuronwidget.analysis.cause.patch_grid import PatchGrid
from neuronwidget.live.capture import Overtaken
from tests.analysis.planted_streams import Planted, attached
from tests.analysis.test_attribution import PICTURE, ROW, column, corner

__all__ = ["column", "corner"]
CARRIES = 3
CLEAN, CORRUPTED = "gfeagh", "gfehgh"
#: The letter that differs, and the one at which the model speaks of it.
READ, SAYS = 3, 5


@pytest.fixture(scope="module")
def live() -> Any:
    """Block 1 copies what it reads two positions before: of the letter at 3, to 5."""
    return attached(Planted(carries=SAYS - READ))


def by_place(grid: PatchGrid) -> dict[str, dict[int, float]]:
    return {
        str(site): dict(zip(cells["position"], cells["recovered"], strict=True))
        for site, cells in grid.cells.groupby("site")
    }


@pytest.mark.parametrize("metric", [None, "a", ("a", "b"), lambda outputs: float(outputs[0])])
def test_the_carrier_gives_the_difference_back_and_no_other_place_does(live: Any, metric: Any) -> None:
    grid = nw.patch_grid(live, CLEAN, CORRUPTED, metric)
    places = by_place(grid)
    assert list(places) == ["resid.0", "resid.1", "resid.2"]
    for site, cells in places.items():
        carrier = READ if site == "resid.0" else SAYS
        assert cells[carrier] >= 0.95
        assert all(abs(value) <= 0.05 for position, value in cells.items() if position != carrier)
    assert f": resid.0 100% at position {READ} ('a → h'), resid.1 100% at position {SAYS} ('h')" in grid.verdict
    assert grid.verdict.endswith("; nowhere else more than 0%.")


def test_each_cell_is_what_a_hook_set_by_hand_gives(live: Any) -> None:
    grid = nw.patch_grid(live, "gfegagb", "gfcghgd", ("a", "b"), site="mlp")
    clean = {site: live.record("gfegagb", [site])[site] for site in ("mlp.0", "mlp.1", "mlp.2")}
    module, ids = live.module, torch.tensor([live.inputs.encode("gfcghgd")])

    def says(outputs: Tensor) -> float:
        return float((outputs[0, -1, 0] - outputs[0, -1, 1]).detach())

    best, worst = says(module(torch.tensor([live.inputs.encode("gfegagb")]))), says(module(ids))
    assert [grid.clean, grid.corrupted] == pytest.approx([best, worst], abs=1e-5)
    for _, cell in grid.cells.iterrows():

        def patch(_: Any, given: Any, cell: Any = cell) -> Any:
            rows = given[0].clone()
            rows[0, cell["position"]] = clean[cell["site"]][cell["position"]]
            return (rows,)

        handle = module.blocks[cell["layer"]].down.register_forward_pre_hook(patch)
        try:
            expected = (says(module(ids)) - worst) / (best - worst)
        finally:
            handle.remove()
        assert cell["recovered"] == pytest.approx(expected, abs=1e-4)


def test_one_site_can_be_named_and_edits_act(live: Any) -> None:
    assert set(nw.patch_grid(live, CLEAN, CORRUPTED, site=["resid.1"]).cells["site"]) == {"resid.1"}
    assert set(nw.patch_grid(live, CLEAN, CORRUPTED, site="resid.2").cells["site"]) == {"resid.2"}

    def half(rows: Tensor) -> Tensor:
        return rows / 2

    edit = nw.Edit("mlp.1", half)
    plain, edited = (nw.patch_grid(live, CLEAN, CORRUPTED, ("a", "b"), edits=edits) for edits in ([], [edit]))
    assert edited.clean == pytest.approx(plain.clean / 2, rel=1e-4)
    assert edited.provenance.edits == (str(edit),)
    assert live.edits == []


def test_pictures_and_rows_are_patched_too(request: pytest.FixtureRequest) -> None:
    picture = request.getfixturevalue("corner")
    dark = np.full((16, 16), 20, np.uint8)
    grid = nw.patch_grid(picture, PICTURE, dark, "bright", site="dense")
    assert grid.cells["recovered"].tolist() == [pytest.approx(1.0)] * len(grid.cells)
    row = request.getfixturevalue("column")
    rows = nw.patch_grid(row, ROW, {**ROW, "c": -3.0}, site="dense.0")
    assert rows.cells["recovered"].tolist() == [pytest.approx(1.0)]


def test_where_no_single_place_carries_it_the_verdict_says_so() -> None:
    """The sum of all letters is said: each place brings back its own share."""

    class Sum(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.act, self.head = torch.nn.Embedding(8, 1), torch.nn.Identity(), torch.nn.Linear(1, 8)
            with torch.no_grad():
                self.embed.weight[:] = torch.tensor([1.0] * 4 + [-1.0] * 4)[:, None]
                self.head.weight[:] = torch.linspace(1, -1, 8)[:, None]
                self.head.bias.zero_()

        def forward(self, ids: Tensor) -> Tensor:
            out: Tensor = self.head(self.act(self.embed(ids)).cumsum(1))
            return out

    live = attached(Sum())
    grid = nw.patch_grid(live, "abcd", "efgh", ("a", "h"), site="embed")
    assert grid.cells["recovered"].tolist() == [pytest.approx(0.25, abs=1e-5)] * 4
    assert grid.verdict.startswith("No single place carries it. ")
    assert "embed 25% at position 0 ('a → e'); nowhere else more than 25%" in grid.verdict


def test_what_lies_before_a_layer_runs_once_for_all_of_its_positions() -> None:
    """Counted in a part before both layers that are patched: passes over the six letters of the inputs."""
    lengths: list[int] = []

    class Mixed(torch.nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            lengths.append(x.shape[1])
            return x.cumsum(1)

    torch.manual_seed(0)
    layers = [part for _ in range(2) for part in (torch.nn.Linear(8, 8), torch.nn.ReLU())]
    live = attached(torch.nn.Sequential(torch.nn.Embedding(8, 8), Mixed(), *layers, torch.nn.Linear(8, 8)))
    grid = nw.patch_grid(live, "abcdef", "hbcdef", site=["dense.0", "dense.1"])
    assert len(grid.cells) == 12
    # One for each input and what it says, one for each of the layers; a pass for each cell would be twelve more.
    assert lengths.count(6) <= 8


def test_progress_is_told_and_it_can_be_stopped(live: Any) -> None:
    seen: list[tuple[int, int]] = []
    grid = nw.patch_grid(live, CLEAN, CORRUPTED, progress=lambda *done: seen.append(done))
    assert seen == [(n + 1, len(grid.cells)) for n in range(len(grid.cells))]
    stops = iter([False, False, True])
    with pytest.raises(Overtaken):
        nw.patch_grid(live, CLEAN, CORRUPTED, overtaken=lambda: next(stops))


def test_it_comes_back_from_json_and_draws_itself(live: Any) -> None:
    pytest.importorskip("altair")
    grid = nw.patch_grid(live, CLEAN, CORRUPTED)
    again = PatchGrid.from_json(grid.to_json())
    assert again.verdict == grid.verdict
    assert again.provenance == grid.provenance
    pd.testing.assert_frame_equal(again.table(), grid.table())
    assert len(next(iter(grid.chart().to_dict()["datasets"].values()))) == len(grid.cells)


def test_what_cannot_be_asked_is_refused_in_a_sentence(live: Any) -> None:
    with pytest.raises(ValueError, match="clean input has 6 tokens and the corrupted one 3"):
        nw.patch_grid(live, CLEAN, "abc")
    with pytest.raises(ValueError, match="there is no difference to bring back"):
        nw.patch_grid(live, CLEAN, CLEAN)
    with pytest.raises(KeyError, match="There is no site 'reside'"):
        nw.patch_grid(live, CLEAN, CORRUPTED, site="reside")
    with pytest.raises(KeyError, match="no output 'z'"):
        nw.patch_grid(live, CLEAN, CORRUPTED, "z")
    three: Any = ("a", "b", "c")
    with pytest.raises(ValueError, match="a pair of outputs, or a function"):
        nw.patch_grid(live, CLEAN, CORRUPTED, three)
