"""The view of shortcuts from Python's side: what the page is told, and the unit that is linked with an Explorer."""

from __future__ import annotations

import json
from typing import Any

import pytest
import torch
from torch import nn
from traitlets import TraitError

import neuronwidget as nw
from tests.golden import results


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 2)).eval()
    return nw.attach(module, inputs=nw.TableInputs({"age": (0.0, 90.0), "weight": (0.0, 90.0)}, ["ill", "well"]))


def test_the_page_is_told_the_whole_story() -> None:
    shortcuts = results.shortcuts()
    view = nw.ShortcutView(shortcuts)
    info = json.loads(json.dumps(view.shortcuts_info))
    assert info["verdict"] == shortcuts.verdict
    assert [row["unit"] for row in info["gains"]] == ["dense.0:2", "dense.0:0", "dense.0:1"]
    assert info["gains"][0]["random"] == [0.0625, -0.125]
    assert info["looks"][1]["marked"]["width"] == 2
    assert str(view.unit) == "dense.0:2", "the best one is chosen"
    view.close()
    with pytest.raises(RuntimeError, match="was closed"):
        view.table()


def test_the_chosen_unit_is_that_of_the_explorer_and_the_other_way_round(live: nw.LiveModel) -> None:
    explorer = nw.explore(live, [40.0, 70.0])
    view = nw.ShortcutView(results.shortcuts(), explorer=explorer)
    view.unit = "dense.0:0"
    assert str(explorer.unit) == "dense.0:0"
    explorer.unit = "dense.0:1"
    assert str(view.unit) == "dense.0:1"
    view.close()
    explorer.close()


def test_what_there_is_not_is_refused_in_a_sentence() -> None:
    view = nw.ShortcutView(results.shortcuts())
    with pytest.raises(TraitError, match="was not tried"):
        view.unit = "dense.0:99"
    wrong: Any = view.table()
    with pytest.raises(TypeError, match=r"DataFrame is no result of nw\.shortcuts"):
        nw.ShortcutView(wrong)
    view.close()


def test_a_saved_notebook_has_the_verdict_and_both_tables() -> None:
    view = nw.ShortcutView(results.shortcuts())
    saved = view._at_hand()
    assert saved.words == results.shortcuts().verdict
    shown = "".join(saved.parts)
    assert "the data alone" in shown
    assert "dense.0:2" in shown
    assert "</script>" not in shown
    view.close()
