"""What is closed is freed: every widget, its layout, and what was kept to answer its page."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

import neuronwidget as nw
from neuronwidget.widgets.base.bundles import bundle
from neuronwidget.widgets.base.model_widget import ModelWidget
from tests.hostile.page import Page

KINDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "explorer": lambda have: nw.explore(have["code"], "x = 1"),
    "explorer with an atlas": lambda have: nw.explore(have["code"], "x = 1", atlas=have["atlas"]),
    "explorer of pictures": lambda have: nw.explore(have["digits"]),
    "explorer of rows": lambda have: nw.explore(have["cancer"]),
    "strip": lambda have: nw.TokenStrip(have["code"], "x = 1"),
    "heatmap": lambda have: nw.Heatmap(have["code"], "x = 1"),
    "grid": lambda have: nw.ExemplarGrid(have["atlas"]),
    "grid beside a view": lambda have: nw.ExemplarGrid(have["atlas"], live=have["view"]),
    "card": lambda have: nw.UnitCard(have["code"], have["atlas"]),
    "finder": lambda have: nw.UnitFinder(have["atlas"], have["view"]),
    "scatter": lambda have: nw.UnitScatter(have["atlas"]),
    "scan": lambda have: nw.ScanProgress(units=["mlp.0:1"]),
}


@pytest.fixture(scope="module")
def have(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    models: dict[str, Any] = {name: nw.demo(name) for name in ("code", "digits", "cancer")}
    texts, folder = ["def f(x): return x", "a = [1, 2]"], tmp_path_factory.mktemp("atlas")
    atlas = nw.scan(models["code"], texts, out=folder, sites=["mlp.0"], progress=False)
    return {**models, "atlas": atlas, "view": nw.explore(models["code"], "x = 1")}


def answered(widget: Any) -> None:
    """Have its page ask something, so that whatever answers it has been at work."""
    if isinstance(widget, ModelWidget):
        kind = widget.live.inputs.kind
        inputs = {"text": "x = 2", "image": {"kind": kind, "width": 4, "height": 4}, "table": {"kind": kind}}
        assert Page(widget).ask(inputs[kind], [bytes(48)])["kind"] == "frame"
    elif isinstance(widget, nw.ExemplarGrid | nw.UnitFinder):
        page, unit = Page(widget), str(widget.unit or "mlp.0:0")
        page.say({"v": 2, "kind": "atlas", "seq": 1, "want": "card", "unit": unit})
        page.say({"v": 2, "kind": "atlas", "seq": 2, "want": "find", "text": "x", "count": 3})
        assert "error" not in page.answer(1)
        assert "error" not in page.answer(2)


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_widget_is_freed_with_all_that_came_with_it(kind: str, have: dict[str, Any]) -> None:
    make = KINDS[kind]
    make(have).close()
    alive = dict(ipywidgets.widgets.widget._instances)
    widget = make(have)
    answered(widget)
    inner = getattr(widget, "widget", widget)
    gone = [weakref.ref(widget), weakref.ref(inner), weakref.ref(type(inner)), weakref.ref(inner.layout)]
    del inner
    widget.close()
    del widget
    while any(reference() is not None for reference in gone):  # a worker may be about to let go of it
        gc.collect()
    assert ipywidgets.widgets.widget._instances.keys() == alive.keys()


def test_a_layout_that_was_given_stays_with_whoever_gave_it(have: dict[str, Any]) -> None:
    layout = ipywidgets.Layout(width="50%")
    left, right = nw.explore(have["code"], "a", layout=layout), nw.explore(have["code"], "b", layout=layout)
    left.close()
    assert layout.comm is not None
    assert right.get_state("layout")["layout"] == f"IPY_MODEL_{layout.model_id}"
    right.close()
    layout.close()


def test_hot_reload_reaches_what_is_open_and_frees_what_is_closed(
    have: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANYWIDGET_HMR", "1")
    kept, closed = nw.TokenStrip(have["code"], "a"), nw.TokenStrip(have["code"], "b")
    module, sheet = bundle("text").module, bundle("text").sheet
    assert kept._esm == Path(module._path).read_text(encoding="utf-8")
    gone = weakref.ref(closed)
    closed.close()
    del closed
    while gone() is not None:
        gc.collect()
    module.changed.emit("export default 1")  # as anywidget does when the file was written
    sheet.changed.emit("p {}")
    assert kept.get_state(["_esm", "_css"]) == {"_esm": "export default 1", "_css": "p {}"}
    kept.close()
