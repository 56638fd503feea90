"""The view of localised concepts from Python's side: what the page is told, what is chosen, what is kept."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.analysis.which.localise.result import Localised
from tests.planted.digit_nets import as_rows, passing

ROWS = 120


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    return passing(6)


@pytest.fixture(scope="module")
def values() -> np.ndarray[Any, Any]:
    """The third unit carries "cat", the fourth and fifth together "dog"."""
    return np.random.default_rng(0).normal(size=(ROWS, 6)).astype(np.float32)


@pytest.fixture(scope="module")
def found(live: nw.LiveModel, values: np.ndarray[Any, Any]) -> Localised:
    labels = np.select([values[:, 2] > 0.7, values[:, 3] + values[:, 4] > 1], ["cat", "dog"], "fox").tolist()
    return nw.localise(live, as_rows(values), labels, "dense.0", splits=1)


def test_the_page_is_told_the_curves_and_the_units_of_each_concept(found: Localised) -> None:
    view = nw.LocaliseView(found)
    info = json.loads(json.dumps(view.localised_info))
    assert info["verdict"] == found.verdict
    assert info["ks"] == [1, 2, 3, 4, 5, 6]
    assert [concept["name"] for concept in info["concepts"]] == ["cat", "dog", "fox"]
    cat = info["concepts"][0]
    assert (cat["says"], cat["k"], cat["verdict"]) == ("one unit", 1, found.said_of("cat"))
    assert cat["units"]["rows"][0]["unit"] == "dense.0:2"
    assert len(cat["lines"]) == 9
    own = next(line for line in cat["lines"] if (line["basis"], line["metric"]) == ("units", "f1"))
    expected = found.curves.query("concept == 'cat' and basis == 'units'")["f1"]
    assert own["mean"] == pytest.approx(expected.tolist())
    view.close()


def test_what_is_chosen_narrows_the_units_and_is_the_explorers_too(
    found: Localised, live: nw.LiveModel, values: np.ndarray[Any, Any]
) -> None:
    explorer = nw.explore(live, as_rows(values)[0])
    view = nw.LocaliseView(found, explorer)
    assert [str(unit) for unit in view.units] == ["dense.0:2"]
    view.narrowed = {"concept": "cat", "k": 3}
    assert len(view.units) == 3
    assert view.table()["concept"].unique().tolist() == ["cat"]
    view.unit = view.units[0]
    assert str(explorer.unit) == "dense.0:2"
    explorer.unit = "dense.0:4"
    assert str(view.unit) == "dense.0:4"
    for wrong, words in (
        ({"concept": "cow"}, "no concept 'cow'; there are cat, dog, fox"),
        ({"k": 7}, "no probe of 7 units; there are 1, 2, 3, 4, 5, 6"),
        ({"seed": 1}, "has `concept` and `k`"),
    ):
        with pytest.raises(TraitError, match=words):
            view.narrowed = wrong
    view.close()
    explorer.close()


def test_a_saved_notebook_has_the_verdict_and_the_scores(found: Localised) -> None:
    view = nw.LocaliseView(found)
    saved = view._at_hand()
    assert saved.words == found.verdict
    picture = "".join(saved.parts)
    assert "one unit" in picture
    assert "F1 of cat on the other half" in picture
    view.close()
    with pytest.raises(RuntimeError, match="was closed"):
        view.localised  # noqa: B018
    wrong: Any = found.table()
    with pytest.raises(TypeError, match=r"DataFrame is no result of nw\.localise"):
        nw.LocaliseView(wrong)
