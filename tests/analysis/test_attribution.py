"""Attribution: what drives a unit or an output, planted; checked by taking it out, and silent where nothing does."""

from __future__ import annotations

import statistics
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.analysis.cause.attribution import Attribution
from neuronwidget.live.capture import Overtaken
from tests.analysis.planted_streams import Planted, attached
from tests.curve import LENGTH, CurveInputs, curves_are_known

METHODS = ["occlusion", "gradient"]


@pytest.fixture(scope="module")
def live() -> Any:
    """Its neuron `mlp.1:0` fires where the letter three positions before is of the first striped of the alphabet."""
    return attached(Planted(carries=3))


class Corner(nn.Module):
    """Unit 1 of its first layer sees the upper left corner of a picture alone; class 1 is that unit."""

    def __init__(self) -> None:
        super().__init__()
        self.see, self.act, self.head = nn.Linear(256, 4), nn.ReLU(), nn.Linear(4, 2, bias=False)
        corner = torch.zeros(16, 16)
        corner[:4, :4] = 0.25
        with torch.no_grad():
            self.see.weight *= 0
            self.see.weight[1] = corner.flatten()
            self.see.bias.zero_()
            self.head.weight.copy_(torch.tensor([[0.0, 0, 0, 0], [0, 3, 0, 0]]))

    def forward(self, pixels: Tensor) -> Tensor:
        out: Tensor = self.head(self.act(self.see(pixels.flatten(1))))
        return out


class Column(nn.Module):
    """Class "yes" is column c; b does nothing at all."""

    def __init__(self) -> None:
        super().__init__()
        self.up, self.act, self.head = nn.Linear(8, 6), nn.ReLU(), nn.Linear(6, 2, bias=False)
        with torch.no_grad():
            self.up.weight.zero_()
            self.up.bias.zero_()
            self.up.weight[0, 2] = 1.0
            self.up.weight[1, 0] = 0.05
            self.head.weight.zero_()
            self.head.weight[1, :2] = 2.0

    def forward(self, row: Tensor) -> Tensor:
        out: Tensor = self.head(self.act(self.up(row)))
        return out


@pytest.fixture(scope="module")
def corner() -> Any:
    inputs = nw.ImageInputs((16, 16), ["dark", "bright"], channels=1)
    return nw.attach(Corner().eval(), inputs=inputs)


@pytest.fixture(scope="module")
def column() -> Any:
    rows = [dict(zip("abcdefgh", row, strict=True)) for row in np.random.default_rng(0).normal(size=(30, 8)).tolist()]
    inputs = nw.TableInputs(dict.fromkeys("abcdefgh", (-4, 4)), ["no", "yes"], rows=rows)
    return nw.attach(Column().eval(), inputs=inputs)


PICTURE = np.full((16, 16), 20, np.uint8)
PICTURE[:4, :4] = 250
ROW = {**dict.fromkeys("abcdefgh", 0.5), "c": 3.0}


@pytest.mark.parametrize("method", METHODS)
def test_a_unit_is_driven_by_the_token_that_it_reads(live: Any, method: str) -> None:
    found = nw.attribution(live, "hgfefghehgfhgefhgfefahghgf", "mlp.1:0", position=23, method=method)
    assert found.table()["name"].iloc[0] == "a"
    assert found.table()["number"].iloc[0] == 20
    others = found.table()["effect"].iloc[1:].abs().max()
    assert others <= 1e-5 * found.table()["effect"].iloc[0]
    assert found.drives
    assert found.beaten == 20
    assert found.verdict.endswith("more than 20/20 random choices.")
    assert found.verdict.startswith("By the gradient, a preview: ") == (method == "gradient")


def test_without_a_position_a_unit_is_looked_at_where_it_is_strongest(live: Any) -> None:
    text = "hgfefghehgafehgf"
    column = live.record(text, ["mlp.1"])["mlp.1"][:, 0]
    found = nw.attribution(live, text, "mlp.1:0")
    assert found.value == pytest.approx(float(column.max()))
    assert found.target == f"mlp.1:0 at 'h' ({int(column.argmax())})"


