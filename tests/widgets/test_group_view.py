"""The view of groups from Python's side: what the page is told, and what a chosen group pins."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.analysis.groups.result import UnitGroups

COLUMNS, TRIPLES = 4, 4


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    """Units in threes that are the same function of the row, and four units that are not."""
    torch.manual_seed(0)
    first = nn.Linear(COLUMNS, 3 * TRIPLES + 4, bias=False)
    module = nn.Sequential(first, nn.Tanh(), nn.Linear(3 * TRIPLES + 4, 2)).eval()
    with torch.no_grad():
        first.weight[: 3 * TRIPLES] = torch.eye(COLUMNS).repeat_interleave(3, 0)
    return nw.attach(module, inputs=nw.TableInputs({f"c{n}": (-3.0, 3.0) for n in range(COLUMNS)}, ["no", "yes"]))


@pytest.fixture(scope="module")
def groups(live: nw.LiveModel) -> UnitGroups:
    rows = np.random.default_rng(1).normal(size=(200, COLUMNS)).astype(np.float32)
    return nw.groups(live, rows, "dense.0", cut=0.2, nulls=1)


@pytest.fixture
def explorer(live: nw.LiveModel) -> Iterator[nw.Explorer]:
    made = nw.explore(live, [0.5, 0.1, -0.2, 1.0])
    yield made
    made.close()


def test_the_page_is_told_the_groups_and_where_they_lie_in_the_map(groups: UnitGroups) -> None:
    view = nw.GroupView(groups)
    info = json.loads(json.dumps(view.groups_info))
    assert info["verdict"] == groups.verdict
    assert [row["group"] for row in info["groups"]] == groups.table()["group"].tolist()
    cells = np.frombuffer(base64.b64decode(info["map"]), np.uint8).reshape(info["side"], info["side"])
    assert cells.min() >= 3
    for row in info["groups"]:
        assert row["units"] == groups.group(row["group"]).names
        first, last = (round(end * info["side"]) for end in row["span"])
        assert last - first == row["count"]
        assert cells[first:last, first:last].min() > 200, "its units correlate with each other"
    assert {figure["name"] for figure in info["figures"]} >= {"stand", "alone", "usual", "chance"}
    view.close()


@pytest.mark.parametrize("piece", ["x", "long_words"])
def test_texts_fill_the_line_however_long_their_tokens_are(groups: UnitGroups, piece: str) -> None:
    row = {"group": int(groups.table()["group"][0]), "units": 3, "document": 0, "pieces": [piece] * 200, "peak": 100}
    view = nw.GroupView(dataclasses.replace(groups, exemplars=pd.DataFrame([row])))
    [told] = json.loads(json.dumps(view.groups_info))["groups"][0]["exemplars"]
    before, behind = "".join(told["pieces"][: told["peak"]]), "".join(told["pieces"][told["peak"] + 1 :])
    assert 24 - len(piece) < len(before) <= 24
    assert 48 - len(piece) < len(behind) <= 48
    view.close()


def test_a_chosen_group_is_pinned_in_the_explorer(groups: UnitGroups, explorer: nw.Explorer) -> None:
    view = nw.GroupView(groups, explorer)
    view.group = 1
    assert [str(pin) for pin in explorer.pins] == groups.group(1).names
    assert view.units == groups.group(1).units
    view.unit = groups.group(0).names[0]
    assert str(explorer.unit) == groups.group(0).names[0]
    explorer.unit = groups.group(1).names[1]
    assert str(view.unit) == groups.group(1).names[1], "it follows the Explorer too"
    view.group = None
    assert explorer.pins == []
    view.close()


def test_what_there_is_not_is_refused_in_a_sentence(groups: UnitGroups, live: nw.LiveModel) -> None:
    view = nw.GroupView(groups)
    with pytest.raises(TraitError, match="There is no group 99"):
        view.group = 99
    wrong: Any = groups.table()
    with pytest.raises(TypeError, match=r"DataFrame is no result of nw\.groups"):
        nw.GroupView(wrong)
    wrong = live
    with pytest.raises(TypeError, match="is no view of a live model"):
        nw.GroupView(groups, wrong)
    view.close()
    with pytest.raises(RuntimeError, match="was closed"):
        view.groups  # noqa: B018


def test_a_saved_notebook_has_the_verdict_the_map_and_the_groups(groups: UnitGroups) -> None:
    view = nw.GroupView(groups)
    saved = view._at_hand()
    assert saved.words == groups.verdict
    assert "<img src=" in "".join(saved.parts)
    assert "dense.0:" in "".join(saved.parts)
    view.close()
