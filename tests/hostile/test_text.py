"""Text that is hard, through a whole frame: every offset lies in the text, every value is the recording's."""

import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import neuronwidget as nw
from neuronwidget.stream.frame import decode
from neuronwidget.stream.protocol import asks
from neuronwidget.widgets.frames.build import FrameBuilder

torch.manual_seed(0)
BODY = nn.Sequential(nn.Embedding(256, 8), nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 256)).eval()
CHARACTERS = nw.TextInputs(lambda t: [ord(c) % 256 for c in t], lambda ids: "".join(map(chr, ids)), context=256)
BYTES = nw.TextInputs(
    lambda t: list(t.encode("utf-8", "replace")), lambda ids: bytes(ids).decode("utf-8", "replace"), context=256
)
LIVES = {"characters": nw.attach(BODY, inputs=CHARACTERS), "bytes": nw.attach(BODY, inputs=BYTES)}
HARD = {
    "empty": "",
    "one character": "x",
    "longer than the context": "abcdefghij" * 400,
    "emoji": "a 👩‍👩‍👧 family 🇩🇪",
    "combining": "e\u0301 a\u0308\u0323 \u0301",
    "null bytes": "a\0b\0",
    "right to left": "שלום עולם abc مرحبا",
    "markup": "</script><img src=x onerror=alert(1)>",
    "control": "\x1b[31m\x07\b\r\n\t\u2028\u2029\ufeff",
    "half a pair": "a\ud83d!",
}


def page_asks(text: str, **changes: Any) -> dict[str, Any]:
    everything = {
        "v": 2,
        "kind": "ask",
        "seq": 1,
        "input": {"kind": "text", "text": text, "focus": len(text)},
        "site": "dense.0",
        "unit": "dense.0:3",
        "pins": ["dense.0:1"],
        "token": None,
        "mode": "linear",
        "pinned": None,
        "parts": {
            "trace": {},
            "map": {
                "rows": None,
                "cols": None,
                "height": 20,
                "width": 50,
                "order": "similarity",
                "hold": False,
                "units": None,
            },
            "overview": {"width": 40},
            "guesses": {"most": 5},
            "top": {"most": 5},
        },
        "pad": 0,
        "changes": {},
    }
    return {**everything, **changes}


def check(live: nw.LiveModel, text: str) -> None:
    ask = asks.read(json.loads(json.dumps(page_asks(text))))
    content, buffers = FrameBuilder(live).build(ask).encode()
    json.loads(json.dumps(content, allow_nan=False))
    arrays = decode(content, buffers)
    shown, head = ask.input.value.text, content["head"]
    wide = shown.encode("utf-16-le")
    length = len(wide) // 2
    spans, window = arrays["input.spans"], head["input"]["window"]
    assert 0 <= window["start"] <= window["end"] <= length
    assert ((spans >= window["start"]) & (spans <= window["end"])).all()
    assert (np.diff(spans, axis=1) >= 0).all()
    assert (np.diff(spans[:, 0]) >= 0).all(), "tokens follow the text"
    for start, end in spans:
        wide[2 * start : 2 * end].decode("utf-16-le")  # never cuts a pair in half
    recording = live.record(shown)
    np.testing.assert_array_equal(arrays["trace.unit"], recording["dense.0"][:, 3])
    assert head["token"] is None or window["first"] <= head["token"] < window["first"] + len(spans)
    if window["total"] > live.context:
        assert len(spans) <= live.context
    else:
        assert (window["start"], window["end"]) == (0, length)


@pytest.mark.parametrize("tokens", LIVES)
@pytest.mark.parametrize("name", HARD)
def test_hard_text(tokens: str, name: str) -> None:
    check(LIVES[tokens], HARD[name])


@settings(max_examples=80)
@given(st.sampled_from(sorted(LIVES)), st.text(st.characters(), max_size=300))
def test_any_text(tokens: str, text: str) -> None:
    check(LIVES[tokens], text)
