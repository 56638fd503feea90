"""Names of units: a trait of every view, two-way, and carried by the live model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from traitlets import TraitError

import neuronwidget as nw
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
    assert live.edited().labels == later.labels
    assert live.edited().labels is not live.labels


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
    assert live.labels == {"dense.0:1": "d"}
    linked.close()
    explorer.labels = {}
    assert linked.labels == {"dense.0:0": "c"}
