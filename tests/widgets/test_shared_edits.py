"""Edits made in one view of a live model are those of all its views, and say so; what Python runs is as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuronwidget as nw
from tests.golden.make import Page
from tests.golden.models import TEXT, text
from tests.widgets.test_labels import page_sets

OFF = {"edit": "scale", "unit": "dense.0:3", "factor": 0.0, "scope": "all", "when": None, "on": True}
Opens = Callable[[nw.LiveModel, Path], Any]


@pytest.fixture
def live() -> Iterator[nw.LiveModel]:
    made = text()
    yield made
    assert made.edits.in_views == (), "they are gone with the last view"


def _card(live: nw.LiveModel, folder: Path) -> Any:
    return nw.UnitCard(live, nw.scan(live, [TEXT], out=folder / "atlas", progress=False), "dense.1:2", TEXT)


@pytest.mark.parametrize(
    "opens",
    [lambda live, _: nw.TokenStrip(live, TEXT), lambda live, _: nw.Heatmap(live, TEXT),
     lambda live, _: nw.explore(live, TEXT), _card],
    ids=["TokenStrip", "Heatmap", "Explorer", "UnitCard"],
)  # fmt: skip
def test_every_view_of_the_live_model_shows_and_says_that_it_is_edited(
    live: nw.LiveModel, opens: Opens, tmp_path: Path
) -> None:
    explorer, other = nw.explore(live, TEXT), opens(live, tmp_path)
    assert page_sets(explorer, edits=[OFF]) == [], "a person switches the unit off"
    assert other.edits == [OFF], "its page is sent them as a trait, and asks with them"
    message, buffers = Page(other).ask(1, TEXT, focus=0, site="dense.1", unit="dense.1:2", edits=other.edits)
    assert message["head"]["edits"]["acting"] == ["Scale(dense.0:3, × 0)"]
    names = [array["name"] for array in message["arrays"]]
    edited = live.record(TEXT, ["dense.1"], edits=[nw.Scale("dense.0:3", 0)])["dense.1"][:, 2]
    np.testing.assert_allclose(np.frombuffer(buffers[names.index("trace.unit")], np.float32), edited, atol=1e-6)
    late = nw.TokenStrip(live, TEXT)
    assert late.edits == [OFF], "a view that is opened later begins with them"
    other.edits = []
    assert explorer.edits == late.edits == [], "and any view can take them off"
    for view in (explorer, other, late):
        view.close()


def test_live_edits_says_which_are_on_in_the_views_and_python_runs_without_them(live: nw.LiveModel) -> None:
    before = live.record(TEXT, ["dense.1"])["dense.1"]
    view = nw.explore(live, TEXT, edits=[OFF, {**OFF, "unit": "dense.0:1", "on": False}])
    assert [str(edit) for edit in live.edits.in_views] == ["Scale(dense.0:3, × 0)"], "one is off"
    assert repr(live.edits) == "[], in its views [Scale('dense.0:3', 0.0, scope='all')]"
    assert live.edits == []
    assert (live.record(TEXT, ["dense.1"])["dense.1"] == before).all()
    other = live.edited(nw.Scale("dense.0:1", 2))
    assert other.edits.in_views == (), "another live model has other views"
    strip = nw.TokenStrip(other, TEXT)
    assert strip.edits == []
    strip.close()
    view.edits = [{**OFF, "factor": 2.0}]
    assert [str(edit) for edit in live.edits.in_views] == ["Scale(dense.0:3, × 2)"]
    view.close()


def test_views_that_are_closed_hear_nothing_and_hold_nothing(live: nw.LiveModel) -> None:
    one, two = nw.explore(live, TEXT, edits=[OFF]), nw.TokenStrip(live, TEXT)
    two.close()
    one.edits = []
    assert two.edits == [OFF]
    one.edits = [OFF]
    one.close()
    assert live.edits.in_views == ()
    fresh = nw.explore(live, TEXT)
    assert fresh.edits == [], "nothing is on where no view showed it"
    fresh.close()
