"""Widgets from Python's side: traits in every spelling, tables, closing."""

import gc
import weakref
from typing import Any

import pytest
import torch
from traitlets import TraitError, link

import neuronwidget as nw
from neuronwidget.demos.architectures.code import CodeConfig, CodeModel, decode, encode

CONFIG = CodeConfig(layers=3, width=32, heads=2, hidden=48, memory=(0, 0, 0), context=64)
TEXT = "def f(x): return x"


def make(**how: bool) -> nw.LiveModel:
    torch.manual_seed(0)
    inputs = nw.TextInputs(encode, lambda ids: "".join(map(decode, ids)), context=64)
    return nw.attach(CodeModel(CONFIG).eval(), inputs=inputs, **how)


LIVE = make()


@pytest.fixture(params=[nw.Explorer, nw.TokenStrip, nw.Heatmap])
def widget(request: pytest.FixtureRequest) -> nw.Explorer:
    made = request.param(LIVE, TEXT)
    yield made
    made.close()


def test_a_unit_is_set_in_any_spelling(widget: nw.Explorer) -> None:
    for spelling in (
        "mlp.1:7",
        nw.Unit("mlp.1", 7),
        ("mlp.1", 7),
        "blocks.1.mlp.hook_post:7",
        "blocks.1.mlp.down.in:7",
    ):
        widget.unit = None
        widget.unit = spelling
        assert widget.unit == nw.Unit("mlp.1", 7)
        assert widget.site == "mlp.1", "the site follows"
    assert widget.get_state("unit") == {"unit": "mlp.1:7"}
    widget.site = "mlp.2"
    assert widget.unit is None, "a unit of another site is no longer selected"


def test_what_is_not_there_is_refused_and_nothing_changes(widget: nw.Explorer) -> None:
    widget.unit = "mlp.1:7"
    for wrong, message in (
        ("mlp.1:48", "0 to 47"),
        ("mpl.1:3", "Near it"),
        ("seven", "is not a unit"),
        (3.5, "not a unit"),
    ):
        with pytest.raises(TraitError, match=message):
            widget.unit = wrong
    with pytest.raises(TraitError, match="Near it"):
        widget.site = "mlp.9"
    with pytest.raises(TraitError, match="not colour"):
        widget.view = {"colour": "red"}
    assert widget.unit == nw.Unit("mlp.1", 7)
    widget.view = {"mode": "log"}
    assert widget.view["order"] == "index", "what is not said stays at its default"


def test_pins_are_units_and_each_counts_once(widget: nw.Explorer) -> None:
    widget.pins = ["mlp.0:3", ("mlp.0", 3), "mlp.2:1"]
    assert widget.pins == [nw.Unit("mlp.0", 3), nw.Unit("mlp.2", 1)]
    assert widget.get_state("pins") == {"pins": ["mlp.0:3", "mlp.2:1"]}


def test_the_table_says_what_is_shown() -> None:
    explorer = nw.explore(LIVE, TEXT, unit="mlp.1:7", pins=["mlp.0:3"])
    table = explorer.table()
    assert table["text"].tolist() == list(TEXT)
    recording = LIVE.record(TEXT)
    assert table["mlp.1:7"].tolist() == recording["mlp.1"][:, 7].tolist()
    assert table["mlp.0:3"].tolist() == recording["mlp.0"][:, 3].tolist()
    explorer.close()
    heatmap = nw.Heatmap(LIVE, TEXT, site="mlp.2", view={"filter": "3, 17-20", "order": "strength"})
    columns = heatmap.table().columns.tolist()[2:]
    assert sorted(columns) == sorted(f"mlp.2:{u}" for u in (3, 17, 18, 19, 20))
    peaks = recording["mlp.2"].abs().max(0).values
    assert columns == sorted(columns, key=lambda name: -peaks[int(name.split(":")[1])])
    heatmap.close()


def test_the_first_picture_has_a_unit_that_varies() -> None:
    explorer = nw.explore(LIVE, TEXT, site="mlp.2")
    spread = LIVE.record(TEXT)["mlp.2"].std(0, correction=0)
    assert explorer.unit == nw.Unit("mlp.2", int(spread.argmax()))
    explorer.close()
    nothing = nw.explore(LIVE, "")
    assert nothing.unit is None
    nothing.close()
    demo = nw.demo("code")
    suggested = nw.explore(demo, "")
    assert str(suggested.unit) == demo.suggested
    suggested.close()


def test_two_widgets_can_be_linked() -> None:
    strip, heatmap = nw.TokenStrip(LIVE, TEXT), nw.Heatmap(LIVE, TEXT)
    link((strip, "unit"), (heatmap, "unit"))
    link((strip, "input"), (heatmap, "input"))
    heatmap.unit = "mlp.2:5"
    strip.input = "other"
    assert strip.unit == heatmap.unit == nw.Unit("mlp.2", 5)
    assert heatmap.input == "other"
    strip.close()
    heatmap.close()


def test_closing_frees_the_model_also_while_the_widget_is_still_at_hand() -> None:
    live = make()
    module = weakref.ref(live.module)
    widget = nw.explore(live, TEXT)
    widget.table()
    del live
    gc.collect()
    assert module() is not None, "shown, so alive"
    widget.close()
    gc.collect()
    assert module() is None
    with pytest.raises(RuntimeError, match="was closed"):
        widget.table()


def test_a_model_held_weakly_may_go_while_it_is_shown() -> None:
    module = CodeModel(CONFIG)
    live = nw.attach(module, inputs=LIVE.inputs, keep=False)
    widget = nw.TokenStrip(live, TEXT)
    del module
    gc.collect()
    with pytest.raises(RuntimeError, match="The model is gone"):
        widget.table()
    widget.close()


def test_the_first_argument_is_a_live_model() -> None:
    with pytest.raises(TypeError, match=r"nw\.attach"):
        nw.explore(CodeModel(CONFIG), TEXT)


@pytest.mark.parametrize("view", [nw.explore, nw.Explorer, nw.TokenStrip, nw.Heatmap])
def test_an_argument_that_no_view_has_is_refused_with_the_names_near_it(view: Any) -> None:
    with pytest.raises(TypeError, match=r"has no argument 'unti'\. Near it: unit\."):
        view(LIVE, TEXT, unti="mlp.1:3")
    with pytest.raises(TypeError, match=r"has no argument 'layer'\. It takes live, .*unit"):
        view(LIVE, TEXT, layer=1)
    with pytest.raises(TypeError, match=r"second argument: nw\.\w+\(live, text\)"):
        view(LIVE, input=TEXT)
    with pytest.raises(ValueError, match=r"^3 is not a unit\. Write the site, a colon and a number"):
        view(LIVE, TEXT, unit=3)
    view(LIVE, TEXT, unit="mlp.1:3", layout={"width": "50%"}, pins=["mlp.0:1"]).close()


def test_an_explorer_shows_the_strongest_units_first_unless_told_otherwise() -> None:
    assert nw.explore(LIVE, TEXT).view["order"] == "strength"
    assert nw.explore(LIVE, TEXT, view={"filter": "3"}).view == {**nw.explore(LIVE, TEXT).view, "filter": "3"}
    assert nw.explore(LIVE, TEXT, view={"order": "index"}).view["order"] == "index"
    assert nw.Heatmap(LIVE, TEXT).view["order"] == "index"
