"""Names of units: a trait of every view, two-way, and carried by the live model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from traitlets import TraitError

import neuronwidget as nw
from tests.golden import results
from tests.golden.models import TEXT, text


def page_sets(widget: Any, **changes: Any) -> list[dict[str, Any]]:
    """What a person did, as the page tells it; the answers."""
    heard: list[dict[str, Any]] = []
    widget.send = lambda content, buffers=None: heard.append(content)
    widget._receive(widget, {"v": 2, "kind": "set", "changes": changes}, [])
    return heard


@pytest.fixture
def live() -> nw.LiveModel:
    return text()


@pytest.fixture(params=[nw.Explorer, nw.TokenStrip, nw.Heatmap])
def view(live: nw.LiveModel, request: pytest.FixtureRequest) -> Iterator[Any]:
    made = request.param(live, TEXT)
    yield made
    made.close()


def test_python_hears_the_name_that_a_person_gives(view: Any) -> None:
    heard: list[dict[str, str]] = []
    view.observe(lambda change: heard.append(change["new"]), "labels")
    assert page_sets(view, labels={"dense.1:2": "  likes\n a "}) == []
    assert heard == [{"dense.1:2": "likes a"}] == [view.labels]


def test_a_name_is_set_for_any_spelling_and_taken_away_by_none(view: Any) -> None:
    view.labels = {nw.Unit("dense.1", 2): "a", ("dense.0", 1): "b", "relus.1:0": "c"}
    assert view.labels == {"dense.1:2": "a", "dense.0:1": "b", "dense.1:0": "c"}
    view.labels = {**view.labels, "dense.1:2": " "}
    assert view.labels == {"dense.0:1": "b", "dense.1:0": "c"}


@pytest.mark.parametrize("wrong", [{"dense.9:1": "a"}, {"dense.1:77": "a"}, {"dense.1:1": 5}, {"x": "a"}, ["a"], 3])
def test_what_names_no_unit_is_refused_and_nothing_changes(view: Any, wrong: Any) -> None:
    view.labels = {"dense.1:2": "a"}
    with pytest.raises(TraitError):
        view.labels = wrong
    answers = page_sets(view, labels=wrong)
    assert [answer["kind"] for answer in answers] == ["error"]
    assert view.labels == {"dense.1:2": "a"}


def test_a_name_is_no_book(view: Any) -> None:
    page_sets(view, labels={"dense.1:2": "\ud800" + "a" * 100_000})
    assert len(view.labels["dense.1:2"]) == 200
    view.labels["dense.1:2"].encode()


def test_views_opened_later_begin_with_the_names(live: nw.LiveModel) -> None:
    live.labels["dense.1:2"] = "a"
    first = nw.explore(live, TEXT, labels={"dense.0:1": "b"})
    page_sets(first, labels={**first.labels, "dense.0:3": "c"})
    later = nw.TokenStrip(live, TEXT)
    assert later.labels == {"dense.1:2": "a", "dense.0:1": "b", "dense.0:3": "c"}
    assert live.edited().labels is live.labels
    assert live.labels == later.labels


def test_views_of_an_atlas_share_the_names_of_what_they_are_linked_to(live: nw.LiveModel, tmp_path: Path) -> None:
    atlas = nw.scan(live, [TEXT], out=tmp_path / "atlas", progress=False)
    live.labels["dense.1:2"] = "a"
    explorer = nw.explore(live, TEXT, atlas=atlas)
    linked = nw.ExemplarGrid(atlas, live=explorer)
    with_model = nw.UnitFinder(atlas, live)
    alone = nw.ExemplarGrid(atlas)
    assert (linked.labels, with_model.labels, alone.labels) == ({"dense.1:2": "a"}, {"dense.1:2": "a"}, {})
    page_sets(linked, labels={"dense.1:2": "b"})
    assert explorer.labels == live.labels == {"dense.1:2": "b"}
    explorer.labels = {"dense.0:0": "c"}
    assert linked.labels == {"dense.0:0": "c"}
    page_sets(with_model, labels={"dense.0:1": "d"})
    assert explorer.labels == linked.labels == live.labels == {"dense.0:1": "d"}
    linked.close()
    explorer.labels = {}
    assert linked.labels == {"dense.0:1": "d"}
    assert with_model.labels == live.labels == {}


def test_labels_of_a_file_are_those_of_the_model_in_every_view(live: nw.LiveModel, tmp_path: Path) -> None:
    atlas = nw.scan(live, [TEXT], out=tmp_path / "atlas", progress=False)
    earlier = nw.TokenStrip(live, TEXT)
    labels = nw.Labels(tmp_path / "labels.json", author="ada")
    labels["dense.1:2"], labels["sae.9:1"] = "a", "of a site that is not there"
    explorer = nw.explore(live, TEXT, labels=labels)
    assert explorer.labels == {"dense.1:2": "a"}
    explorer.labels = {"dense.1:2": "a", "dense.0:3": "b"}
    explorer.labels = {"dense.1:2": "a"}
    assert dict(labels) == {"dense.1:2": "a", "sae.9:1": "of a site that is not there"}
    del labels["sae.9:1"]
    views = [explorer, nw.UnitFinder(atlas, live), nw.UnitCard(live, atlas, "dense.1:2")]
    views += [nw.ExemplarGrid(atlas, live=views[0]), earlier]
    assert live.labels is labels
    assert [view.labels for view in views] == [{"dense.1:2": "a"}] * 5
    labels["relus.0:1"] = "b"  # as it was written down
    assert [view.labels for view in views] == [{"dense.1:2": "a", "dense.0:1": "b"}] * 5
    page_sets(views[3], labels={"dense.1:2": "a", "dense.0:1": "c"})
    assert [view.labels["dense.0:1"] for view in views] == ["c"] * 5
    stored = nw.Labels(tmp_path / "labels.json")
    assert stored == {"dense.1:2": "a", "relus.0:1": "c"}
    assert stored.label("relus.0:1").author == "ada"
    labels.add_test("dense.1:2", {"kind": "predicate", "outcome": "held up", "verdict": "AP .93."})
    assert [view.evidence for view in views] == [{"dense.1:2": ["a", "held up", "AP .93."]}] * 5
    page_sets(views[1], labels={})
    assert [view.labels for view in views] == [{}] * 5
    assert len(nw.Labels(tmp_path / "labels.json")) == 0


def test_an_atlas_alone_takes_labels_of_its_model_only(live: nw.LiveModel, tmp_path: Path) -> None:
    atlas = nw.scan(live, [TEXT], out=tmp_path / "atlas", progress=False)
    labels = nw.Labels(tmp_path / "labels.json", for_model=live)
    labels["dense.1:2"] = "a"
    finder = nw.UnitFinder(atlas, labels=tmp_path / "labels.json")
    assert finder.labels == atlas.labels == {"dense.1:2": "a"}
    with torch.no_grad():
        next(live.module.parameters()).add_(1)
    labels.adopt(live)
    grid = nw.ExemplarGrid(atlas)
    with pytest.raises(TraitError, match="labels of another model"):
        grid.labels = nw.Labels(tmp_path / "labels.json")  # type: ignore[assignment]
    assert page_sets(grid, labels=str(tmp_path / "labels.json"))[0]["kind"] == "error"


def test_a_name_that_cannot_be_written_is_not_shown(live: nw.LiveModel, tmp_path: Path) -> None:
    view = nw.explore(live, TEXT, labels=nw.Labels(tmp_path / "labels.json"))
    (tmp_path / ".labels.json.lock").unlink()
    (tmp_path / ".labels.json.lock").mkdir()
    answers = page_sets(view, labels={"dense.1:2": "a"})
    assert "Nothing can be written" in answers[0]["message"]
    assert view.labels == {}


def test_views_of_results_refuse_labels_of_another_model(tmp_path: Path) -> None:
    live: Any = nw.demo("cancer")
    rows = np.random.default_rng(0).normal(size=(40, len(live.inputs.columns)))
    groups = nw.groups(live, rows, "dense.0")
    labels = nw.Labels(tmp_path / "labels.json", for_model=nw.demo("digits"))
    with pytest.raises(TraitError, match="labels of another model"):
        nw.GroupView(groups, labels=labels)
    own = nw.Labels(tmp_path / "own.json", for_model=live)
    own["dense.0:3"] = "large cells"
    assert nw.GroupView(groups, labels=own).labels == {"dense.0:3": "large cells"}


VIEWS: dict[str, Any] = {
    "groups": lambda **traits: nw.GroupView(results.groups(), **traits),
    "comparison": lambda **traits: nw.CompareView(results.comparison(), **traits),
    "health": lambda **traits: nw.HealthView(results.health(), **traits),
    "localised": lambda **traits: nw.LocaliseView(results.localised(), **traits),
    "shortcuts": lambda **traits: nw.ShortcutView(results.shortcuts(), **traits),
}


@pytest.mark.parametrize("name", VIEWS)
def test_each_view_of_a_result_takes_labels_of_its_model_and_no_others(name: str, tmp_path: Path) -> None:
    plain = VIEWS[name]()
    plain.labels = {"dense.0:1": "a"}
    assert plain.labels == {"dense.0:1": "a"}
    plain.close()
    others = nw.Labels(tmp_path / "labels.json", for_model=nw.demo("digits"))
    with pytest.raises(TraitError, match="labels of another model"):
        VIEWS[name](labels=others)
