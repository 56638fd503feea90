"""Writes the golden frames that Python and TypeScript both read: `python tests/golden/make.py`.

Run it only when the protocol changes on purpose; then raise VERSION in both languages.
"""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np

from neuronwidget.stream import protocol
from neuronwidget.stream.frame import Frame, encode_arrays
from neuronwidget.stream.raster import Scale, quantise

HERE = Path(__file__).parent


def header(**changes: Any) -> dict[str, Any]:
    scale = Scale(0.0, 2.0).header()
    base = {
        "site": "mlp.2",
        "unit": "mlp.2:417",
        "pins": [],
        "window": {"start": 0, "end": 3, "first": 0, "total": 3},
        "labels": {},
        "token": 1,
        "scale": scale,
        "pinScales": [],
        "map": None,
        "overview": None,
        "guesses": None,
        "odd": {"nan": 0, "inf": 0},
        "reused": 0,
        "ms": {"model": 1.5, "total": 2.25},
    }
    return {**base, **changes}


def frames() -> dict[str, Frame]:
    f32 = np.float32
    spans = np.array([[0, 1], [1, 3], [3, 4]], np.int32)
    unit = np.array([0.5, -1.25, 3e-7], f32)
    values = np.array([[-2, -1, 0], [0.5, 1, 2]], f32)
    odd = np.array([[np.nan, -np.inf, np.inf]], f32)
    signed = Scale(-2.0, 2.0)
    log = Scale(-2.0, 2.0, "log", True)
    ends = {"rows": [4, 6], "cols": [0, 3], "total": 1024, "selected": 5}
    return {
        "strip": Frame(1, header(), {"spans": spans, "unit": unit}),
        "map": Frame(
            2,
            header(
                pins=["mlp.2:3", "mlp.0:9"],
                pinScales=[Scale(0.0, 2.0).header(), signed.header()],
                map={**ends, "scale": signed.header()},
                overview={"sites": ["mlp.0", "mlp.1"], "lows": [0.0, 0.5], "highs": [2.0, 0.75]},
                guesses={
                    "list": [{"text": "\n", "p": 0.75}, {"text": "</script>", "p": 0.125}],
                    "actual": {"text": "é", "p": 0.0625, "rank": 3},
                },
                reused=2,
            ),
            {
                "spans": spans,
                "unit": unit,
                "pins": np.array([[1, 2, 3], [4, 5, 6]], f32),
                "map": quantise(values, signed),
                "map_units": np.array([417, 3], np.int32),
                "overview": np.array([[3, 129, 255], [3, 3, 0]], np.uint8),
                "top_units": np.array([417, 12, 0], np.int32),
                "top_values": np.array([2.5, -2.0, 0.1], f32),
            },
        ),
        "log-and-odd": Frame(
            3,
            header(
                unit=None,
                scale=None,
                map={"rows": [0, 1], "cols": [0, 3], "total": 1, "selected": None, "scale": log.header()},
                odd={"nan": 1, "inf": 2},
            ),
            {"spans": spans, "map": quantise(odd, log), "map_units": np.array([7], np.int32)},
        ),
        "empty": Frame(
            4,
            header(window={"start": 0, "end": 0, "first": 0, "total": 0}, token=None),
            {"spans": np.empty((0, 2), np.int32), "unit": np.empty(0, f32)},
        ),
        "labels": Frame(
            5,
            header(window={"start": 10, "end": 12, "first": 8, "total": 40}, labels={"0": "<bos>"}, token=8),
            {"spans": np.array([[10, 10], [10, 12], [10, 12]], np.int32), "unit": unit},
        ),
    }


