"""A page never has the kernel open a file: it may send pixels, cells and numbers; only Python may name a path."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

import neuronwidget as nw
from tests.hostile.page import Page, question_about

Image = pytest.importorskip("PIL.Image")

GALLERY = [np.full((8, 8, 3), shade, np.uint8) for shade in (0, 100, 200)]
opened: list[str] = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.fromarray(np.full((8, 8, 3), 50, np.uint8)).save(path)
    return path


@pytest.fixture
def explorer() -> Iterator[nw.Explorer]:
    live = nw.attach(nn.Sequential(nn.Flatten(), nn.Linear(192, 3)), inputs=nw.ImageInputs(8, gallery=GALLERY))
    made = nw.explore(live)
    yield made
    made.close()


def named(path: Path) -> list[Any]:
    """All that a page may try in order to name a file."""
    name = str(path)
    return [
        name, path.as_uri(), [name], {"path": name}, {"rgb": name}, {"width": 8, "height": 8, "rgb": name},
        {"width": name, "height": name, "rgb": bytes(192)}, {"pixels": name, "label": ""}, {"0": name}, name.encode(),
    ]  # fmt: skip


def test_no_message_and_no_trait_of_a_page_opens_a_file(explorer: nw.Explorer, picture: Path) -> None:
    page = Page(explorer)
    site, size = explorer.site, {"width": 8, "height": 8}
    opened.clear()
    for value in named(picture):
        page.sets(input=value)
        page.say({"v": 2, "kind": "set", "changes": {"input": value}})
        page.say({"v": 2, "kind": "set", "changes": {"input": value}}, [str(picture).encode()])
        page.say({"v": 2, "kind": "pick", "index": value})
        image = {"kind": "image", **size}
        for field in ("site", "unit", "input", "parts", "kind", "width", "row", "text", "tiles", "sweep"):
            ask: dict[str, Any] = {**question_about(image, site), "seq": 5}
            if field in ("tiles", "sweep"):
                ask["parts"] = {field: value}
            elif field in ("kind", "width", "row", "text"):
                ask["input"] = {**image, field: value}
            else:
                ask[field] = value
            since = len(page.sent)
            page.say(ask, [bytes(192)])
            page.answer(5, since)
        assert page.ask(image, [bytes(192)])["kind"] == "frame"
        np.testing.assert_array_equal(explorer.input, GALLERY[0])
    assert str(picture) not in opened
    refusals = [message["message"] for message in page.sent if message["kind"] == "error"]
    assert any("no path" in message for message in refusals)


def test_pixels_and_numbers_of_the_gallery_are_taken_both_ways(explorer: nw.Explorer) -> None:
    page, pixels = Page(explorer), np.arange(192, dtype=np.uint8)
    page.sets(input={"width": 8, "height": 8, "rgb": memoryview(pixels.tobytes())})
    np.testing.assert_array_equal(explorer.input.flatten(), pixels)
    page.sets(input=2)
    np.testing.assert_array_equal(explorer.input, GALLERY[2])
    page.say({"v": 2, "kind": "set", "changes": {"input": {"width": 8, "height": 8}}}, [pixels.tobytes()])
    np.testing.assert_array_equal(explorer.input.flatten(), pixels)
    page.say({"v": 2, "kind": "set", "changes": {"input": 1}})
    np.testing.assert_array_equal(explorer.input, GALLERY[1])
    assert [message for message in page.sent if message["kind"] == "error"] == []


def test_python_may_name_a_file_also_after_the_page_was_refused(explorer: nw.Explorer, picture: Path) -> None:
    page = Page(explorer)
    page.sets(input=str(picture))
    np.testing.assert_array_equal(explorer.input, GALLERY[0])
    explorer.input = str(picture)
    np.testing.assert_array_equal(explorer.input, np.full((8, 8, 3), 50, np.uint8))
    explorer.input = picture
    np.testing.assert_array_equal(explorer.input, np.full((8, 8, 3), 50, np.uint8))


def test_a_text_of_an_atlas_is_no_path_for_a_view_of_pictures(
    explorer: nw.Explorer, picture: Path, tmp_path: Path
) -> None:
    live = nw.attach(
        nn.Sequential(nn.Embedding(128, 4), nn.Linear(4, 4)),
        inputs=nw.TextInputs(lambda text: [min(ord(c), 127) for c in text], lambda ids: "".join(map(chr, ids))),
    )
    atlas = nw.scan(live, [str(picture)], out=tmp_path / "atlas", progress=False)
    grid = nw.ExemplarGrid(atlas, live=explorer)
    page = Page(grid)
    opened.clear()
    about = {"v": 2, "kind": "atlas", "want": "use", "unit": str(grid.unit), "key": 0, "document": True}
    page.say({**about, "seq": 1})
    assert "shows no text" in page.answer(1)["error"]
    assert str(picture) not in opened
    np.testing.assert_array_equal(explorer.input, GALLERY[0])
    grid.close()
