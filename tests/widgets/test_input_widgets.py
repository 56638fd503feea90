"""Widgets on models of pictures and rows: the input both ways, examples, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from traitlets import TraitError

import neuronwidget as nw

torch.manual_seed(0)
NOISE = np.random.default_rng(5)
PICTURES = [(NOISE.integers(0, 256, (8, 8, 3)).astype(np.uint8), f"noise {i}") for i in range(3)]
IMAGES = nw.attach(
    nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3)),
    inputs=nw.ImageInputs(8, classes=["a", "b", "c"], gallery=PICTURES),
    name="pictures",
)
TABLE = nw.attach(
    nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2)),
    inputs=nw.TableInputs({"age": (0, 100), "sex": ["female", "male"]}, classes=["ill", "well"]),
)


class Sent:
    """What a widget sent to its page."""

    def __init__(self, widget: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.custom: list[tuple[Any, Any]] = []
        monkeypatch.setattr(widget, "send", lambda content, buffers=None: self.custom.append((content, buffers)))


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[nw.Explorer, Sent]]:
    explorer = nw.explore(IMAGES)
    yield explorer, Sent(explorer, monkeypatch)
    monkeypatch.undo()
    explorer.close()


def test_a_picture_goes_to_the_page_as_its_size_and_bytes(pictures: tuple[nw.Explorer, Sent]) -> None:
    explorer, _ = pictures
    np.testing.assert_array_equal(explorer.input, PICTURES[0][0])
    state = explorer.get_state("input")["input"]
    assert state == {"width": 8, "height": 8, "rgb": PICTURES[0][0].tobytes()}
    explorer.input = np.zeros((4, 6))
    assert explorer.input.shape == (4, 6, 3)
    assert explorer.input.dtype == np.uint8
    assert explorer.catalog["input"] == {
        "kind": "image", "height": 8, "width": 8, "channels": 3, "classes": ["a", "b", "c"], "gallery": 3,
    }  # fmt: skip
    assert explorer.catalog["sites"][0]["grid"] == [6, 6]
    assert explorer.catalog["sites"][1]["grid"] is None


def test_what_a_person_painted_becomes_the_input(pictures: tuple[nw.Explorer, Sent]) -> None:
    explorer, sent = pictures
    painted = 255 - PICTURES[0][0]
    seen = []
    explorer.observe(lambda change: seen.append(change["new"]), "input")
    size = {"width": 8, "height": 8}
    explorer._receive(None, {"v": 2, "kind": "set", "changes": {"input": size}}, [memoryview(painted.tobytes())])
    np.testing.assert_array_equal(explorer.input, painted)
    assert len(seen) == 1
    assert sent.custom == []
    explorer._receive(None, {"v": 2, "kind": "set", "changes": {"input": size}}, [b"too few"])
    assert sent.custom[0][0]["kind"] == "error"
    np.testing.assert_array_equal(explorer.input, painted)


def test_the_gallery_comes_when_asked_for_and_a_picture_can_be_picked(pictures: tuple[nw.Explorer, Sent]) -> None:
    explorer, sent = pictures
    explorer._receive(None, {"v": 2, "kind": "gallery"}, [])
    content, buffers = sent.custom.pop()
    assert content["items"][2] == {"label": "noise 2", "width": 8, "height": 8}
    assert buffers == [pixels.tobytes() for pixels, _ in PICTURES]
    explorer._receive(None, {"v": 2, "kind": "pick", "index": 2}, [])
    np.testing.assert_array_equal(explorer.input, PICTURES[2][0])
    explorer._receive(None, {"v": 2, "kind": "pick", "index": 3}, [])
    assert "0 to 2, not 3" in sent.custom.pop()[0]["message"]


def test_large_pictures_of_a_gallery_are_sent_small(monkeypatch: pytest.MonkeyPatch) -> None:
    large = NOISE.integers(0, 256, (300, 90, 3)).astype(np.uint8)
    live = nw.attach(IMAGES.module, inputs=nw.ImageInputs(8, gallery=[large] * 250))
    explorer = nw.explore(live)
    sent = Sent(explorer, monkeypatch)
    explorer._receive(None, {"v": 2, "kind": "gallery"}, [])
    content, buffers = sent.custom.pop()
    assert len(content["items"]) == len(buffers) == 200
    assert max(content["items"][0]["width"], content["items"][0]["height"]) <= 96
    assert len(buffers[0]) == 3 * content["items"][0]["width"] * content["items"][0]["height"]
    monkeypatch.undo()
    explorer.close()


@pytest.mark.parametrize("wrong", ["cat.png", np.zeros((3, 8, 9)), 7, {"width": 8}])
def test_what_is_no_picture_is_refused_and_nothing_changes(pictures: tuple[nw.Explorer, Sent], wrong: Any) -> None:
    explorer, _ = pictures
    with pytest.raises(TraitError):
        explorer.input = wrong
    np.testing.assert_array_equal(explorer.input, PICTURES[0][0])


def test_the_table_says_what_is_shown(pictures: tuple[nw.Explorer, Sent]) -> None:
    explorer, _ = pictures
    explorer.unit = "conv.0:2"
    explorer.pins = ["dense.0:1"]
    table = explorer.table()
    recording = IMAGES.record(PICTURES[0][0])
    assert table.columns.tolist() == ["unit", "position", "y", "x", "text", "value"]
    of_unit = table[table["unit"] == "conv.0:2"]
    assert of_unit["value"].tolist() == recording["conv.0"][:, 2].tolist()
    assert (of_unit["y"] * 6 + of_unit["x"]).tolist() == list(range(36))
    assert table[table["unit"] == "dense.0:1"]["value"].item() == recording["dense.0"][0, 1].item()


def test_a_row_is_a_dict_and_cells_change_it() -> None:
    explorer = nw.explore(TABLE, {"age": 30, "sex": "male"})
    assert explorer.get_state("input")["input"] == {"age": 30.0, "sex": "male"}
    explorer.input = {**explorer.input, "age": 44}
    assert explorer.input == {"age": 44.0, "sex": "male"}
    explorer.input = pd.Series({"age": 5, "sex": "female"})
    assert explorer.input["age"] == 5
    with pytest.raises(TraitError, match="lacks 'age'"):
        explorer.input = {"sex": "male"}
    columns = explorer.catalog["input"]["columns"]
    assert [column["name"] for column in columns] == ["age", "sex"]
    explorer.unit = None
    assert explorer.table()["unit"].tolist() == [f"dense.0:{i}" for i in range(5)]
    explorer.close()


def test_views_of_text_say_that_they_are() -> None:
    for view in (nw.TokenStrip, nw.Heatmap):
        with pytest.raises(TypeError, match=r"pictures reads images: use nw\.explore"):
            view(IMAGES)
