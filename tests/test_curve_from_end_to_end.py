"""A kind of input that the package does not know: one object for each layer, and all of it works on curves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.stream.frame import decode
from tests.curve import LENGTH, WAVE, CurveInputs, curves_are_known
from tests.golden.make import Page


@pytest.fixture(autouse=True)
def curves() -> Iterator[None]:
    with curves_are_known():
        yield


def test_it_is_recorded_shown_scanned_and_has_exemplars(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv1d(1, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(240, 2)).eval()
    live = nw.attach(net, inputs=CurveInputs(["flat", "steep"]))
    with torch.no_grad():
        expected = net[:2](torch.from_numpy(WAVE)[None, None])[0].T
    assert torch.equal(live.record(WAVE)["conv.0"], expected)

    data = np.random.default_rng(0).normal(size=(40, LENGTH)).cumsum(1).astype(np.float32) / 8
    atlas = nw.scan(live, data, ["conv.0"], out=tmp_path / "atlas", progress=False)
    with torch.no_grad():
        values = net[:2](torch.from_numpy(data)[:, None]).numpy()
    np.testing.assert_allclose(atlas.units.loc["conv.0"]["max"], values.max((0, 2)), rtol=1e-6)

    page = Page(nw.explore(live, WAVE, atlas=atlas, unit="conv.0:1"))
    asked = {"trace": {}, "map": {"height": 4, "width": 60}, "classes": {}}
    message, sent = page.ask(1, {"kind": "curve", "points": WAVE.tolist()}, unit="conv.0:1", parts=asked)
    np.testing.assert_array_equal(decode(message, sent)["trace.unit"], expected[:, 1].numpy())
    answer, _ = page.say("atlas", seq=2, want="exemplars", unit="conv.0:1", group="top", first=0, count=5)
    largest = np.argsort(-values[:, 1].max(1))[:5]
    assert [row["document"] for row in answer["rows"]] == largest.tolist()
    np.testing.assert_array_equal(np.float32([row["points"] for row in answer["rows"]]), data[largest])
    page.widget.close()
