"""A kind of input is one object that is registered: frames, an Explorer and its catalog follow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.live.tensor_model import TensorModel
from tests.curve import LENGTH, WAVE, CurveInputs, curves_are_known
from tests.golden.make import Page


class Net(nn.Module):
    """Two convolutions along the curve, and a head of two classes."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv1d(1, 6, 5, padding=2), nn.Conv1d(6, 4, 3, padding=1)
        self.relu, self.head = nn.ReLU(), nn.Linear(4, 2)

    def forward(self, curves: Tensor) -> Tensor:
        return self.head(torch.tanh(self.second(self.relu(self.first(curves)))).mean(2))


@pytest.fixture(autouse=True)
def curves() -> Iterator[None]:
    with curves_are_known():
        yield


@pytest.fixture
def live() -> TensorModel:
    torch.manual_seed(0)
    return TensorModel(Net(), CurveInputs(["up", "down"]), name="curves")


def arrays_of(message: Any, sent: list[bytes]) -> dict[str, NDArray[Any]]:
    from neuronwidget.stream.frame import decode

    return decode(message, sent)


def test_frames_have_trace_map_and_overview(live: TensorModel) -> None:
    site = live.sites.defaults[0]
    explorer = nw.explore(live, WAVE, site=site.name)
    page, shown = Page(explorer), np.cos(np.arange(LENGTH) / 3).astype(np.float32)
    wanted = {"trace": {}, "map": {"height": 64, "width": 64}, "overview": {"width": 32}, "classes": {}}
    message, sent = page.ask(
        1, {"kind": "curve", "points": shown.tolist()}, unit=f"{site.name}:2", parts=wanted, changes={}
    )
    assert list(message["parts"]) == ["trace", "map", "overview", "classes"]
    assert message["head"]["input"] == {"kind": "curve"}
    arrays, recording = arrays_of(message, sent), live.record(shown)
    np.testing.assert_array_equal(arrays["trace.unit"], recording[site.name][:, 2].numpy())
    assert arrays["map.cells"].shape == (site.width, len(recording[site.name]))
    names = message["parts"]["overview"]["sites"]
    assert names == [place.name for place in live.sites.defaults]
    assert len(arrays["overview.cells"]) == len(names)
    for row, name in enumerate(names):
        reading, _ = page.say("probe", seq=2, of=1, where="overview", x=0, y=row)
        assert reading["value"] in recording[name].flatten().tolist()
    assert message["parts"]["classes"]["names"] == ["up", "down"]
    explorer.close()


def test_an_explorer_has_a_catalog_and_takes_inputs_both_ways(live: TensorModel) -> None:
    explorer = nw.explore(live, WAVE)
    assert explorer.unit is not None, "one that varies over the curve is chosen"
    assert explorer.catalog["input"] == {"kind": "curve", "length": LENGTH, "classes": ["up", "down"]}
    assert [site["name"] for site in explorer.catalog["sites"]][: len(live.sites.defaults)] == [
        site.name for site in live.sites.defaults
    ]
    assert explorer.get_state("input")["input"] == WAVE.tolist()
    explorer._receive(explorer, {"v": 2, "kind": "set", "changes": {"input": (-WAVE).tolist()}}, [])
    np.testing.assert_array_equal(explorer.input, -WAVE)
    with pytest.raises(TraitError, match="64 numbers"):
        explorer.input = [1.0, 2.0]
    assert set(explorer.table()["unit"]) == {str(explorer.unit)}
    with pytest.raises(TypeError, match="curves reads curves"):
        nw.TokenStrip(live)
    explorer.close()


def test_what_is_no_curve_is_refused_with_a_sentence(live: TensorModel) -> None:
    page = Page(nw.explore(live))
    for subject in ({"kind": "curve"}, {"kind": "curve", "points": [1, 2]}, {"kind": "image"}):
        answer, _ = page.say("ask", seq=3, input=subject, site=page.widget.site, parts={"trace": {}})
        assert answer["kind"] == "error"
        assert answer["message"].endswith(".")
    page.widget.close()
