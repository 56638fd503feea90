"""A scatter of units that is linked to an Explorer, and the axes that it begins with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import neuronwidget as nw

LETTERS = "abcdefgh"


def atlas_of(layer: nn.Module, folder: Path) -> tuple[nw.LiveModel, nw.Atlas]:
    """Of a layer of 24 units over all pairs of eight letters."""
    torch.manual_seed(0)
    linear = nn.Linear(6, 24)
    with torch.no_grad():
        linear.weight.mul_(torch.logspace(0, 2, 24)[:, None])
    module = nn.Sequential(nn.Embedding(8, 6), linear, layer).eval()
    inputs = nw.TextInputs(lambda text: [LETTERS.index(c) for c in text], lambda ids: "".join(LETTERS[i] for i in ids),
                           sample=LETTERS * 4)  # fmt: skip
    live = nw.attach(module, inputs=inputs)
    documents = [a + b for a in LETTERS for b in LETTERS]
    return live, nw.scan(live, documents, [live.sites.defaults[-1].name], out=folder, progress=False)


@pytest.fixture
def bounded(tmp_path: Path) -> tuple[nw.LiveModel, nw.Atlas]:
    return atlas_of(nn.Tanh(), tmp_path / "bounded")


def upwards(scatter: nw.UnitScatter) -> str:
    field: str = scatter.chart.to_dict()["encoding"]["y"]["field"]
    return field.removesuffix("_drawn")


def test_units_of_a_bounded_layer_lie_apart_at_first(bounded: tuple[nw.LiveModel, nw.Atlas], tmp_path: Path) -> None:
    _, atlas = bounded
    assert (atlas.units["max"] > 0.8).mean() > 0.8, "largest values are nearly all alike"
    scatter = nw.UnitScatter(atlas)
    drawn = atlas.units[upwards(scatter)].to_numpy(np.float64)
    low, high = np.quantile(drawn, (0.1, 0.9))
    assert high - low > 0.2 * drawn.max()
    assert upwards(nw.UnitScatter(atlas, y="max")) == "max"
    _, open_ended = atlas_of(nn.ReLU(), tmp_path / "open")
    assert upwards(nw.UnitScatter(open_ended)) == "max"
    scatter.close()


def test_a_click_shows_the_unit_in_the_explorer_and_back(bounded: tuple[nw.LiveModel, nw.Atlas]) -> None:
    live, atlas = bounded
    site = next(iter(atlas.sites)).name
    explorer = nw.explore(live, "abc", unit=f"{site}:3")
    scatter = nw.UnitScatter(atlas, live=explorer)
    shown: Any = scatter.widget.params
    assert shown.unit_shown == f"{site}:3"
    click(scatter, f"{site}:7")
    assert str(explorer.unit) == f"{site}:7"
    assert shown.unit_shown == f"{site}:7"
    explorer.unit = f"{site}:5"
    assert shown.unit_shown == f"{site}:5"
    explorer.unit = None
    assert shown.unit_shown == ""
    click(scatter, "nowhere:1")  # what the model does not have leaves the view as it is
    assert explorer.unit is None
    scatter.close()
    explorer.unit = f"{site}:2"
    assert shown.unit_shown == "", "a closed scatter follows nothing"
    explorer.close()


def click(scatter: nw.UnitScatter, unit: str) -> None:
    """As altair's page tells of it."""
    selection = {"value": {"vlPoint": {"or": [{"unit": unit}]}, "unit": [unit]}, "store": [{"values": [unit]}]}
    scatter.widget._vl_selections = {"pick": selection}