def inputs() -> dict[str, Frame]:
    """Frames of a picture and of a row: the same header, and more."""
    f32 = np.float32
    nowhere = {"window": {"start": 0, "end": 0, "first": 0, "total": 0}, "token": None}
    one, signed = Scale(0.0, 2.0), Scale(-2.0, 2.0)
    maps = np.array([[[0, 1, 2], [0.5, 0, np.nan]], [[2, 2, 0], [0, 0, 0.25]]], f32)
    return {
        "image": Frame(
            11,
            header(
                **nowhere,
                site="conv.1",
                unit="conv.0:3",
                pins=["conv.1:2", "dense.0:9"],
                pinScales=[one.header(), signed.header()],
                siteScale=one.header(),
                odd={"nan": 1, "inf": 0},
                input="image",
                grid=[2, 3],
                classes={"names": ["three", "</script>"], "probabilities": [0.75, 0.25]},
                sweep=None,
                unitGrid=[1, 4],
                lead=[-0.5],
                pinGrids=[[2, 3], None],
            ),
            {
                "unit": np.array([0.5, 3e-7, 0, 1.5], f32),
                "pin_0": np.array([0, 1, 2, 3, 4, 5], f32),
                "pin_1": np.array([-1.25], f32),
                "top_units": np.array([2, 0], np.int32),
                "top_values": np.array([2.0, -0.5], f32),
                "tiles": quantise(maps, one),
                "tile_units": np.array([2, 0], np.int32),
                "tile_values": np.array([2.0, 2.0], f32),
                "seen": np.arange(24, dtype=np.uint8).reshape(2, 4, 3),
            },
        ),
        "table": Frame(
            12,
            header(
                **nowhere,
                site="dense.0",
                unit="dense.0:1",
                pins=["dense.0:0", "dense.1:2"],
                pinScales=[one.header(), signed.header()],
                pinGrids=[None, None],
                siteScale=one.header(),
                input="table",
                grid=None,
                classes={"names": ["ill", "well"], "probabilities": [0.5, 0.5]},
                sweep={"column": "age", "xs": [18.0, 54.0, 90.0]},
                unitGrid=None,
                lead=[],
            ),
            {
                "unit": np.array([1.5], f32),
                "pins": np.array([[0.5], [-2]], f32),
                "top_units": np.array([1, 0, 2], np.int32),
                "top_values": np.array([1.5, 0.5, 0], f32),
                "sweep_unit": np.array([0, 1.5, 1e-3], f32),
                "sweep_pins": np.array([[0.25, 0.5, 0], [-1, 0.5, -2]], f32),
                "sweep_classes": np.array([[0.25, 0.75], [0.5, 0.5], [0.875, 0.125]], f32),
            },
        ),
    }


def written(frame: Frame, pad: int) -> dict[str, Any]:
    content, buffers = frame.encode(at_least=pad)
    arrays = {name: array.ravel().tolist() for name, array in frame.arrays.items()}
    return {"header": content, "buffers": [base64.b64encode(b).decode() for b in buffers], "expect": arrays}


def messages() -> dict[str, Any]:
    return {
        "error": protocol.error(6, "RuntimeError: boom", "Edit the text to try again."),
        "overtaken": protocol.note("overtaken", seq=7),
        "ready": protocol.note("ready"),
        "closed": protocol.note("closed"),
        "echo": protocol.note("echo", id=3),
        "gallery": protocol.note("gallery", items=[]),
        "atlas-error": protocol.atlas(9, "card", error="There is no unit.", hint="Choose another."),
        "probe": protocol.note(
            "probe", seq=8, where="map", x=2, y=1, unit="mlp.2:417", token=5, value="nan", units=3, tokens=2
        ),
    }


def atlas_answer() -> dict[str, Any]:
    """An answer of the atlas with its array."""
    values = np.array([0.5, -1.25, 3e-7, 2], np.float32)
    row = {"stratum": -1, "copies": 1, "document": 7, "id": "</script>", "label": None, "position": 40}
    arrays, buffers = encode_arrays({"values": values})
    header = protocol.atlas(
        10,
        "exemplars",
        unit="mlp.2:417",
        group="top",
        groups={"top": 2, "bottom": 0, "intervals": 0, "quantiles": 0},
        first=0,
        total=2,
        strata=[],
        input="text",
        state="ok",
        seen=1000,
        scale=Scale(-2.0, 2.0).header(),
        rows=[
            {"key": 0, **row, "rank": 0, "value": 2.0, "peak": 1, "pieces": ["é", "\n"], "values": 2},
            {"key": 1, **row, "rank": 1, "value": "nan", "peak": 0, "pieces": ["x", " "], "values": 2},
        ],
        arrays=arrays,
    )
    expect = {"values": values.tolist()}
    return {"header": header, "buffers": [base64.b64encode(b).decode() for b in buffers], "expect": expect}


def golden() -> dict[str, str]:
    """File name → content."""
    files = {f"frame-{name}.json": written(frame, 64 if name == "strip" else 0) for name, frame in frames().items()}
    files |= {f"input-{name}.json": written(frame, 0) for name, frame in inputs().items()}
    files["atlas-exemplars.json"] = atlas_answer()
    return {
        name: json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        for name, content in {**files, "messages.json": messages()}.items()
    }


if __name__ == "__main__":
    for name, content in golden().items():
        (HERE / name).write_text(content, encoding="utf-8")
