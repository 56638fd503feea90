"""Network Dissection counts as it was published, lays maps where they belong, and says what it cannot do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.analysis.scores.halves import halves
from neuronwidget.analysis.which.dissect.result import Dissection
from neuronwidget.analysis.which.dissect.upsample import Upsampling
from neuronwidget.live.capture import Overtaken
from tests.planted.shapes import SIDE, model, pictures


@pytest.fixture(scope="module")
def live() -> Any:
    return model(0)


def plain(width: int = 1, **conv: Any) -> Any:
    """A convolution that passes red on."""
    layer = nn.Conv2d(3, width, 1, bias=False, **conv)
    with torch.no_grad():
        layer.weight.zero_()
        layer.weight[:, 0] = 1
    net = nn.Sequential(layer, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 2))
    return nw.attach(net.eval(), inputs=nw.ImageInputs(size=16, channels=3))


def spots(count: int, seed: int = 0) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Pictures with a single bright pixel each, and where it is."""
    source = np.random.default_rng(seed)
    drawn, at = np.zeros((count, 16, 16, 3), np.uint8), np.zeros((count, 16, 16), bool)
    for number, (y, x) in enumerate(source.integers(0, 16, (count, 2))):
        drawn[number, y, x, 0] = 100 + source.integers(0, 150)
        at[number, y, x] = True
    return drawn, at


def by_hand(live: Any, drawn: Any, mask: Any, above: float, looked: Any) -> float:
    """IoU over the pictures of the second half that somebody looked at."""
    second = halves(np.arange(len(drawn)))[1] & looked
    values = np.stack([live.record(picture, sites=["conv.0"])["conv.0"][:, 0].numpy() for picture in drawn[second]])
    on, there = values.reshape(-1, 16, 16) > above, mask[second]
    return float((on & there).sum() / (on | there).sum())


def test_iou_counts_all_pictures_that_somebody_looked_at() -> None:
    drawn, at = spots(40)
    live, even = plain(), np.arange(40) % 2 == 0
    found = nw.dissect(live, drawn, {"spot": at}, rate=1 / 512, draws=1)  # on at the brighter half of the spots
    above = found.units["threshold"][0]
    assert 0.3 < found.units["effect"][0] < 0.8
    assert found.units["effect"][0] == pytest.approx(by_hand(live, drawn, at, above, True))
    absent = at & even[:, None, None]
    errors = nw.dissect(live, drawn, {"spot": absent}, rate=1 / 512, draws=1)
    assert errors.units["effect"][0] == pytest.approx(by_hand(live, drawn, absent, above, True))
    looked = [mask if there else None for mask, there in zip(at, even, strict=True)]
    forgiven = nw.dissect(live, drawn, {"spot": looked}, rate=1 / 512, draws=1)
    assert forgiven.units["effect"][0] == pytest.approx(by_hand(live, drawn, at, above, even))
    assert errors.units["effect"][0] < forgiven.units["effect"][0]
    of_category = {"spot": looked, "frame": list(np.zeros((40, 16, 16), bool))}
    parts = {"spot": "part", "frame": "part"}
    together = nw.dissect(live, drawn, of_category, rate=1 / 512, categories=parts, draws=1)
    assert together.units["effect"][0] == pytest.approx(errors.units["effect"][0])
    assert together.concepts["pictures"].tolist() == [40, 40]


def test_a_map_lies_where_its_receptive_fields_lie() -> None:
    torch.manual_seed(0)
    layers = [nn.Conv2d(1, 2, 5, stride=4, padding=0), nn.ReLU(), nn.Flatten(), nn.Linear(2 * 36, 2)]
    live = nw.attach(nn.Sequential(*layers).eval(), inputs=nw.ImageInputs(size=25, channels=1))
    up = Upsampling.of(live, live.sites["conv.0"], (25, 25))
    assert up.anchored
    assert np.allclose(up.down[[2, 6, 10, 14, 18, 22]], np.eye(6))
    assert np.allclose(up.down.sum(1), 1)
    values = np.zeros((36, 2), np.float32)
    values[7, 1] = 1  # row 1, column 1
    wide = up(values)
    assert divmod(int(wide[:, :, 1].argmax()), 25) == (6, 6)
    assert not wide[:, :, 0].any()
    assert wide[8, 6, 1] == pytest.approx(0.5)


def test_it_keeps_pictures_with_outlines_and_survives_json(live: Any) -> None:
    drawn, masks = pictures(60, 1)
    heard: list[tuple[int, int]] = []
    found = nw.dissect(live, drawn, masks, draws=20, progress=lambda *far: heard.append(far))
    assert heard[-1][0] == heard[-1][1]
    assert "3 units lie where a concept lies" in found.verdict
    assert "that was not tried" in found.verdict
    assert found.pictures["image"].str.startswith("data:image/png;base64,").all()
    assert set(found.pictures["unit"]) == set(found.found["unit"])
    for row in found.pictures[found.pictures["rank"] == 1].to_dict("records"):
        assert masks[row["concept"]][row["document"]].any()
    again = Dissection.from_json(found.to_json())
    assert again.verdict == found.verdict
    assert again.units.equals(found.units)
    assert again.chart().to_dict()["mark"]["type"] == "image"
    collected = nw.dissect(live, nw.collect(live, drawn, ["conv.0"]), masks, ["conv.0"], draws=20)
    assert collected.units.equals(found.units)


def test_masks_may_be_told_by_a_function_and_have_another_size(live: Any) -> None:
    drawn, masks = pictures(60, 2)
    small = masks["bars"].reshape(60, SIDE // 2, 2, SIDE // 2, 2).any((2, 4))
    found = nw.dissect(live, drawn, {"bars": small, "bright": lambda pixels: pixels[:, :, 0] > 150}, draws=20)
    assert dict(zip(found.found["unit"], found.found["concept"], strict=True))["conv.0:2"] in ("bars", "bright")
    assert found.concepts["concept"].tolist() == ["bars", "bright"]


def test_what_cannot_be_asked_is_said(live: Any) -> None:
    drawn, masks = pictures(20, 0)
    with pytest.raises(ValueError, match="No concept is given"):
        nw.dissect(live, drawn, {})
    with pytest.raises(ValueError, match="20 pictures: give one for each"):
        nw.dissect(live, drawn, {"disc": masks["disc"][:5]})
    with pytest.raises(ValueError, match="whether a picture has it, and not where"):
        nw.dissect(live, drawn, {"disc": [True] * 20})
    with pytest.raises(ValueError, match="lies over a picture"):
        nw.dissect(live, drawn, masks, ["dense.0"])
    with pytest.raises(ValueError, match="too few"):
        nw.dissect(live, drawn[:4], {"disc": masks["disc"][:4]})
    with pytest.raises(ValueError, match="no concept of masks"):
        nw.dissect(live, drawn, masks, categories={"square": "form"})
    with pytest.raises(ValueError, match="Nobody looked"):
        nw.dissect(live, drawn, {"disc": [None] * 20})
    with pytest.raises(Overtaken):
        nw.dissect(live, drawn, masks, overtaken=lambda: True)
