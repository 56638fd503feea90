"""The live loop of pictures and rows in a real kernel: bytes in, bytes out, and the input both ways."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest

from tests.kernel.page import Comm, Page

pytestmark = pytest.mark.kernel

SEQS = itertools.count(1)
SMALL = {"kind": "image", "width": 16, "height": 16}
OPEN_PICTURE = 'live = nw.demo("digits"); w = nw.explore(live, unit="conv.1:3"); display(w)'
OPEN_ROW = 'live = nw.demo("cancer"); w = nw.explore(live); display(w)'


def send(comm: Comm, content: dict[str, Any], *buffers: bytes) -> None:
    """Send a custom message with buffers, as anywidget's `model.send` does."""
    client = comm.page._client
    data = {"method": "custom", "content": content}
    message = client.session.msg("comm_msg", {"comm_id": comm.id, "data": data})
    if comm.subshell is not None:
        message["header"]["subshell_id"] = comm.subshell
    client.session.send(client.shell_channel.socket, message, buffers=list(buffers))


def ask(comm: Comm, subject: dict[str, Any], *buffers: bytes, **fields: Any) -> int:
    seq = next(SEQS)
    base = {
        "v": 2, "kind": "ask", "seq": seq, "input": subject, "site": comm.state["site"], "unit": comm.state["unit"],
        "pins": [], "token": None, "mode": "linear", "pinned": None, "pad": 0, "changes": {},
    }  # fmt: skip
    parts = {"trace": {}, "top": {"most": 3}, "classes": {}, **fields.pop("parts", {})}
    send(comm, {**base, "parts": parts, **fields}, *buffers)
    return seq


def test_a_painted_picture_is_answered_and_becomes_the_input(page: Page) -> None:
    comm = page.open(OPEN_PICTURE)
    assert comm.state["catalog"]["input"]["gallery"] == 40
    painted = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    size = {"width": 32, "height": 32}
    tiles = {"count": 4, "height": 8, "width": 8}
    seq = ask(comm, {"kind": "image", **size}, painted.tobytes(), changes={"input": size}, parts={"tiles": tiles})
    header, arrays = comm.answer(seq)
    assert header["kind"] == "frame"
    assert header["parts"]["trace"]["grid"] == [16, 16]
    assert arrays["tiles.cells"].shape == (4, 8, 8)
    assert arrays["input.seen"].shape == (16, 16, 3)
    assert header["parts"]["classes"]["names"] == list("0123456789")
    program = """
import json, numpy as np
painted = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)
said = live.predict(painted).set_index("class")["probability"]
print(json.dumps([bool((w.input == painted).all()), live.record(painted)["conv.1"][:, 3].tolist(), dict(said)]))
"""
    same, unit, said = json.loads(page.run(program))
    assert same
    np.testing.assert_allclose(arrays["trace.unit"], unit, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        header["parts"]["classes"]["probabilities"], [said[str(i)] for i in range(10)], atol=1e-4
    )


def test_a_picture_of_the_gallery_is_picked_and_the_page_hears_of_it(page: Page) -> None:
    comm = page.open(OPEN_PICTURE)
    send(comm, {"v": 2, "kind": "gallery"})
    page.until(lambda: "gallery" in comm.kinds() or None)
    content, buffers = next(message for message in comm.messages if message[0]["kind"] == "gallery")
    assert [item["label"] for item in content["items"][:3]] == ["0", "1", "2"]
    assert len(buffers) == 40
    assert all(len(buffer) == 3 * 16 * 16 for buffer in buffers)
    comm.state["input"] = None  # until the kernel says otherwise
    send(comm, {"v": 2, "kind": "pick", "index": 7})
    page.until(lambda: comm.state["input"])
    assert page.run("print(bool((w.input == live.inputs.gallery[7].pixels).all()))").strip() == "True"


def test_a_cell_can_be_pointed_at(page: Page) -> None:
    comm = page.open(OPEN_PICTURE)
    page.run("live.field_seconds = float('inf')")
    shown = bytes(3 * 16 * 16)
    seq = ask(comm, SMALL, shown)
    _, arrays = comm.answer(seq)
    probe = next(SEQS)
    send(comm, {"v": 2, "kind": "probe", "seq": probe, "of": seq, "where": "unit", "x": 5, "y": 9})
    header, _ = comm.answer(probe)
    assert header["value"] == pytest.approx(float(arrays["trace.unit"][9 * 16 + 5]))
    assert header["box"] == [3, 7, 8, 12]


def test_what_cannot_be_a_picture_is_answered_with_a_sentence(page: Page) -> None:
    comm = page.open(OPEN_PICTURE)
    seq = ask(comm, SMALL, b"too few")
    header, _ = comm.answer(seq)
    assert header["kind"] == "error"
    assert "768 bytes, not 7" in header["message"]
    assert comm.answer(ask(comm, SMALL, bytes(768)))[0]["kind"] == "frame"


def test_a_row_is_answered_and_swept(page: Page) -> None:
    comm = page.open(OPEN_ROW)
    columns = comm.state["catalog"]["input"]["columns"]
    row = {column["name"]: (column["low"] + column["high"]) / 2 for column in columns}
    sweep = {"column": columns[0]["name"], "points": 12}
    seq = ask(comm, {"kind": "table", "row": row}, changes={"input": row}, parts={"sweep": sweep}, unit="dense.0:2")
    header, arrays = comm.answer(seq)
    assert header["parts"]["sweep"]["xs"][0] == columns[0]["low"]
    assert arrays["sweep.classes"].shape == (12, 2)
    np.testing.assert_allclose(arrays["sweep.classes"].sum(1), 1, atol=1e-5)
    assert json.loads(page.run("import json; print(json.dumps(w.input))")) == row
    printed = page.run("print(live.record(w.input)['dense.0'][0, 2].item())")
    assert arrays["trace.unit"][0] == pytest.approx(float(printed), abs=1e-5)
    wrong = ask(comm, {"kind": "table", "row": {**row, columns[0]["name"]: "much"}})
    header, _ = comm.answer(wrong)
    assert header["kind"] == "error"
    assert "not 'much'" in header["message"]