@pytest.mark.parametrize("method", METHODS)
def test_an_output_is_driven_by_the_token_that_it_follows(live: Any, method: str) -> None:
    found = nw.attribution(live, "hgfeahghghgfaghg", output="a", method=method)
    assert (found.table()["name"].iloc[0], found.table()["number"].iloc[0]) == ("a", 12)
    assert found.drives
    assert found.target == "the log-odds of 'a'"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("asked", [{"unit": "dense.0:1"}, {"output": "bright"}, {}], ids=["unit", "output", "best"])
def test_a_picture_is_driven_by_the_patches_that_are_seen(corner: Any, method: str, asked: dict[str, Any]) -> None:
    found = nw.attribution(corner, PICTURE, method=method, **asked)
    seen = found.effects[(found.effects["y"] < 4) & (found.effects["x"] < 4)]
    assert set(found.strongest) == set(seen["number"])
    assert len(seen) == 4
    assert found.effects.drop(seen.index)["effect"].abs().max() < 1e-5
    assert found.drives


@pytest.mark.parametrize("method", METHODS)
def test_a_row_is_driven_by_its_column(column: Any, method: str) -> None:
    found = nw.attribution(column, ROW, output="yes", method=method)
    table = found.table().set_index("name")["effect"]
    assert table.index[:2].tolist() == ["c", "a"]
    assert (table.iloc[2:] == 0).all()
    typical = statistics.median_low([row["c"] for row in column.inputs.rows])
    assert typical < 0, "the slope does not see that the neuron is silent there"
    falls = 3.0 - max(typical, 0.0) if method == "occlusion" else 3.0 - typical
    assert found.effects["effect"][2] == pytest.approx(2 * falls, abs=1e-3)
    assert found.drives


def test_a_unit_that_reads_nothing_is_driven_by_nothing(column: Any, live: Any) -> None:
    for found in (
        nw.attribution(column, ROW, "dense.0:4"),
        nw.attribution(column, ROW, "dense.0:4", method="gradient"),
    ):
        assert not found.drives
        assert found.verdict.rpartition("preview: ")[2].startswith("Nothing that can be taken out")
    begins = nw.attribution(live, "hgfeahgh", "mlp.1:0", position=1)  # nothing stands three positions before
    assert not begins.drives


def test_a_unit_that_follows_everything_alike_is_called_chance() -> None:
    """Its value is the mean over all pixels: no five patches matter more than others."""

    class Mean(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.see, self.act = nn.Linear(256, 2), nn.ReLU()
            nn.init.constant_(self.see.weight, 1 / 256)

        def forward(self, pixels: Tensor) -> Tensor:
            out: Tensor = self.act(self.see(pixels.flatten(1)))
            return out

    live = nw.attach(Mean().eval(), inputs=nw.ImageInputs((16, 16), channels=1))
    site = live.sites.defaults[0].name
    striped = np.zeros((16, 16), np.uint8)
    striped[:, ::2] = 10
    striped[:, 1::2] = 200
    found = nw.attribution(live, striped, (site, 0))
    assert not found.drives
    assert "No more than chance" in found.verdict or "Nothing that can be taken out" in found.verdict


def test_rounding_beats_no_random_choice(corner: Any) -> None:
    found = nw.attribution(corner, PICTURE, "dense.0:1")
    for apart, drives in ((1e-7, False), (1e-3, True)):
        near = replace(found, without_strongest=0.0, without_random=(apart * found.value,) * 20)
        assert (near.drives, near.beaten) == (drives, 20 * drives)


def test_what_stands_instead_can_be_said(live: Any, corner: Any, column: Any) -> None:
    text = "hgfefghehgafehgf"
    same = nw.attribution(live, text, "mlp.1:0", position=13, instead="abcd")  # of the same striped of the alphabet
    assert not same.drives
    assert nw.attribution(corner, PICTURE, "dense.0:1", instead=PICTURE).effects["effect"].abs().max() == 0
    assert nw.attribution(column, ROW, output="yes", instead=ROW).effects["effect"].abs().max() == 0


def test_a_kind_that_only_tests_know_has_parts_by_one_object() -> None:
    class Stretch(nn.Module):
        """Unit 0 is the mean of points 16 to 23."""

        def __init__(self) -> None:
            super().__init__()
            self.see, self.act = nn.Linear(LENGTH, 3), nn.ReLU()
            with torch.no_grad():
                self.see.weight[0] = 0
                self.see.weight[0, 16:24] = 1 / 8
                self.see.bias[0] = 0

        def forward(self, points: Tensor) -> Tensor:
            out: Tensor = self.act(self.see(points.flatten(1)))
            return out

    with curves_are_known():
        curves = nw.attach(Stretch().eval(), inputs=CurveInputs())
        site = curves.sites.defaults[0].name
        for method in METHODS:
            found = nw.attribution(curves, np.ones(LENGTH, np.float32), (site, 0), method=method)
            assert found.table()["name"].iloc[0] == "points 16 to 23"
            assert found.verdict.endswith("random choices.")
            assert found.drives
        found_grid = nw.patch_grid(curves, np.ones(LENGTH), np.zeros(LENGTH), lambda outputs: float(outputs[0]), site)
        assert found_grid.cells["recovered"].tolist() == [pytest.approx(1.0)]
    with pytest.raises(ValueError, match="Inputs of kind 'curve' are not cut into parts"):
        nw.attribution(curves, np.ones(LENGTH, np.float32), (site, 0))


def test_edits_act_and_are_told(live: Any) -> None:
    silent = nw.Edit("mlp.1", torch.zeros_like)
    found = nw.attribution(live, "hgfeahghghgfaghg", output="a", edits=[silent])
    assert not found.drives
    assert found.provenance.edits == (str(silent),)
    with pytest.raises(ValueError, match="Gradients do not pass through edits"):
        nw.attribution(live, "hgfeahgh", output="a", edits=[silent], method="gradient")


def test_gradients_leave_the_model_as_it_was(live: Any) -> None:
    before = {name: parameter.clone() for name, parameter in live.module.named_parameters()}
    nw.attribution(live, "hgfeahgh", output="a", method="gradient")
    assert all(torch.equal(parameter, before[name]) for name, parameter in live.module.named_parameters())
    assert all(parameter.grad is None for parameter in live.module.parameters())
    assert torch.is_grad_enabled()
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in live.module.modules())


