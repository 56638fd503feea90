"""A frame holds exactly what is visible, and readings are exact."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import neuronwidget as nw
from neuronwidget.demos.architectures.code import CodeConfig, CodeModel, decode, encode
from neuronwidget.stream.protocol.asks import Ask, Probe
from neuronwidget.widgets.frames.build import FrameBuilder
from neuronwidget.widgets.frames.order import order_units, parse_units
from neuronwidget.widgets.frames.panels.map import MOST_CELLS
from tests.asks import ask_text

torch.manual_seed(0)
CONFIG = CodeConfig(layers=2, width=32, heads=2, hidden=48, memory=(16, 0), context=64)
LIVE = nw.attach(
    CodeModel(CONFIG).eval(), inputs=nw.TextInputs(encode, lambda ids: "".join(map(decode, ids)), context=64)
)
TEXT = "def f(x):\n    return 'text'  # note"


def ask(text: str = TEXT, **changes: Any) -> Ask:
    return ask_text(text, **{"site": "mlp.1", **changes})


def whole(**changes: Any) -> dict[str, Any]:
    return {"rows": None, "cols": None, "height": 400, "width": 900, **changes}


def test_exact_values_are_those_of_the_recording() -> None:
    frame = FrameBuilder(LIVE).build(ask(unit="mlp.1:7", pins=("mlp.0:3", "state.0:2")))
    recording = LIVE.record(TEXT)
    np.testing.assert_allclose(frame.arrays["trace.unit"], recording["mlp.1"][:, 7], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(frame.arrays["trace.pins"][0], recording["mlp.0"][:, 3], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(frame.arrays["trace.pins"][1], recording["state.0"][:, 2], rtol=1e-5, atol=1e-6)
    assert "map" not in frame.parts
    assert "map.cells" not in frame.arrays


@settings(max_examples=60)
@given(
    st.integers(1, 70),
    st.integers(1, 60),
    st.integers(1, 60),
    st.sampled_from(["index", "strength", "variation", "similarity"]),
    st.data(),
)
def test_a_probe_reads_the_strongest_of_its_bin(length: int, height: int, width: int, order: str, data: Any) -> None:
    text = (TEXT * 3)[:length]
    builder = FrameBuilder(LIVE)
    rows = data.draw(st.tuples(st.integers(0, 48), st.integers(0, 48)).map(sorted))
    frame = builder.build(ask(text, map=whole(rows=tuple(rows), height=height, width=width, order=order)))
    shown = frame.arrays["map.cells"]
    recording = LIVE.record(text, sites=["mlp.1"])
    values, first = recording["mlp.1"].numpy(), recording.window[0]
    seen = set()
    for y in range(shown.shape[0]):
        for x in range(shown.shape[1]):
            reading = builder.probe(Probe(1, 1, "map", x, y))
            unit = nw.Unit.parse(reading["unit"])
            assert reading["value"] == pytest.approx(float(values[reading["token"] - first, unit.index]), abs=1e-5)
            seen.add(unit.index)
            if shown.shape[1] == 1:
                assert frame.arrays["map.units"][y] == unit.index
    assert len(seen) <= max(0, rows[1] - rows[0])
    assert builder.probe(Probe(1, 99, "map", 0, 0)) is None, "of another picture"
    assert builder.probe(Probe(1, 1, "map", 10_000, 0)) is None


STEPS = st.fixed_dictionaries(
    {
        "cut": st.integers(0, 60),
        "more": st.text("ab(", max_size=3),
        "site": st.sampled_from(["mlp.0", "mlp.1"]),
        "rows": st.sampled_from([None, (0, 48), (5, 30)]),
        "cols": st.sampled_from([None, (0, 10)]),
        "height": st.sampled_from([9, 400]),
        "width": st.sampled_from([7, 900]),
        "order": st.sampled_from(["index", "index", "strength"]),
        "map": st.sampled_from([True, True, True, False]),
    }
)


@given(st.lists(STEPS, min_size=2, max_size=6))
def test_what_is_kept_from_frame_to_frame_is_not_seen(steps: list[dict[str, Any]]) -> None:
    """Whatever a person edits, zooms and chooses, the map is the one that somebody gets who comes anew."""
    builder, text = FrameBuilder(LIVE), TEXT
    for step in steps:
        text = (text[: step["cut"]] + step["more"])[:64]
        wanted = {key: step[key] for key in ("rows", "cols", "height", "width", "order")}
        asked = ask(text, site=step["site"], map=whole(**wanted) if step["map"] else None, top={"most": 3})
        frame, fresh = builder.build(asked), FrameBuilder(LIVE).build(asked)
        assert frame.parts.get("map") == fresh.parts.get("map")
        assert set(frame.arrays) == set(fresh.arrays)
        if step["map"]:
            # Values of a reused prefix differ in their last bits, so a byte may round the other way.
            difference = frame.arrays["map.cells"].astype(int) - fresh.arrays["map.cells"].astype(int)
            assert frame.arrays["map.cells"].shape == fresh.arrays["map.cells"].shape
            assert difference.size == 0 or (np.abs(difference) > 1).mean() < 0.02


def test_the_overview_shows_the_strongest_of_every_layer() -> None:
    builder = FrameBuilder(LIVE)
    frame = builder.build(ask(overview={"width": 900}))
    names = frame.parts["overview"]["sites"]
    assert names == ["state.0", "mlp.0", "mlp.1"]
    recording = LIVE.record(TEXT)
    ends = zip(frame.parts["overview"]["lows"], frame.parts["overview"]["highs"], strict=True)
    for y, (name, (low, high)) in enumerate(zip(names, ends, strict=True)):
        peaks = recording[name].abs().max(1).values.numpy()
        assert low <= peaks.min()
        assert peaks.max() <= high
        expected = 3 + 252 * (peaks - low) / (high - low)
        assert np.abs(frame.arrays["overview.cells"][y] - expected).max() <= 0.51
        reading = builder.probe(Probe(1, 1, "overview", 4, y))
        assert abs(reading["value"]) == pytest.approx(peaks[4], rel=1e-5)


def test_the_order_holds_while_the_text_changes() -> None:
    builder = FrameBuilder(LIVE)
    first = builder.build(ask(map=whole(order="strength"))).arrays["map.units"]
    held = builder.build(ask(TEXT[::-1], map=whole(order="strength", hold=True))).arrays["map.units"]
    fresh = builder.build(ask(TEXT[::-1], map=whole(order="strength"))).arrays["map.units"]
    assert held.tolist() == first.tolist()
    assert fresh.tolist() != first.tolist()


def test_a_filter_keeps_only_the_chosen_units() -> None:
    frame = FrameBuilder(LIVE).build(ask(map=whole(units=[5, 3, 44, 99, -1])))
    assert frame.arrays["map.units"].tolist() == [5, 3, 44]
    assert frame.parts["map"]["total"] == 3
    assert frame.parts["map"]["selected"] is None
    chosen = FrameBuilder(LIVE).build(ask(unit="mlp.1:44", map=whole(units=[5, 3, 44])))
    assert chosen.parts["map"]["selected"] == 2
    nothing = FrameBuilder(LIVE).build(ask(map=whole(units=[])))
    assert nothing.arrays["map.cells"].shape == (0, 0)


def test_the_strongest_units_and_the_guesses_speak_of_the_token() -> None:
    frame = FrameBuilder(LIVE).build(ask(token=4, top={"most": 5}, guesses={"most": 3}))
    values = LIVE.record(TEXT)["mlp.1"][4]
    expected = values.abs().argsort(descending=True)[:5].tolist()
    assert frame.arrays["top.units"].tolist() == expected
    np.testing.assert_allclose(frame.arrays["top.values"], values[expected], rtol=1e-5)
    guesses = LIVE.predict(TEXT[:5], k=3)
    assert [g["text"] for g in frame.parts["guesses"]["list"]] == guesses["token"].tolist()
    assert [g["p"] for g in frame.parts["guesses"]["list"]] == pytest.approx(guesses["probability"].tolist(), rel=1e-4)
    assert frame.parts["guesses"]["actual"]["text"] == TEXT[5]


def test_only_as_deep_as_what_is_visible() -> None:
    deep: list[int] = []
    handle = LIVE.module.blocks[1].register_forward_pre_hook(lambda *_: deep.append(1))
    try:
        FrameBuilder(LIVE).build(ask(site="mlp.0", unit="mlp.0:1", map=whole()))
        assert deep == []
        FrameBuilder(LIVE).build(ask(site="mlp.0", unit="mlp.0:1", overview={"width": 10}))
        assert deep == [1]
    finally:
        handle.remove()


def test_pinned_ends_hold_and_others_follow_in_round_steps() -> None:
    builder = FrameBuilder(LIVE)
    pinned = builder.build(ask(unit="mlp.1:7", pinned=(0.0, 42.0), map=whole()))
    assert pinned.parts["trace"]["scale"]["hi"] == pinned.parts["map"]["scale"]["hi"] == 42
    assert pinned.parts["trace"]["scale"]["pinned"]
    free = builder.build(ask(unit="mlp.1:7", map=whole()))
    high = LIVE.record(TEXT)["mlp.1"].max().item()
    assert high <= free.parts["trace"]["scale"]["hi"] <= high * 1.7


def test_a_text_beyond_the_context_is_seen_through_a_window() -> None:
    text = (TEXT * 20)[:600]
    frame = FrameBuilder(LIVE).build(ask(text, unit="mlp.1:0", map=whole()))
    window = frame.head["input"]["window"]
    assert window["total"] == 600
    assert window["first"] <= 599 < window["first"] + 64
    assert (window["start"], window["end"]) == (window["first"], 600)
    assert len(frame.arrays["trace.unit"]) == 600 - window["first"]
    begin = FrameBuilder(LIVE).build(ask(text, focus=0, unit="mlp.1:0"))
    assert begin.head["input"]["window"]["start"] == 0
    assert len(begin.arrays["trace.unit"]) == 64


def test_a_frame_is_bounded_by_the_screen() -> None:
    frame = FrameBuilder(LIVE).build(ask(TEXT[:30], map=whole(height=8000, width=8000)))
    assert frame.arrays["map.cells"].shape == (48, 30), "never more bins than units and tokens"
    assert frame.arrays["map.cells"].size <= MOST_CELLS


def test_neighbours_by_similarity_are_alike() -> None:
    """Planted families of units, shuffled: neighbours in the order belong together."""
    random = np.random.default_rng(0)
    shapes = random.normal(size=(8, 200)).astype(np.float32)
    family = random.permutation(np.repeat(np.arange(8), 25))
    values = (shapes[family] * random.uniform(0.5, 3, (200, 1)) + 0.3 * random.normal(size=(200, 200))).T
    order = order_units(values.astype(np.float32), "similarity")
    assert sorted(order) == list(range(200))
    together = (family[order][1:] == family[order][:-1]).mean()
    assert together > 0.9
    assert (family[1:] == family[:-1]).mean() < 0.3


def test_silent_units_come_last_by_similarity() -> None:
    values = np.random.default_rng(1).normal(size=(20, 12)).astype(np.float32)
    values[:, [2, 7]] = 0
    assert set(order_units(values, "similarity")[-2:]) == {2, 7}


def test_units_as_people_write_them() -> None:
    assert parse_units("3, 17-20 , 5", 19) == [3, 5, 17, 18]
    assert parse_units("  ", 10) is None
    with pytest.raises(ValueError, match="“x”"):
        parse_units("3, x", 10)
