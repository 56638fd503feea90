"""The view of comparisons from Python's side: what the page is told, one unit closely, and what a linked view shows."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.analysis.responses.kept import KeptInputs
from neuronwidget.analysis.which.compare.result import Comparison
from neuronwidget.stream.protocol.shared import VERSION
from neuronwidget.widgets.answers.shown_inputs import shown_inputs
from tests.hostile.page import Page

COLUMNS, PLANTED, ROWS = 6, 3, 160


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    """The first units are the first column alone, the others the columns behind it."""
    torch.manual_seed(0)
    first = nn.Linear(COLUMNS, 12, bias=False)
    module = nn.Sequential(first, nn.Tanh(), nn.Linear(12, 2)).eval()
    with torch.no_grad():
        first.weight[:, 0], first.weight[:PLANTED] = 0, 0
        first.weight[:PLANTED, 0] = torch.tensor([1.0, 0.7, -1.0])
    return nw.attach(module, inputs=nw.TableInputs({f"c{n}": (-3.0, 3.0) for n in range(COLUMNS)}, ["no", "yes"]))


def rows(shift: float, seed: int) -> Any:
    values = np.random.default_rng(seed).normal(size=(ROWS, COLUMNS)).astype(np.float32)
    values[:, 0] += shift
    return values


@pytest.fixture(scope="module")
def comparison(live: nw.LiveModel) -> Comparison:
    return nw.compare(live, {"ill": rows(1.5, 1), "well": rows(0.0, 2)}, ["dense.0"], nulls=2)


@pytest.fixture
def explorer(live: nw.LiveModel) -> Iterator[nw.Explorer]:
    made = nw.explore(live, [0.5, 0.1, -0.2, 1.0, 0.0, 0.0])
    yield made
    made.close()


def ask(view: nw.CompareView, unit: str) -> dict[str, Any]:
    page = Page(view)
    page.say({"v": VERSION, "kind": "atlas", "seq": 1, "want": "compared", "unit": unit})
    return page.answer(1)


def test_the_page_is_told_a_point_for_each_unit(comparison: Comparison) -> None:
    view = nw.CompareView(comparison)
    info = json.loads(json.dumps(view.comparison_info, allow_nan=False))
    table = comparison.table()
    raw = base64.b64decode(info["points"])
    count = len(table)
    assert len(raw) == 11 * count
    assert np.frombuffer(raw, "<u4", count).tolist() == table["unit"].tolist()
    x = np.frombuffer(raw, "<u2", count, 6 * count) / 65535
    low, high = info["ends"]
    assert np.allclose(low + x * (high - low), table["effect"], atol=1e-4)
    up = np.frombuffer(raw, "<u2", count, 8 * count) / 65535
    assert np.allclose(info["top"] * up, -np.log10(table["q"]), atol=1e-3)
    marks = np.frombuffer(raw, np.uint8, count, 10 * count)
    assert {unit: mark for unit, mark in zip(table["unit"], marks, strict=True) if mark} == {0: 1, 1: 1, 2: 2}
    assert len(base64.b64decode(info["chance"])) == 4 * len(comparison.null_units)
    assert info["units"]["rows"][0]["unit"] == str(view.unit)
    assert [row["found"] for row in info["units"]["rows"]] == table["found"].tolist()
    assert info["axis"] == ["higher in well", "higher in ill"]
    view.close()


def test_a_unit_is_shown_closely_on_inputs_that_had_no_part_in_finding_it(comparison: Comparison) -> None:
    view = nw.CompareView(comparison)
    answer = ask(view, "dense.0:2")
    groups = {group["name"]: group for group in answer["groups"]}
    assert groups["ill"]["middle"] < groups["well"]["middle"], "its weight is negative"
    assert "higher on that of well" in answer["words"]
    assert sum(groups["ill"]["shares"]) == pytest.approx(1, abs=0.01)
    assert groups["ill"]["inputs"] == comparison.groups["ill"][1]
    spread = comparison.distributions("dense.0:2")
    strongest = spread[spread["group"] == "well"].nlargest(4, "value")["document"].tolist()
    assert [one["document"] for one in groups["well"]["exemplars"]] == strongest
    assert set(groups["well"]["exemplars"][0]["cells"]) == {f"c{n}" for n in range(COLUMNS)}
    counts = view.chosen["group"].value_counts().to_dict()
    assert counts == {name: reporting for name, (_, reporting) in comparison.groups.items()}
    assert "is not among" in ask(view, "dense.0:99")["error"]
    view.close()


def test_a_linked_view_has_unit_pins_edits_and_inputs_both_ways(comparison: Comparison, explorer: nw.Explorer) -> None:
    view = nw.CompareView(comparison, explorer=explorer)
    assert view.linked
    assert str(explorer.unit) == str(view.unit) == "dense.0:0"
    view.unit = "dense.0:2"
    assert str(explorer.unit) == "dense.0:2"
    explorer.unit = "dense.1:0"
    assert str(view.unit) == "dense.0:2", "the comparison knows nothing of it"
    explorer.pins = ["dense.0:1"]
    assert [str(pin) for pin in view.pins] == ["dense.0:1"]
    view.edits = [{"edit": "scale", "unit": "dense.0:2", "factor": 0}]
    assert explorer.edits == view.edits
    view.labels = {"dense.0:2": "falls with c0"}
    assert explorer.labels["dense.0:2"] == "falls with c0"
    explorer.live.labels.clear()
    view.member = int(comparison.exemplars("dense.0:2")["document"].iloc[0])
    assert explorer.input["c0"] == pytest.approx(comparison.document(view.member)["c0"])
    view.close()
    explorer.unit = "dense.0:1"
    assert explorer.last_error is None


def test_what_cannot_be_shown_is_refused_in_a_sentence(comparison: Comparison, live: nw.LiveModel) -> None:
    wrong: Any = comparison.table()
    with pytest.raises(TypeError, match=r"DataFrame is no result of nw\.compare"):
        nw.CompareView(wrong)
    wrong = live
    with pytest.raises(TypeError, match="is no view of a live model"):
        nw.CompareView(comparison, explorer=wrong)
    with pytest.raises(ValueError, match=r"groups are of tables, and .* reads images"):
        nw.CompareView(comparison, nw.demo("digits"))
    view = nw.CompareView(comparison)
    with pytest.raises(TraitError, match="is not among the 12 units that were compared"):
        view.unit = "dense.1:0"
    view.close()
    with pytest.raises(RuntimeError, match="was closed"):
        view.table()


def test_the_page_is_told_of_edits_and_that_nothing_was_found(live: nw.LiveModel) -> None:
    alike = {"a": rows(0.0, 3), "b": rows(0.0, 4)}
    comparison = nw.compare(live, alike, ["dense.0"], nulls=0, edits=[nw.Ablate("dense.0:1", to="zero")])
    view = nw.CompareView(comparison)
    assert "dense.0:1" in view.comparison_info["edits"][0]
    assert view.comparison_info["chance"] == ""
    assert not any(row["found"] for row in view.comparison_info["units"]["rows"])
    json.dumps(view.comparison_info, allow_nan=False)
    view.close()


def test_a_unit_that_was_tried_says_whether_the_model_uses_it(comparison: Comparison, live: nw.LiveModel) -> None:
    view = nw.CompareView(comparison.tried(live, units=1, inputs=8, controls=5), live)
    assert "random units that were changed as much" in ask(view, str(view.unit))["cause"]
    assert ask(view, "dense.0:7")["cause"] is None
    view.close()


def test_exemplars_are_compared_from_where_they_are_picked(live: nw.LiveModel, tmp_path: Path) -> None:
    data = np.concatenate([rows(1.5, 1), rows(0.0, 2)])
    atlas = nw.scan(live, data, ["dense.0"], out=tmp_path / "atlas", progress=False)
    explorer = nw.explore(live, data[0], atlas=atlas, unit="dense.0:0")
    with pytest.raises(ValueError, match="No exemplar is picked"):
        explorer.compare_exemplars()
    table = atlas.exemplars("dense.0:0")
    explorer.picked = table.index[table["group"] == "top"][:12].tolist()
    view = explorer.compare_exemplars(nulls=1)
    sizes = {name: sum(halves) for name, halves in view.comparison.groups.items()}
    assert sizes["picked"] == 12
    assert sizes["others"] > 12
    assert view.linked
    table = view.table().set_index(["site", "unit"])
    assert table.loc[("dense.0", 0), "group"] == "picked", "they are its strongest"
    two = explorer.compare_exemplars("dense.0:2", nulls=0)
    assert list(two.comparison.groups) == ["dense.0:0", "dense.0:2"]
    for widget in (view, two, explorer):
        widget.close()


def test_an_input_that_was_not_kept_is_told_as_missing() -> None:
    entries = pd.DataFrame({"document": [3, 5, 7], "id": ["c", "e", "g"], "label": None, "tokens": 1, "text": ""})
    pictures = np.arange(24, dtype=np.uint8).reshape(2, 2, 2, 3)
    shown = shown_inputs(KeptInputs("image", entries, pictures), [5, 7, 3])
    assert shown.each == [{}, {"missing": True}, {}]
    assert np.array_equal(shown.arrays["images"], pictures[[1, 0]])


def test_more_than_two_groups_have_rates(live: nw.LiveModel) -> None:
    three = {"a": rows(2.0, 5), "b": rows(-2.0, 6), "c": rows(-2.0, 7)}
    view = nw.CompareView(nw.compare(live, three, ["dense.0"], nulls=1))
    assert list(view.comparison_info["axis"]) == ["alike in all groups", "in one group alone"]
    answer = ask(view, "dense.0:0")
    first, second, third = (group["rate"] for group in answer["groups"])
    assert first > 0.9 > 0.1 > max(second, third)
    assert "Active most often in a" in answer["words"]
    view.close()


def test_a_saved_notebook_has_the_verdict_the_points_the_table_and_one_unit(comparison: Comparison) -> None:
    view = nw.CompareView(Comparison.from_json(comparison.to_json()))
    saved = view._at_hand()
    assert saved.words == comparison.verdict
    text = "".join(saved.parts)
    assert "<img src=" in text
    assert "dense.0:0: Of one input of ill and one of well" in text
    assert "c0 " in text
    assert "in_sample" not in text
    view.close()
    silent = dataclasses.replace(comparison, strongest=comparison.strongest.assign(value=0.0))
    view = nw.CompareView(silent)
    text = "".join(view._at_hand().parts)
    assert "ill: zero also where it is strongest" in text
    assert "c0 " not in text, "no input is shown as one that it responds to"
    view.close()
