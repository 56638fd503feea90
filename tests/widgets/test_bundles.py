"""A widget is sent the page's module for what it shows, and no more; the class says nothing of that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import neuronwidget as nw
from neuronwidget.widgets.base.bundles import STATIC
from tests.golden import models
from tests.hostile.page import Page

X: dict[str, Any] = {"text": models.TEXT, "image": 0, "table": {"age": 54, "sex": "male"}}
DOCUMENTS: dict[str, Any] = {
    "text": ["aéb", "bba"],
    "table": [{"age": 18, "sex": "male"}, {"age": 90, "sex": "female"}],
}


def live_of(kind: str) -> nw.LiveModel:
    live: nw.LiveModel = getattr(models, kind)()
    return live


def scanned(live: nw.LiveModel, kind: str, folder: Path) -> nw.Atlas:
    documents = DOCUMENTS.get(kind) or [exhibit.pixels for exhibit in live.inputs.gallery]  # type: ignore[attr-defined]
    return nw.scan(live, documents, out=folder / "atlas", progress=False)


def bundle_of(widget: Any) -> str:
    """By the text of the module, which is that of the sheet and of the id too."""
    name = next(path.stem for path in STATIC.glob("*.js") if path.read_text(encoding="utf-8") == widget._esm)
    assert widget._css == (STATIC / f"{name}.css").read_text(encoding="utf-8")
    assert widget._anywidget_id == f"neuronwidget.{name}"
    return name


BUNDLES = {"text": "explorer", "image": "inputs", "table": "inputs"}


@pytest.mark.parametrize("kind", BUNDLES)
def test_the_kind_chooses_the_bundle(kind: str, tmp_path: Path) -> None:
    live = live_of(kind)
    atlas = scanned(live, kind, tmp_path)
    made = [nw.explore(live, X[kind]), nw.explore(live, X[kind], atlas=atlas), nw.UnitCard(live, atlas, x=X[kind])]
    assert {bundle_of(widget) for widget in made} == {BUNDLES[kind]}
    assert [isinstance(widget, nw.Explorer) for widget in made] == [True, True, True]
    alone = [nw.ExemplarGrid(atlas), nw.UnitFinder(atlas)]
    assert {bundle_of(widget) for widget in alone} == {BUNDLES[kind]}
    assert made[0].keys == made[1].keys, "the traits of an atlas are always there"
    assert made[0].atlas_info is None
    assert made[1].atlas_info["documents"] == atlas.manifest["done"]["documents"]
    for widget in [*made, *alone]:
        widget.close()


def test_small_views_of_a_text_are_sent_no_explorer() -> None:
    for widget in (nw.TokenStrip(live_of("text"), models.TEXT), nw.Heatmap(live_of("text"), models.TEXT)):
        assert bundle_of(widget) == "text"
        widget.close()


def test_a_class_of_ones_own_is_an_explorer_of_any_kind() -> None:
    class Mine(nw.Explorer):
        pass

    for kind in X:
        widget = Mine(live_of(kind), X[kind])
        assert bundle_of(widget) == BUNDLES[kind]
        widget.close()


def test_an_explorer_without_an_atlas_says_so() -> None:
    explorer = nw.explore(live_of("text"), models.TEXT)
    page = Page(explorer)
    for seq, question in enumerate(({"want": "card"}, {"want": "find", "fires": True}, {"want": "find"})):
        page.say({"v": 2, "kind": "atlas", "seq": seq, **question})
        assert page.answer(seq)["error"] == "This view has no atlas."
    with pytest.raises(RuntimeError, match="has no atlas"):
        explorer.atlas  # noqa: B018
    explorer.close()
    with pytest.raises(RuntimeError, match="was closed"):
        explorer.atlas  # noqa: B018
