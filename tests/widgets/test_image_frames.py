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
from neuronwidget.stream.protocol import asks
from neuronwidget.stream.protocol.asks import Ask, Probe
from neuronwidget.stream.protocol.checks import ProtocolError
from neuronwidget.stream.protocol.inputs import Picture
from neuronwidget.stream.raster import Scale, quantise
from neuronwidget.widgets.frames.build import FrameBuilder
from neuronwidget.widgets.frames.panels.tiles import TilesAsk
from tests.asks import ask_image

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
    return ask_image(shown, **{"site": "conv.1", **changes})


def test_values_are_those_of_the_recording() -> None:
    frame = FrameBuilder(LIVE).build(ask(unit="conv.0:3", pins=("conv.0:1", "conv.0:6"), top={"most": 4}, classes={}))
    recording = LIVE.record(SHOWN)
    assert frame.head["input"]["kind"] == "image"
    assert frame.parts["trace"]["grid"] == [5, 4]
    assert frame.parts["trace"]["unitGrid"] == [12, 10]
    np.testing.assert_allclose(frame.arrays["trace.unit"], recording["conv.0"][:, 3], rtol=1e-6)
    np.testing.assert_allclose(frame.arrays["trace.pins"], recording["conv.0"][:, [1, 6]].T, rtol=1e-6)
    peaks = recording["conv.1"].abs().max(0).values
    assert frame.arrays["top.units"].tolist() == peaks.topk(4).indices.tolist()
    np.testing.assert_allclose(np.abs(frame.arrays["top.values"]), peaks.topk(4).values, rtol=1e-6)
    said = LIVE.predict(SHOWN).set_index("class")["probability"]
    classes = frame.parts["classes"]
    assert classes["names"] == list("abcd")
    assert classes["probabilities"] == pytest.approx([said[name] for name in "abcd"], abs=1e-5)
    np.testing.assert_array_equal(frame.arrays["input.seen"], SHOWN)


def test_pins_on_other_grids_come_one_by_one() -> None:
    frame = FrameBuilder(LIVE).build(ask(pins=("conv.0:1", "conv.1:2", "dense.0:3")))
    assert frame.parts["trace"]["pinGrids"] == [[12, 10], [5, 4], None]
    assert "trace.pins" not in frame.arrays
    assert [frame.arrays[f"trace.pin_{i}"].shape for i in range(3)] == [(120,), (20,), (1,)]
    assert len(frame.parts["trace"]["pinScales"]) == 3


def test_tiles_are_the_strongest_units_small_and_on_the_sites_scale() -> None:
    frame = FrameBuilder(LIVE).build(ask(site="conv.0", tiles={"count": 3, "height": 6, "width": 10}))
    tiles, units = frame.arrays["tiles.cells"], frame.arrays["tiles.units"]
    values = LIVE.record(SHOWN)["conv.0"].numpy()
    assert tiles.shape == (3, 6, 10)
    assert units.tolist() == np.argsort(-np.abs(values).max(0), kind="stable")[:3].tolist()
    scale = frame.parts["trace"]["siteScale"]
    whole = values[:, units[0]].reshape(12, 10)
    pooled = np.maximum(whole[::2], whole[1::2])  # after a ReLU the strongest is the largest
    expected = quantise(pooled, Scale(scale["lo"], scale["hi"], scale["mode"]))
    np.testing.assert_array_equal(tiles[0], expected)
    assert frame.arrays["tiles.values"][0] == whole[np.unravel_index(np.abs(whole).argmax(), whole.shape)]
    flat = FrameBuilder(LIVE).build(ask(site="dense.0", tiles={"count": 3, "height": 6, "width": 6}))
    assert "tiles" not in flat.parts
    assert "tiles.cells" not in flat.arrays


def test_a_flat_site_has_one_value_a_unit_and_a_map_has_a_column_a_position() -> None:
    frame = FrameBuilder(LIVE).build(ask(site="dense.0", unit="dense.0:2", top={"most": 9}))
    assert frame.parts["trace"]["grid"] is None
    assert frame.arrays["trace.unit"].shape == (1,)
    assert len(frame.arrays["top.units"]) == 4
    builder = FrameBuilder(LIVE)
    frame = builder.build(ask(map={"height": 100, "width": 100}))
    assert frame.arrays["map.cells"].shape == (5, 20)
    reading = builder.probe(Probe(2, 1, "map", 7, 3))
    assert reading["value"] == pytest.approx(float(LIVE.record(SHOWN)["conv.1"][7, 3]), abs=1e-6)


def test_a_probe_of_the_unit_tells_its_value_and_the_pixels_it_sees() -> None:
    builder = FrameBuilder(LIVE)
    LIVE.field_seconds = float("inf")
    builder.build(ask(unit="conv.1:2"))
    reading = builder.probe(Probe(9, 1, "unit", 3, 1))
    assert reading["unit"] == "conv.1:2"
    assert reading["value"] == pytest.approx(float(LIVE.record(SHOWN)["conv.1"][7, 2]), abs=1e-6)
    assert reading["box"] == [5, 1, 10, 6]
    assert builder.probe(Probe(9, 1, "unit", 4, 1)) is None, "there is no such cell"
    assert builder.probe(Probe(9, 8, "unit", 3, 1)) is None, "of another frame"
    builder.build(ask(unit="dense.0:2"))
    assert builder.probe(Probe(9, 1, "unit", 0, 0))["box"] is None


