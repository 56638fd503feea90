"""Frames of an edited model: before, after and the difference are those of passes that were edited by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from traitlets import TraitError

import neuronwidget as nw
from neuronwidget.stream.frame import Frame
from neuronwidget.stream.protocol.inputs import Text
from neuronwidget.widgets.frames.build import FrameBuilder
from tests.asks import ask_of, ask_text
from tests.golden.make import Page

TEXT = "def f(x):\n    return 'text'"
#: How many hooks the watched layer had, at each pass.
SEEN: list[int] = []


class Watched(nn.Module):
    """Passes its input on, and notes the hooks that are on it."""

    def forward(self, x: Tensor) -> Tensor:
        SEEN.append(len(self._forward_hooks) + len(self._forward_pre_hooks))
        return 1.0 * x


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Embedding(128, 8), nn.Linear(8, 12), nn.ReLU(), Watched(), nn.Linear(12, 10), nn.ReLU(), nn.Linear(10, 128)
    )
    return nw.attach(module, inputs=nw.TextInputs(lambda text: [ord(c) % 128 for c in text], _read, context=64))


def _read(ids: Any) -> str:
    return "".join(map(chr, ids))


def edit(unit: str = "dense.0:3", factor: float = 0.0, **more: Any) -> dict[str, Any]:
    return {"edit": "scale", "unit": unit, "factor": factor, **more}


def by_hand(live: nw.LiveModel, unit: int = 3, factor: float = 0.0) -> nw.LiveModel:
    def change(rows: Tensor) -> Tensor:
        rows[:, unit] *= factor
        return rows

    return live.edited(nw.Edit("dense.0", change))


def frame(builder: FrameBuilder, **changes: Any) -> Frame:
    asked = {"unit": "dense.1:2", "pins": ("dense.0:3",), "acting": [edit()], **changes}
    return builder.build(ask_text(TEXT, "dense.1", **asked))


def test_after_before_and_difference_are_those_of_two_live_models(live: nw.LiveModel) -> None:
    builder, sites = FrameBuilder(live), ["dense.0", "dense.1"]
    before, after = live.record(TEXT, sites)["dense.1"], by_hand(live).record(TEXT, sites)["dense.1"]
    unit = before[:, 2].numpy(), after[:, 2].numpy()
    whole = {"rows": None, "cols": None, "height": 20, "width": 90}
    shown = {which: frame(builder, compare=which, map=whole) for which in ("after", "before", "difference")}
    np.testing.assert_allclose(shown["after"].arrays["trace.unit"], unit[1], atol=1e-6)
    np.testing.assert_allclose(shown["after"].arrays["trace.before"], unit[0], atol=1e-6)
    np.testing.assert_allclose(shown["before"].arrays["trace.unit"], unit[0], atol=1e-6)
    np.testing.assert_allclose(shown["difference"].arrays["trace.unit"], unit[1] - unit[0], atol=1e-6)
    assert not shown["after"].arrays["trace.pins"].any(), "the edited unit is off"
    assert np.abs(shown["after"].arrays["trace.pinsBefore"]).max() > 0
    assert "trace.before" not in shown["before"].arrays
    scales = {which: one.parts["map"]["scale"] for which, one in shown.items()}
    assert scales["after"] == scales["before"], "a colour means the same before and after"
    assert scales["difference"]["lo"] == -scales["difference"]["hi"]
    cells = shown["difference"].arrays["map.cells"].astype(int)
    expected = (after - before).numpy().T / scales["difference"]["hi"] * 126 + 129
    assert np.abs(cells - expected).max() <= 0.6


def test_guesses_have_what_they_were(live: nw.LiveModel) -> None:
    guesses = frame(FrameBuilder(live), guesses={"most": 5}).parts["guesses"]
    names = [guess["text"] for guess in guesses["list"]]
    for model, name in ((live, "was"), (by_hand(live), "p")):
        table = model.predict(TEXT, k=128).set_index("token")["probability"]
        assert [guess[name] for guess in guesses["list"]] == pytest.approx(table[names].tolist(), abs=1e-5)
    changed = frame(FrameBuilder(live), guesses={"most": 5}, compare="difference").parts["guesses"]["list"]
    sizes = [abs(guess["p"] - guess["was"]) for guess in changed]
    assert sizes == sorted(sizes, reverse=True)


def test_downstream_units_are_measured_by_their_own_standard_deviations(live: nw.LiveModel) -> None:
    part = frame(FrameBuilder(live), edits={"most": 3}).parts["edits"]
    recorded = live.record(TEXT)
    before, after = recorded["dense.1"], by_hand(live).record(TEXT)["dense.1"]
    changes = ((after - before) / before.std(0, correction=0).clamp_min(1e-6)).abs().amax(0)
    assert part["over"] == "input"
    assert part["changed"][0]["unit"].startswith("dense.")
    of_site = [unit for unit in part["changed"] if unit["unit"].startswith("dense.1:")]
    for unit in of_site:
        index = int(unit["unit"].split(":")[1])
        assert abs(unit["change"]) <= float(changes[index]) + 1e-4
    assert "dense.0:3" not in [unit["unit"] for unit in part["changed"]], "edited, not downstream"
    assert part["units"][0]["before"] == pytest.approx(float(recorded["dense.0"][-1, 3]), abs=1e-6)
    assert part["units"][0]["after"] == 0


def test_no_edit_no_hook_and_no_second_pass(live: nw.LiveModel) -> None:
    builder = FrameBuilder(live)
    frame(builder, acting=[])
    SEEN.clear()
    for acting in ([], [edit(on=False)], [edit(factor=1.0)]):
        builder.forget()
        one = frame(builder, compare="difference", acting=acting)
        assert "edits" not in one.head
        assert "trace.before" not in one.arrays
    assert SEEN == [0, 0, 0], "one pass a frame, and nothing on the layer"
    frame(builder, acting=[edit("3:2")])  # and how passes resume there is tried, once
    builder.forget()
    SEEN.clear()
    frame(builder, acting=[edit("3:2")])
    assert [hooks > 0 for hooks in SEEN] == [False, True], "one pass without the edit, one with it"
    SEEN.clear()
    frame(builder, acting=[edit("3:2", 2.0)])
    assert SEEN == [], "the slider moved: neither the model without edits nor what lies before them is run again"
    beside = {"beside": Text(TEXT[:-1] + "!", 0)}
    frame(builder, acting=[edit("3:2")], **beside)
    SEEN.clear()
    frame(builder, acting=[edit("3:2", 2.0)], **beside)
    assert SEEN == [], "nor is that run again of the input beside it"
    moved = frame(builder, acting=[edit("5:2", 5.0)])
    anew = frame(FrameBuilder(live), acting=[edit("5:2", 5.0)])
    np.testing.assert_allclose(moved.arrays["trace.unit"], anew.arrays["trace.unit"], rtol=1e-5, atol=1e-6)


def test_the_control_is_of_the_edits_of_the_frame(live: nw.LiveModel) -> None:
    view = nw.explore(live, TEXT)
    page = Page(view)
    message, _ = page.ask(1, TEXT, focus=0, edits=[edit()])
    assert message["head"]["edits"]["acting"]
    answer, _ = page.say("study", seq=2, of=1, question="control")
    result = answer["result"]
    assert (answer["kind"], answer["of"], len(result["random"]), answer["problem"]) == ("study", 1, 20, None)
    assert result["larger"] == sum(result["effect"] > other for other in result["random"])
    assert "chance" in result["verdict"] or "larger than" in result["verdict"]
    asked: dict[str, Any] = {"of": 7, "question": "control"}
    assert page.say("study", seq=3, **asked)[0] == {"v": 2, "kind": "overtaken", "seq": 3}, "of another frame"
    view.close()


def test_what_is_kept_from_frame_to_frame_is_of_the_same_edits(live: nw.LiveModel) -> None:
    """Slider moves, typing and switching on one builder give what each frame gives to somebody who comes anew."""
    builder, whole = FrameBuilder(live), {"rows": None, "cols": None, "height": 20, "width": 90}
    texts = [TEXT, TEXT + "a", TEXT[:7], TEXT]
    for number in range(24):
        which = ("after", "before", "difference")[number % 3]
        acting = [] if number % 7 == 3 else [edit(factor=(0.0, 2.0, -3.0)[(number // 4) % 3])]
        asked: dict[str, Any] = {"acting": acting, "compare": which, "map": whole, "top": {"most": 4}}
        ask = ask_text(texts[(number // 2) % 4], "dense.1", unit="dense.1:2", **asked)
        kept, anew = builder.build(ask), FrameBuilder(live).build(ask)
        assert kept.head.get("edits") == anew.head.get("edits")
        for name, array in anew.arrays.items():
            np.testing.assert_allclose(kept.arrays[name], array, atol=1 if array.dtype == np.uint8 else 1e-5)


@pytest.mark.parametrize("compare", ["after", "before", "difference"])
@pytest.mark.parametrize("site", ["dense.0", "dense.1", "3"])
def test_a_slider_gives_to_the_bit_what_somebody_sees_who_comes_anew(
    live: nw.LiveModel, site: str, compare: str
) -> None:
    """Of a site before the edit, at it, and behind it; also where the map has several units a row."""
    builder, parts = FrameBuilder(live), {"edits": {"most": 3}, "overview": {"width": 9}, "guesses": {"most": 3}}
    for number, factor in enumerate((0.5, 2.0, -40.0, 2.0, 2.0)):
        whole = {"rows": None, "cols": None, "height": (20, 5, 5, 5, 4)[number], "width": 90}
        asked: dict[str, Any] = {"acting": [edit("dense.0:3", factor)], "compare": compare, "map": whole, **parts}
        ask = ask_text(TEXT, site, unit=f"{site}:2", **asked)
        kept, anew = builder.build(ask), FrameBuilder(live).build(ask)
        assert kept.parts == anew.parts
        assert kept.arrays.keys() == anew.arrays.keys()
        for name, array in anew.arrays.items():
            np.testing.assert_array_equal(kept.arrays[name], array, name)


def test_an_edit_that_cannot_act_is_said_and_the_others_act(live: nw.LiveModel) -> None:
    acting = [edit("nowhere.2:3"), edit(), edit("dense.0:99"), edit("no unit")]
    one = frame(FrameBuilder(live), acting=acting, edits={"most": 2})
    problems = {problem["index"]: problem["message"] for problem in one.head["edits"]["problems"]}
    assert problems.keys() == {0, 2, 3}
    assert "There is no site 'nowhere.2'" in problems[0]
    assert "0 to 11" in problems[2]
    assert len(one.head["edits"]["acting"]) == 1
    assert not one.arrays["trace.pins"].any()
    alone = frame(FrameBuilder(live), acting=[edit("nowhere.2:3")], edits={"most": 2})
    np.testing.assert_allclose(alone.arrays["trace.unit"], live.record(TEXT)["dense.1"][:, 2], atol=1e-6)
    assert "edits" not in alone.parts


def test_the_classes_of_a_picture_follow_a_channel_that_is_switched_off() -> None:
    live = nw.demo("digits")
    pixels = live.inputs.gallery[3].pixels
    off = {"edit": "ablate", "unit": "conv.0:1", "to": "zero"}
    page = Page(nw.explore(live, 3, unit="conv.0:1"))
    picture = {"kind": "image", "width": pixels.shape[1], "height": pixels.shape[0]}
    message, _ = page.ask(1, picture, (pixels.tobytes(),), edits=[off], parts={"trace": {}, "classes": {}})
    part = message["parts"]["classes"]

    def silent(rows: Tensor) -> Tensor:
        rows[:, 1] = 0
        return rows

    for model, name in ((live, "before"), (live.edited(nw.Edit("conv.0", silent)), "probabilities")):
        table = model.predict(3, k=10).set_index("class")["probability"]
        assert part[name] == pytest.approx(table[part["names"]].tolist(), abs=2e-6)
    page.widget.close()


def test_the_trait_takes_any_spelling_and_refuses_with_a_sentence(live: nw.LiveModel) -> None:
    view = nw.explore(live, TEXT)
    view.edits = [{"edit": "scale", "unit": ("dense.0", 3), "factor": 2}]
    assert view.edits == [{**edit(factor=2.0), "scope": "all", "when": None, "on": True}]
    for wrong, words in (
        ([edit("dense.9:1")], "There is no site"),
        ([edit(factor=float("nan"))], "finite number"),
        ([edit(scope="sometimes")], "all, last"),
        ([edit(when={"unit": "dense.0:77", "above": 0})], "0 to 11"),
        ([edit(colour="red")], "of the fields"),
        ([{"edit": "dance", "unit": "dense.0:3"}], "one of scale, clamp, ablate"),
        ([edit()] * 33, "at most 32"),
        ([3], "made of objects"),
    ):
        with pytest.raises(TraitError, match=words):
            view.edits = wrong
    assert len(view.edits) == 1, "what was there stays"
    view.close()


def test_the_live_model_stays_as_it_is(live: nw.LiveModel) -> None:
    view = nw.explore(live, TEXT, edits=[edit()])
    assert live.edits == []
    assert view.get_state("edits")["edits"][0]["unit"] == "dense.0:3"
    assert "edits" not in view.catalog
    view.close()
    own = nw.explore(by_hand(live), TEXT)
    assert own.catalog["edits"] == [str(by_hand(live).edits[0])], "a page says that Python edited the model"
    own.close()


def test_a_row_is_edited_as_a_whole() -> None:
    live = nw.demo("cancer")
    asked = ask_of("table", None, "dense.0", unit="dense.0:1", acting=[edit("dense.0:1", 4.0)], edits={"most": 3})
    part = FrameBuilder(live).build(asked).parts["edits"]
    assert part["over"] == "site", "of one row a unit has no standard deviation"
    assert part["units"][0]["after"] == pytest.approx(4 * part["units"][0]["before"], rel=1e-5)


def test_a_table_and_a_saved_notebook_say_what_is_shown(live: nw.LiveModel) -> None:
    view = nw.explore(live, TEXT, unit="dense.1:2", edits=[edit()])
    for model, compare in ((by_hand(live), "after"), (live, "before")):
        view.view = {**view.view, "compare": compare}
        expected = model.record(TEXT)["dense.1"][:, 2].tolist()
        assert view.table()["dense.1:2"].tolist() == pytest.approx(expected, abs=1e-6)
    view.view = {**view.view, "compare": "after"}
    assert "Model edited: Scale(dense.0:3, × 0)" in view._repr_mimebundle_()[0]["text/html"]
    view.close()


def test_scope_and_condition_reach_the_edit(live: nw.LiveModel) -> None:
    last = frame(FrameBuilder(live), acting=[edit(scope="last")])
    values, before = last.arrays["trace.pins"][0], last.arrays["trace.pinsBefore"][0]
    np.testing.assert_allclose(values[:-1], before[:-1], atol=1e-6)
    assert values[-1] == 0
    assert last.head["edits"]["acting"] == ["Scale(dense.0:3, × 0, at the last position)"]
    other = live.record(TEXT)["dense.0"][:, 5]
    above = float(other.median())
    where = frame(FrameBuilder(live), acting=[edit(when={"unit": "dense.0:5", "above": above})])
    values = where.arrays["trace.pins"][0]
    np.testing.assert_allclose(values, np.where(other > above, 0, before), atol=1e-6)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"edit": "ablate", "unit": "dense.0:3", "to": "mean"}, "data="),
        ({**edit(), "when": {"unit": "dense.1:2", "above": 0}}, "dense.1"),
    ],
)
def test_why_an_edit_cannot_act_stands_in_its_row(live: nw.LiveModel, wrong: dict[str, Any], words: str) -> None:
    one = frame(FrameBuilder(live), acting=[wrong], edits={"most": 2})
    (problem,) = one.head["edits"]["problems"]
    assert words in problem["message"]
    assert one.head["edits"]["acting"] == []
    np.testing.assert_allclose(one.arrays["trace.unit"], live.record(TEXT)["dense.1"][:, 2], atol=1e-6)


def test_an_atlas_gives_means_and_standard_deviations(live: nw.LiveModel, tmp_path: Path) -> None:
    atlas = nw.scan(live, [TEXT, "x = 1 + y", "for a in b: pass"], out=tmp_path / "atlas", progress=False)
    view = nw.explore(live.edited(), TEXT, atlas=atlas, unit="dense.1:2")
    mean = {"edit": "ablate", "unit": "dense.0:3", "to": "mean"}
    message, _ = Page(view).ask(1, TEXT, focus=0, edits=[mean], parts={"trace": {}, "edits": {"most": 2}})
    part = message["parts"]["edits"]
    assert message["head"]["edits"]["problems"] == []
    assert part["units"][0]["after"] == pytest.approx(float(atlas.unit("dense.0:3")["mean"]), abs=1e-5)
    assert part["over"] == "atlas"
    first = part["changed"][0]
    std = float(atlas.unit(first["unit"])["std"])
    assert first["change"] == pytest.approx((first["after"] - first["before"]) / std, rel=0.05)
    view.close()
