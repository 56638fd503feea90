"""A kind of input that the package does not know works by registering one object."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.inputs import registry
from tests.curve import WAVE, CurveInputs, curves_are_known


@pytest.fixture
def curves() -> Iterator[CurveInputs]:
    with curves_are_known():
        yield CurveInputs(["sine", "saw", "noise"])


class CurveNet(nn.Sequential):
    def __init__(self) -> None:
        super().__init__(
            nn.Conv1d(1, 6, 5, padding=2),
            nn.ReLU(),
            nn.Conv1d(6, 8, 3, stride=2),
            nn.BatchNorm1d(8),
            nn.GELU(),
            nn.AdaptiveAvgPool1d(1),
            nn.Flatten(),
            nn.Linear(8, 3),
        )


def test_a_kind_that_was_registered_is_attached_and_recorded(curves: CurveInputs) -> None:
    torch.manual_seed(0)
    model = CurveNet().eval()
    live = nw.attach(model, inputs=curves)
    assert live.kind == "curve"
    assert [(site.name, site.width) for site in live.sites.defaults] == [("conv.0", 6), ("conv.1", 8), ("dense.0", 3)]
    seen: dict[int, Tensor] = {}
    for number in (1, 4, 7):
        model[number].register_forward_hook(lambda _, args, output, n=number: seen.update({n: output[0]}))
    with torch.no_grad():
        output = model(torch.from_numpy(WAVE)[None, None])
    recording = live.record(WAVE)
    assert torch.equal(recording["conv.0"], seen[1].T)
    assert torch.equal(recording["conv.1"], seen[4].T)
    assert torch.equal(recording["dense.0"], seen[7][None])
    table = live.predict(WAVE)
    best = output.softmax(-1)[0].topk(3)
    assert table["class"].tolist() == [["sine", "saw", "noise"][i] for i in best.indices]
    assert np.allclose(table["probability"], best.values)


def test_inputs_may_stand_where_a_tokenizer_does(curves: CurveInputs) -> None:
    assert nw.attach(CurveNet(), curves).kind == "curve"


def test_a_kind_that_nobody_registered_is_refused_by_name() -> None:
    with pytest.raises(nw.AttachError, match="CurveInputs is no kind of inputs that is known: text, image, table"):
        nw.attach(CurveNet(), inputs=CurveInputs())


@pytest.mark.parametrize("name", ["code", "digits", "cancer"])
def test_the_bundled_models_have_their_kinds(name: str) -> None:
    live = nw.demo(name)
    assert live.kind == {"code": "text", "digits": "image", "cancer": "table"}[name]
    assert isinstance(live, registry.kind_of(live.inputs).model)