def test_without_a_check_the_gradient_is_one_pass_and_the_verdict_says_so(live: Any) -> None:
    found = nw.attribution(live, "hgfeahgh", output="a", method="gradient", check=False)
    checked = nw.attribution(live, "hgfeahgh", output="a", method="gradient")
    pd.testing.assert_frame_equal(found.effects, checked.effects)
    assert (found.drives, checked.drives) == (False, True)
    assert found.verdict.startswith("By the gradient, a preview: What drives the log-odds of 'a' most is the strongest")
    assert found.verdict.endswith("('a'); not checked.")
    assert Attribution.from_json(found.to_json()).verdict == found.verdict


def test_progress_is_told_and_it_can_be_stopped(live: Any) -> None:
    seen: list[tuple[int, int]] = []
    nw.attribution(live, "hgfeahgh", output="a", progress=lambda *done: seen.append(done))
    assert seen == [(n + 1, 8) for n in range(8)]
    with pytest.raises(Overtaken):
        nw.attribution(live, "hgfeahgh", output="a", overtaken=lambda: True)


def test_results_come_back_from_json(live: Any, corner: Any, column: Any) -> None:
    pytest.importorskip("altair")
    for found in (
        nw.attribution(live, "hgfeahgh", output="a", seed=2),
        nw.attribution(corner, PICTURE, "dense.0:1", seed=2),
        nw.attribution(column, ROW, seed=2),
    ):
        again = Attribution.from_json(found.to_json())
        assert again.verdict == found.verdict
        assert again.provenance == found.provenance
        pd.testing.assert_frame_equal(again.table(), found.table())
        assert found.chart().to_dict()
        assert found.provenance.seed == 2


def test_what_cannot_be_asked_is_refused_in_a_sentence(live: Any, column: Any) -> None:
    with pytest.raises(ValueError, match="method= is one of occlusion, gradient"):
        nw.attribution(live, "abc", method="magic")
    with pytest.raises(KeyError, match=r"no output 'z'\. Most probable here"):
        nw.attribution(live, "abc", output="z")
    with pytest.raises(IndexError, match="has the outputs 0 to 1"):
        nw.attribution(column, ROW, output=7)
    with pytest.raises(IndexError, match="positions 0 to 2"):
        nw.attribution(live, "abc", "mlp.1:0", position=5)
    with pytest.raises(ValueError, match="leave one of them out"):
        nw.attribution(live, "abc", "mlp.1:0", output="a")
    with pytest.raises(ValueError, match="The text is empty"):
        nw.attribution(live, "", "mlp.1:0")
