"""Frames of pictures: exactly what was asked for, and exact numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.stream.frame import decode
from neuronwidget.stream.protocol import asks as protocol
from neuronwidget.stream.protocol.asks import Ask, MapWant, Picture, Probe, TilesWant
from neuronwidget.stream.raster import Scale, quantise
from neuronwidget.widgets.frames.image import ImagePainter

torch.manual_seed(0)
NOISE = np.random.default_rng(3)
GALLERY = {str(i): NOISE.integers(0, 256, (12, 10, 3)).astype(np.uint8) for i in range(3)}


class Net(nn.Module):
    """Two convolutions and a head; its class counts the passes."""

    passes = 0

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 7, 3, padding=1), nn.Conv2d(7, 5, 3, stride=2)
        self.relu, self.head = nn.ReLU(), nn.Linear(5, 4)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        Net.passes += 1
        hidden = torch.tanh(self.second(self.relu(self.first(pixels))))
        return self.head(hidden.mean((2, 3)))


LIVE = nw.attach(Net(), inputs=nw.ImageInputs((12, 10), classes=list("abcd"), gallery=GALLERY))
SHOWN = NOISE.integers(0, 256, (12, 10, 3)).astype(np.uint8)


def ask(shown: Any = SHOWN, **changes: Any) -> Ask:
    image = Picture(shown.shape[1], shown.shape[0], shown.tobytes())
    return Ask(**{"seq": 1, "text": "", "focus": 0, "site": "conv.1", "input": "image", "image": image, **changes})


def test_values_are_those_of_the_recording() -> None:
    frame = ImagePainter(LIVE).paint(ask(unit="conv.0:3", pins=("conv.0:1", "conv.0:6"), top=4, classes=True))
    recording = LIVE.record(SHOWN)
    assert frame.header["input"] == "image"
    assert frame.header["grid"] == [5, 4]
    assert frame.header["unitGrid"] == [12, 10]
    np.testing.assert_allclose(frame.arrays["unit"], recording["conv.0"][:, 3], rtol=1e-6)
    np.testing.assert_allclose(frame.arrays["pins"], recording["conv.0"][:, [1, 6]].T, rtol=1e-6)
    peaks = recording["conv.1"].abs().max(0).values
    assert frame.arrays["top_units"].tolist() == peaks.topk(4).indices.tolist()
    np.testing.assert_allclose(np.abs(frame.arrays["top_values"]), peaks.topk(4).values, rtol=1e-6)
    said = LIVE.predict(SHOWN).set_index("class")["probability"]
    classes = frame.header["classes"]
    assert classes["names"] == list("abcd")
    assert classes["probabilities"] == pytest.approx([said[name] for name in "abcd"], abs=1e-5)
    np.testing.assert_array_equal(frame.arrays["seen"], SHOWN)


def test_pins_on_other_grids_come_one_by_one() -> None:
    frame = ImagePainter(LIVE).paint(ask(pins=("conv.0:1", "conv.1:2", "dense.0:3")))
    assert frame.header["pinGrids"] == [[12, 10], [5, 4], None]
    assert "pins" not in frame.arrays
    assert [frame.arrays[f"pin_{i}"].shape for i in range(3)] == [(120,), (20,), (1,)]
    assert len(frame.header["pinScales"]) == 3


def test_tiles_are_the_strongest_units_small_and_on_the_sites_scale() -> None:
    frame = ImagePainter(LIVE).paint(ask(site="conv.0", tiles=TilesWant(3, 6, 10)))
    tiles, units = frame.arrays["tiles"], frame.arrays["tile_units"]
    values = LIVE.record(SHOWN)["conv.0"].numpy()
    assert tiles.shape == (3, 6, 10)
    assert units.tolist() == np.argsort(-np.abs(values).max(0), kind="stable")[:3].tolist()
    scale = frame.header["siteScale"]
    whole = values[:, units[0]].reshape(12, 10)
    pooled = np.maximum(whole[::2], whole[1::2])  # after a ReLU the strongest is the largest
    expected = quantise(pooled, Scale(scale["lo"], scale["hi"], scale["mode"]))
    np.testing.assert_array_equal(tiles[0], expected)
    assert frame.arrays["tile_values"][0] == whole[np.unravel_index(np.abs(whole).argmax(), whole.shape)]
    assert "tiles" not in ImagePainter(LIVE).paint(ask(site="dense.0", tiles=TilesWant(3, 6, 6))).arrays


def test_a_flat_site_has_one_value_a_unit_and_a_map_has_a_column_a_position() -> None:
    frame = ImagePainter(LIVE).paint(ask(site="dense.0", unit="dense.0:2", top=9))
    assert frame.header["grid"] is None
    assert frame.arrays["unit"].shape == (1,)
    assert len(frame.arrays["top_units"]) == 4
    painter = ImagePainter(LIVE)
    frame = painter.paint(ask(map=MapWant(None, None, 100, 100)))
    assert frame.arrays["map"].shape == (5, 20)
    reading = painter.probe(Probe(2, 1, "map", 7, 3))
    assert reading["value"] == pytest.approx(float(LIVE.record(SHOWN)["conv.1"][7, 3]), abs=1e-6)


def test_a_probe_of_the_unit_tells_its_value_and_the_pixels_it_sees() -> None:
    painter = ImagePainter(LIVE)
    LIVE.field_seconds = float("inf")
    painter.paint(ask(unit="conv.1:2"))
    reading = painter.probe(Probe(9, 1, "unit", 3, 1))
    assert reading["unit"] == "conv.1:2"
    assert reading["value"] == pytest.approx(float(LIVE.record(SHOWN)["conv.1"][7, 2]), abs=1e-6)
    assert reading["box"] == [5, 1, 10, 6]
    assert painter.probe(Probe(9, 1, "unit", 4, 1)) is None, "there is no such cell"
    assert painter.probe(Probe(9, 8, "unit", 3, 1)) is None, "of another frame"
    painter.paint(ask(unit="dense.0:2"))
    assert painter.probe(Probe(9, 1, "unit", 0, 0))["box"] is None


def test_what_is_known_of_a_picture_is_not_run_again() -> None:
    painter, module = ImagePainter(LIVE), LIVE.module
    painter.paint(ask(unit="conv.0:1", classes=True))
    passes = module.passes
    frame = painter.paint(ask(unit="conv.0:4", classes=True, tiles=TilesWant(2, 9, 9)))
    assert module.passes == passes
    assert frame.header["reused"] == 1
    painter.paint(ask(site="dense.0", classes=True))
    assert module.passes == passes + 1, "a site that was not recorded"
    painter.paint(ask(255 - SHOWN, classes=True))
    assert module.passes == passes + 2, "another picture"
    with torch.no_grad():
        module.head.bias += 1.0
        module.head.bias -= 1.0
    painter.paint(ask(255 - SHOWN, classes=True))
    assert module.passes == passes + 3, "other weights"


def test_values_that_are_no_numbers_are_counted_and_no_opinion_is_made_of_them() -> None:
    with torch.no_grad():
        LIVE.module.second.bias[1] += float("nan")
    try:
        frame = ImagePainter(LIVE).paint(ask(unit="conv.1:1", classes=True, tiles=TilesWant(5, 9, 9)))
        content, buffers = frame.encode()
        assert content["odd"]["nan"] == 20
        assert content["classes"] is None
        arrays = decode(content, buffers)
        assert arrays["tile_units"][0] == 1
        assert (arrays["tiles"][0] == 0).all()
        assert np.isnan(arrays["unit"]).all()
    finally:
        with torch.no_grad():
            LIVE.module.second.bias[1] = 0.1


def test_class_tokens_are_no_part_of_the_map() -> None:
    import transformers

    config = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24, image_size=12, patch_size=4
    )
    live = nw.attach(transformers.ViTForImageClassification(config), inputs=nw.ImageInputs(12))
    frame = ImagePainter(live).paint(ask(site="mlp.0", unit="mlp.0:3", tiles=TilesWant(2, 3, 3)))
    recording = live.record(SHOWN)
    assert frame.header["grid"] == [3, 3]
    np.testing.assert_allclose(frame.arrays["unit"], recording["mlp.0"][1:, 3], rtol=1e-5, atol=1e-6)
    assert frame.header["lead"] == [pytest.approx(float(recording["mlp.0"][0, 3]), abs=1e-6)]
    assert frame.arrays["tiles"].shape == (2, 3, 3)


# ---- messages --------------------------------------------------------------------------------------------------------

BARE = {"v": 1, "kind": "ask", "seq": 4, "text": "", "focus": 0, "site": "conv.1", "input": "image"}


def test_a_request_brings_its_picture_in_its_first_buffer() -> None:
    content = {**BARE, "image": {"width": 10, "height": 12}, "changes": {"input": {"width": 10, "height": 12}}}
    message = protocol.read(content, [memoryview(SHOWN.tobytes())])
    assert message.image == Picture(10, 12, SHOWN.tobytes())
    assert message.changes["input"] == {"width": 10, "height": 12, "rgb": SHOWN.tobytes()}
    assert message.tiles is None
    assert message.sweep is None
    assert not message.classes


@pytest.mark.parametrize(
    ("wrong", "buffers", "says"),
    [
        ({"image": {"width": 10, "height": 11}}, [SHOWN.tobytes()], "330 bytes, not 360"),
        ({"image": {"width": 10, "height": 12}}, [], "360 bytes, not 0"),
        ({"image": {"width": 0, "height": 12}}, [b""], "0 × 12"),
        ({"image": {"width": 1e9, "height": 1e9}}, [b""], "512"),
        ({"image": "cat"}, [b""], "image"),
        ({"input": "sound"}, [], "text, image, table"),
        ({"tiles": {"count": 3}}, [], "height"),
        ({"tiles": 7}, [], "tiles"),
        ({"sweep": {"column": 4, "points": 8}}, [], "column"),
        ({"input": "table", "row": [1, 2]}, [], "row"),
        ({"input": "table", "row": {"age": None}}, [], "row.age"),
        ({"input": "table", "row": {"age": float("nan")}}, [], "row.age"),
    ],
)
def test_requests_that_make_no_sense_are_refused(wrong: dict[str, Any], buffers: list[bytes], says: str) -> None:
    with pytest.raises(protocol.ProtocolError, match=says) as caught:
        protocol.read({**BARE, **wrong}, buffers)
    assert caught.value.seq == 4


def test_numbers_beyond_all_measure_are_brought_down() -> None:
    message = protocol.read({**BARE, "tiles": {"count": 10**9, "height": 10**9, "width": -4}})
    assert message.tiles == TilesWant(400, 256, 1)


def test_the_golden_frame_has_the_header_of_a_real_one() -> None:
    golden = json.loads((Path(__file__).parents[1] / "golden" / "input-image.json").read_text(encoding="utf-8"))
    wants = {"classes": True, "tiles": TilesWant(2, 9, 9), "top": 3, "pins": ("conv.1:2", "dense.0:1")}
    content, _ = ImagePainter(LIVE).paint(ask(unit="conv.0:3", **wants)).encode()
    assert content.keys() == golden["header"].keys()
    assert [array["name"] for array in content["arrays"]] == [array["name"] for array in golden["header"]["arrays"]]
