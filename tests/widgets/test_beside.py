"""Frames of two inputs: another one in the place of "before", laid beside this one position by position."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.stream.frame import Frame
from neuronwidget.stream.protocol.inputs import Text
from neuronwidget.widgets.frames.beside import counterparts
from neuronwidget.widgets.frames.build import FrameBuilder
from tests.asks import ask_of, ask_text
from tests.golden.make import Page
from tests.widgets.test_edited_frames import SEEN, by_hand, edit, live

__all__ = ["live"]
NOW, OTHER, LONGER = "def f(x): pass", "def g(y): pass", "def f(x, more): pass"
WHOLE = {"rows": None, "cols": None, "height": 20, "width": 90}


def frame(builder: FrameBuilder, now: str = NOW, other: str = OTHER, **changes: Any) -> Frame:
    asked = {"unit": "dense.1:2", "pins": ("dense.0:3",), "beside": Text(other), **changes}
    return builder.build(ask_text(now, "dense.1", **asked))


def unit_of(live: nw.LiveModel, text: str) -> Any:
    return live.record(text, ["dense.1"])["dense.1"][:, 2].numpy()


def test_before_is_the_other_input_and_the_difference_is_that_of_two_recordings(live: nw.LiveModel) -> None:
    builder, now, other = FrameBuilder(live), unit_of(live, NOW), unit_of(live, OTHER)
    shown = {
        which: frame(builder, compare=which, map=WHOLE, top={"most": 3}) for which in ("after", "before", "difference")
    }
    np.testing.assert_allclose(shown["after"].arrays["trace.unit"], now, atol=1e-6)
    np.testing.assert_allclose(shown["after"].arrays["trace.before"], other, atol=1e-6)
    np.testing.assert_allclose(shown["before"].arrays["trace.unit"], other, atol=1e-6)
    np.testing.assert_allclose(shown["difference"].arrays["trace.unit"], now - other, atol=1e-6)
    assert np.abs(now - other).max() > 0.01
    assert shown["before"].head["beside"] == {"compare": "before", "paired": 14, "of": 14, "problem": None}
    assert "edits" not in shown["before"].head
    scales = {which: one.parts["map"]["scale"] for which, one in shown.items()}
    assert scales["after"] == scales["before"], "a colour means the same in both"
    assert scales["difference"]["lo"] == -scales["difference"]["hi"]


def test_guesses_have_what_the_other_text_makes_probable(live: nw.LiveModel) -> None:
    part = frame(FrameBuilder(live), now="ab", other="ax", guesses={"most": 5}).parts["guesses"]
    names = [guess["text"] for guess in part["list"]]
    for text, name in (("ax", "was"), ("ab", "p")):
        table = live.predict(text, k=128).set_index("token")["probability"]
        assert [guess[name] for guess in part["list"]] == pytest.approx(table[names].tolist(), abs=1e-5)
    of_other = frame(FrameBuilder(live), now="ab", other="ax", guesses={"most": 5}, compare="before").parts["guesses"]
    assert [guess["p"] for guess in of_other["list"]] == pytest.approx(
        live.predict("ax", k=5)["probability"].tolist(), abs=1e-5
    )


def test_texts_of_other_lengths_go_together_at_equal_beginnings_and_ends(live: nw.LiveModel) -> None:
    builder, added = FrameBuilder(live), range(7, 13)
    different = frame(builder, LONGER, NOW, compare="difference", map=WHOLE, edits={"most": 4})
    values = different.arrays["trace.unit"]
    assert np.flatnonzero(np.isnan(values)).tolist() == list(added), "no difference where there is no counterpart"
    same = [at for at in range(len(LONGER)) if at not in added]
    np.testing.assert_allclose(values[same], unit_of(live, LONGER)[same] - unit_of(live, NOW), atol=1e-6)
    assert different.head["beside"] == {"compare": "difference", "paired": 14, "of": 20, "problem": None}
    assert different.head["odd"] == {"nan": 0, "inf": 0}, "what has no counterpart is not odd"
    at_added = frame(builder, LONGER, NOW, compare="difference", token=9, top={"most": 3}, guesses={"most": 3})
    assert "no counterpart in the other text" in at_added.head["failed"]["top"]["message"]
    assert all("was" not in guess for guess in at_added.parts["guesses"]["list"])
    behind = frame(builder, LONGER, NOW, token=15, guesses={"most": 3}).parts["guesses"]["list"]
    assert all("was" in guess for guess in behind)


@pytest.mark.parametrize("seed", range(5))
def test_counterparts_are_equal_in_order_and_as_many_as_can_be(seed: int) -> None:
    source = np.random.default_rng(seed)
    for _ in range(40):
        held, now = (source.integers(0, 2, source.integers(0, 7)).tolist() for _ in range(2))
        places = counterparts(held, now)
        paired = np.flatnonzero(places >= 0)
        assert (np.diff(places[paired]) > 0).all()
        if len(held) == len(now):
            assert places.tolist() == list(range(len(now)))
            continue
        assert [held[place] for place in places[paired]] == [now[at] for at in paired]
        between = np.flatnonzero(places < 0)
        if len(between) and len(paired) < len(held):
            first, last = places[: between[0]].max(initial=-1) + 1, len(held) - (len(now) - 1 - between[-1]) - 1
            assert held[first] != now[between[0]]
            assert held[last] != now[between[-1]]


def test_units_that_differ_most_are_listed_without_an_edit(live: nw.LiveModel) -> None:
    part = frame(FrameBuilder(live), LONGER, NOW + "!", edits={"most": 4}).parts["edits"]
    assert part["units"] == []
    assert frame(FrameBuilder(live), NOW, OTHER, edits={"most": 4}).parts["edits"]["changed"]
    first = frame(FrameBuilder(live), NOW, OTHER, edits={"most": 4}).parts["edits"]["changed"][0]
    site, index = first["unit"].split(":")
    now, other = (live.record(text, [site])[site][first["at"], int(index)] for text in (NOW, OTHER))
    assert (first["before"], first["after"]) == pytest.approx((float(other), float(now)), abs=1e-6)


def test_both_inputs_go_through_the_model_as_it_is_edited(live: nw.LiveModel) -> None:
    edited = by_hand(live)
    both = frame(FrameBuilder(live), acting=[edit()], compare="difference")
    np.testing.assert_allclose(both.arrays["trace.unit"], unit_of(edited, NOW) - unit_of(edited, OTHER), atol=1e-6)
    assert both.head["edits"]["acting"] == ["Scale(dense.0:3, × 0)"]
    assert not both.arrays["trace.pins"].any()


def test_what_is_kept_from_frame_to_frame_is_of_the_same_inputs(live: nw.LiveModel) -> None:
    builder = FrameBuilder(live)
    for number in range(24):
        which = ("after", "before", "difference")[number % 3]
        acting = [edit(factor=2.0)] if number % 7 > 3 else []
        beside = None if number % 5 == 4 else Text((OTHER, LONGER)[(number // 3) % 2])
        asked: dict[str, Any] = {"acting": acting, "compare": which, "map": WHOLE, "top": {"most": 4}, "beside": beside}
        ask = ask_text((NOW, NOW[:-1], NOW)[(number // 2) % 3], "dense.1", unit="dense.1:2", token=2, **asked)
        kept, anew = builder.build(ask), FrameBuilder(live).build(ask)
        assert (kept.head.get("beside"), kept.head["odd"]) == (anew.head.get("beside"), anew.head["odd"])
        assert kept.arrays.keys() == anew.arrays.keys()
        for name, array in anew.arrays.items():
            np.testing.assert_allclose(kept.arrays[name], array, atol=1 if array.dtype == np.uint8 else 1e-5)


@pytest.mark.parametrize("other", [OTHER, LONGER])
def test_a_slider_runs_neither_input_before_the_edit_and_gives_what_somebody_sees_who_comes_anew(
    live: nw.LiveModel, other: str
) -> None:
    builder, parts = FrameBuilder(live), {"map": WHOLE, "edits": {"most": 4}, "overview": {"width": 9}}
    for number, factor in enumerate((0.5, 2.0, -40.0, 2.0, 2.0, 0.0)):
        which = ("after", "before", "difference")[number % 3]
        asked: dict[str, Any] = {"acting": [edit("dense.1:3", factor)], "compare": which, "token": 3, **parts}
        SEEN.clear()
        kept = frame(builder, NOW, other, **asked)
        assert number == 0 or not SEEN, "what stands before the edited layer was not run"
        anew = frame(FrameBuilder(live), NOW, other, **asked)
        assert kept.parts == anew.parts
        assert kept.arrays.keys() == anew.arrays.keys()
        for name, array in anew.arrays.items():
            np.testing.assert_array_equal(kept.arrays[name], array, name)


def test_pictures_and_rows_are_compared_with_their_classes() -> None:
    live = nw.demo("digits")
    one, two = (live.inputs.gallery[number].pixels for number in (3, 8))
    page = Page(nw.explore(live, 3, unit="conv.0:1"))
    size = {"width": one.shape[1], "height": one.shape[0]}
    asked = {
        "unit": "conv.0:1",
        "parts": {"trace": {}, "classes": {}},
        "compare": "difference",
        "changes": {"beside": size},
    }
    message, buffers = page.ask(
        1, {"kind": "image", **size}, (one.tobytes(), two.tobytes()), beside={"kind": "image", **size}, **asked
    )
    part = message["parts"]["classes"]
    for number, name in ((8, "before"), (3, "probabilities")):
        table = live.predict(number, k=10).set_index("class")["probability"]
        assert part[name] == pytest.approx(table[part["names"]].tolist(), abs=2e-6)
    trace = buffers[[array["name"] for array in message["arrays"]].index("trace.unit")]
    values = [live.record(number, ["conv.0"])["conv.0"][:, 1].numpy() for number in (3, 8)]
    np.testing.assert_allclose(np.frombuffer(trace, np.float32), values[0] - values[1], atol=1e-5)
    assert (page.widget.beside == two).all(), "the page's picture is the trait's"
    page.widget.close()
    rows = nw.demo("cancer")
    first, second = rows.inputs.rows[:2]
    builder = FrameBuilder(rows)
    column = rows.inputs.columns[0].name
    ask = ask_of("table", first, "dense.0", beside=second, classes={}, sweep={"column": column, "points": 3})
    part = builder.build(ask).parts["classes"]
    for row, name in ((second, "before"), (first, "probabilities")):
        table = rows.predict(row).set_index("class")["probability"]
        assert part[name] == pytest.approx(table[part["names"]].tolist(), abs=2e-6)


def test_another_input_that_cannot_be_read_is_said_and_this_one_is_shown(live: nw.LiveModel) -> None:
    rows = nw.demo("cancer")
    ask = ask_of("table", rows.inputs.rows[0], "dense.0", beside={rows.inputs.columns[0].name: "words"}, classes={})
    one = FrameBuilder(rows).build(ask)
    assert one.head["beside"]["problem"]
    assert "before" not in one.parts["classes"]
    empty = frame(FrameBuilder(live), other="", compare="difference")
    assert empty.head["beside"]["paired"] == 0
    assert np.isnan(empty.arrays["trace.unit"]).all()


def test_python_holds_another_input_and_lets_it_go(live: nw.LiveModel) -> None:
    view = nw.explore(live, NOW, beside=OTHER, unit="dense.1:2", view={"compare": "difference"})
    assert view.get_state("beside")["beside"] == OTHER
    assert "Compared with another text: the difference is shown" in view._repr_mimebundle_()[0]["text/html"]
    with pytest.raises(TraitError, match="a string"):
        view.beside = 3
    view._receive(view, {"v": 2, "kind": "set", "changes": {"beside": None}}, [])
    assert view.beside is None
    assert view.get_state("beside")["beside"] is None
    view.close()