def test_what_is_known_of_a_picture_is_not_run_again() -> None:
    builder, module = FrameBuilder(LIVE), LIVE.module
    builder.build(ask(unit="conv.0:1", classes={}))
    passes = module.passes
    frame = builder.build(ask(unit="conv.0:4", classes={}, tiles={"count": 2, "height": 9, "width": 9}))
    assert module.passes == passes
    assert frame.head["reused"] == 1
    builder.build(ask(site="dense.0", classes={}))
    assert module.passes == passes + 1, "a site that was not recorded"
    builder.build(ask(255 - SHOWN, classes={}))
    assert module.passes == passes + 2, "another picture"
    with torch.no_grad():
        module.head.bias += 1.0
        module.head.bias -= 1.0
    builder.build(ask(255 - SHOWN, classes={}))
    assert module.passes == passes + 3, "other weights"


def test_values_that_are_no_numbers_are_counted_and_no_opinion_is_made_of_them() -> None:
    with torch.no_grad():
        LIVE.module.second.bias[1] += float("nan")
    try:
        frame = FrameBuilder(LIVE).build(ask(unit="conv.1:1", classes={}, tiles={"count": 5, "height": 9, "width": 9}))
        content, buffers = frame.encode()
        assert content["head"]["odd"]["nan"] == 20
        assert "classes" not in content["parts"]
        arrays = decode(content, buffers)
        assert arrays["tiles.units"][0] == 1
        assert (arrays["tiles.cells"][0] == 0).all()
        assert np.isnan(arrays["trace.unit"]).all()
    finally:
        with torch.no_grad():
            LIVE.module.second.bias[1] = 0.1


def test_class_tokens_are_no_part_of_the_map() -> None:
    import transformers

    config = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=24, image_size=12, patch_size=4
    )
    live = nw.attach(transformers.ViTForImageClassification(config), inputs=nw.ImageInputs(12))
    frame = FrameBuilder(live).build(ask(site="mlp.0", unit="mlp.0:3", tiles={"count": 2, "height": 3, "width": 3}))
    recording = live.record(SHOWN)
    assert frame.parts["trace"]["grid"] == [3, 3]
    np.testing.assert_allclose(frame.arrays["trace.unit"], recording["mlp.0"][1:, 3], rtol=1e-5, atol=1e-6)
    assert frame.parts["trace"]["lead"] == [pytest.approx(float(recording["mlp.0"][0, 3]), abs=1e-6)]
    assert frame.arrays["tiles.cells"].shape == (2, 3, 3)


# ---- messages --------------------------------------------------------------------------------------------------------

BARE = {"v": 2, "kind": "ask", "seq": 4, "site": "conv.1", "input": {"kind": "image"}}


def test_a_request_brings_its_picture_in_its_first_buffer() -> None:
    size = {"width": 10, "height": 12}
    content = {**BARE, "input": {"kind": "image", **size}, "changes": {"input": size}}
    message = asks.read(content, [memoryview(SHOWN.tobytes())])
    assert message.input.value == Picture(10, 12, SHOWN.tobytes())
    assert message.changes["input"] == {"width": 10, "height": 12, "rgb": SHOWN.tobytes()}
    assert message.parts == {}


@pytest.mark.parametrize(
    ("wrong", "buffers", "says"),
    [
        ({"input": {"kind": "image", "width": 10, "height": 11}}, [SHOWN.tobytes()], "330 bytes, not 360"),
        ({"input": {"kind": "image", "width": 10, "height": 12}}, [], "360 bytes, not 0"),
        ({"input": {"kind": "image", "width": 0, "height": 12}}, [b""], "0 × 12"),
        ({"input": {"kind": "image", "width": 1e9, "height": 1e9}}, [b""], "512"),
        ({"input": {"kind": "image", "width": "cat"}}, [b""], "width"),
        ({"input": "cat"}, [b""], "input"),
        ({"input": {"kind": "sound"}}, [], "text, image, table"),
        ({"parts": {"tiles": {"count": 3}}}, [], "height"),
        ({"parts": {"tiles": 7}}, [], "tiles"),
        ({"parts": {"sweep": {"column": 4, "points": 8}}}, [], "column"),
        ({"input": {"kind": "table", "row": [1, 2]}}, [], "row"),
        ({"input": {"kind": "table", "row": {"age": None}}}, [], "row.age"),
        ({"input": {"kind": "table", "row": {"age": float("nan")}}}, [], "row.age"),
    ],
)
def test_requests_that_make_no_sense_are_refused(wrong: dict[str, Any], buffers: list[bytes], says: str) -> None:
    with pytest.raises(ProtocolError, match=says) as caught:
        asks.read({**BARE, **wrong}, buffers)
    assert caught.value.seq == 4


def test_numbers_beyond_all_measure_are_brought_down() -> None:
    message = asks.read({**BARE, "parts": {"tiles": {"count": 10**9, "height": 10**9, "width": -4}}})
    assert message.parts["tiles"] == TilesAsk(400, 256, 1)


def test_the_golden_frame_has_the_head_and_parts_of_a_real_one() -> None:
    golden = json.loads((Path(__file__).parents[1] / "golden" / "input-image.json").read_text(encoding="utf-8"))
    tiles = {"count": 2, "height": 9, "width": 9}
    parts = {"classes": {}, "tiles": tiles, "top": {"most": 3}, "pins": ("conv.1:2", "dense.0:1")}
    content, _ = FrameBuilder(LIVE).build(ask(unit="conv.0:3", **parts)).encode()
    assert content["head"].keys() == golden["header"]["head"].keys()
    for name, part in golden["header"]["parts"].items():
        assert content["parts"][name].keys() == part.keys(), name
    assert [array["name"] for array in content["arrays"]] == [array["name"] for array in golden["header"]["arrays"]]
