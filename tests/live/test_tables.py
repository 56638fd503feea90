"""Models of rows: what goes in, what units do, sweeps, and what is refused."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.live.inputs.table import Category, Number, TableInputs
from neuronwidget.live.inputs.tensors import InputError
from neuronwidget.stream.protocol.asks import Ask
from neuronwidget.widgets.frames.build import FrameBuilder
from tests.asks import ask_of

torch.manual_seed(0)
NOISE = np.random.default_rng(2)
FRAME = pd.DataFrame(
    {
        "age": NOISE.integers(18, 90, 60),
        "weight": NOISE.normal(70, 12, 60).round(1),
        "smokes": NOISE.random(60) < 0.4,
        "city": pd.Categorical(NOISE.choice(["Bern", "Zürich"], 60), categories=["Basel", "Bern", "Zürich"]),
    }
)


class Net(nn.Module):
    """Two dense layers, the first with a function for a nonlinearity; its class notes the passes."""

    passes: ClassVar[list[int]] = []

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(7, 9), nn.Linear(9, 3)

    def forward(self, rows: Tensor) -> Tensor:
        self.passes.append(len(rows))
        return self.second(torch.relu(self.first(rows)))


MEANS, DEVIATIONS = {"age": 50.0, "weight": 70.0}, {"age": 20.0, "weight": 12.0}
LIVE = nw.attach(Net(), inputs=nw.TableInputs(FRAME, classes=["a", "b", "c"], standardise=(MEANS, DEVIATIONS)))
ROW = {"age": 40, "weight": 82.0, "smokes": True, "city": "Bern"}
EATEN = torch.tensor([[-0.5, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]])


def test_columns_are_taken_from_a_frame() -> None:
    age, weight, smokes, city = LIVE.inputs.columns
    assert isinstance(age, Number)
    assert (age.low, age.high, age.step) == (FRAME["age"].min(), FRAME["age"].max(), 1.0)
    assert sum(age.histogram) == 60
    assert weight.step is None
    assert smokes == Category("smokes", ("False", "True"))
    assert city.values == ("Basel", "Bern", "Zürich"), "a category that does not occur is one too"
    assert len(LIVE.inputs.rows) == 50
    assert LIVE.inputs.rows[0] == {**FRAME.iloc[0].to_dict(), "smokes": str(FRAME["smokes"][0])}


def test_numbers_are_standardised_and_words_become_one_of_many() -> None:
    torch.testing.assert_close(LIVE.inputs.prepare(ROW), EATEN)
    for same in (pd.Series(ROW), pd.DataFrame([ROW]), list(ROW.values()), {**ROW, "smokes": "True"}):
        torch.testing.assert_close(LIVE.inputs.prepare(same), EATEN)


def test_units_are_those_of_hooks_placed_by_hand() -> None:
    recording = LIVE.record(ROW)
    with torch.no_grad():
        first = torch.relu(LIVE.module.first(EATEN))
        second = LIVE.module.second(first)
    assert [site.name for site in LIVE.sites.defaults] == ["dense.0", "dense.1"]
    torch.testing.assert_close(recording["dense.0"], first)
    torch.testing.assert_close(recording["dense.1"], second)
    assert recording.grid("dense.0") is None
    assert recording.table("dense.0", units=[2])["dense.0:2"].item() == pytest.approx(float(first[0, 2]))
    said = LIVE.predict(ROW).set_index("class")["probability"]
    assert [said[name] for name in "abc"] == pytest.approx(second.softmax(1)[0].tolist(), abs=1e-6)


def test_a_layer_of_tokens_has_a_position_a_token() -> None:
    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Linear(1, 8)
            self.out = nn.Linear(8, 2)

        def forward(self, rows: Tensor) -> Tensor:
            return self.out(torch.relu(self.embed(rows[:, :, None])).mean(1))

    live = nw.attach(Tokens(), inputs=nw.TableInputs(dict.fromkeys("uvwxy", (0, 1))))
    assert live.record(dict.fromkeys("uvwxy", 0.5))["dense.0"].shape == (5, 8)
    assert live.sites["dense.0"].grid == (1, 5)


# ---- sweeps ----------------------------------------------------------------------------------------------------------


def ask(row: Any = ROW, **changes: Any) -> Ask:
    row = {key: str(value) if isinstance(value, bool) else value for key, value in row.items()}
    return ask_of("table", row, **{"site": "dense.0", **changes})


@pytest.mark.parametrize(("column", "points"), [("weight", 40), ("age", 7), ("city", 9), ("age", 500)])
def test_a_sweep_is_what_single_rows_give(column: str, points: int) -> None:
    frame = FrameBuilder(LIVE).build(ask(unit="dense.0:4", sweep={"column": column, "points": points}))
    xs = frame.parts["sweep"]["xs"]
    assert frame.parts["sweep"]["column"] == column
    assert len(xs) <= points
    if column == "city":
        assert xs == ["Basel", "Bern", "Zürich"]
    else:
        described = LIVE.inputs.column(column)
        assert (xs[0], xs[-1]) == (described.low, described.high)
        assert xs == sorted(set(xs))
    if column == "age":
        assert all(x == round(x) for x in xs), "a column of whole numbers is swept in whole numbers"
    for x, unit, classes in zip(xs, frame.arrays["sweep.unit"], frame.arrays["sweep.classes"], strict=True):
        recording, said = LIVE.record({**ROW, column: x}), LIVE.predict({**ROW, column: x}).set_index("class")
        assert unit == pytest.approx(float(recording["dense.0"][0, 4]), abs=1e-5)
        assert classes.tolist() == pytest.approx([said.loc[name, "probability"] for name in "abc"], abs=1e-5)


def test_pinned_units_are_swept_with_the_chosen_one() -> None:
    pins = ("dense.1:2", "dense.0:4", "dense.0:8")
    builder, want = FrameBuilder(LIVE), {"column": "weight", "points": 12}
    frame = builder.build(ask(unit="dense.0:4", pins=pins, sweep=want))
    assert frame.head["pins"] == list(pins)
    for i, x in enumerate(frame.parts["sweep"]["xs"]):
        recording = LIVE.record({**ROW, "weight": x})
        expected = [float(recording[site][0, int(unit)]) for site, unit in (pin.split(":") for pin in pins)]
        assert frame.arrays["sweep.pins"][:, i].tolist() == pytest.approx(expected, abs=1e-5)
    np.testing.assert_array_equal(frame.arrays["sweep.unit"], frame.arrays["sweep.pins"][1])
    alone = builder.build(ask(pins=pins[:1], sweep=want))
    np.testing.assert_allclose(alone.arrays["sweep.pins"], frame.arrays["sweep.pins"][:1])
    assert "sweep.unit" not in alone.arrays
    assert "sweep.pins" not in builder.build(ask(unit="dense.0:4", sweep=want)).arrays


def test_a_sweep_is_kept_while_only_its_own_column_changes() -> None:
    builder, module = FrameBuilder(LIVE), LIVE.module
    want = {"column": "age", "points": 20}
    builder.build(ask(unit="dense.0:4", sweep=want))
    module.passes.clear()
    builder.build(ask({**ROW, "age": 77}, unit="dense.0:4", sweep=want))
    assert module.passes == [1], "the row itself, and no sweep"
    builder.build(ask({**ROW, "age": 77, "weight": 60.0}, unit="dense.0:4", sweep=want))
    assert sum(module.passes) == 22
    with torch.no_grad():
        module.second.bias += 0.5
    try:
        frame = builder.build(ask({**ROW, "age": 77, "weight": 60.0}, unit="dense.0:4", sweep=want, classes={}))
        assert sum(module.passes) == 43, "other weights"
        assert frame.parts["classes"]["names"] == ["a", "b", "c"]
    finally:
        with torch.no_grad():
            module.second.bias -= 0.5


def test_a_model_that_takes_one_row_at_a_time_is_swept_too() -> None:
    class Single(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.dense, self.act, self.out = nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 2)

        def forward(self, rows: Tensor) -> Tensor:
            assert len(rows) == 1
            return self.out(self.act(self.dense(rows)))

    live = nw.attach(Single(), inputs=nw.TableInputs({"u": (0, 1), "v": (-1, 1)}))
    frame = FrameBuilder(live).build(ask({"u": 0.5, "v": 0}, unit="dense.0:1", sweep={"column": "v", "points": 11}))
    expected = [float(live.record({"u": 0.5, "v": v})["dense.0"][0, 1]) for v in np.linspace(-1, 1, 11)]
    np.testing.assert_allclose(frame.arrays["sweep.unit"], expected, atol=1e-6)
    frame = FrameBuilder(live).build(ask({"u": 0.5, "v": 0}, sweep={"column": "v", "points": 5}))
    assert "sweep.unit" not in frame.arrays, "no unit is chosen"
    assert frame.arrays["sweep.classes"].shape == (5, 2)


# ---- what a person hands over ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"age": 3, "weight": 4, "smokes": True}, "lacks 'city'"),
        ({"Age": 3, "weight": 4, "smokes": True, "city": "Bern"}, "lacks 'age'.* Is 'Age' meant"),
        ({**ROW, "city": "Genf"}, "one of Basel, Bern, Zürich; not 'Genf'"),
        ({**ROW, "age": "old"}, "number from .* not 'old'"),
        ({**ROW, "age": float("nan")}, "age is nan"),
        ([1, 2], "has 4 values, this one has 2"),
        ("row", "dict from column to value"),
        (FRAME, "one row is looked at|One row is looked at"),
        (99, "rows 0 to 49"),
    ],
)
def test_what_is_no_row_is_refused_with_a_way_out(wrong: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        LIVE.record(wrong)


@pytest.mark.parametrize(
    ("columns", "settings", "says"),
    [
        (["age", "weight"], {}, "Give its range"),
        ({"age": (5, 1)}, {}, "lower end comes first"),
        ({"city": []}, {}, "no values"),
        ({}, {}, "needs columns"),
        ([("a", 0, 1), ("a", 0, 2)], {}, "same name"),
        ({"a": (0, 1)}, {"standardise": ([0, 0], [1, 1])}, "2 numbers for 1 columns"),
        ({"a": (0, 1)}, {"standardise": ({}, {})}, "lacks 'a'"),
        (pd.DataFrame({"a": [np.nan, np.nan]}), {}, "holds no numbers"),
    ],
)
def test_columns_that_make_no_sense_are_refused(columns: Any, settings: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        TableInputs(columns, **settings)


def test_a_preprocess_of_ones_own_makes_what_the_model_eats() -> None:
    inputs = TableInputs({"a": (0, 1), "b": ["x", "y"]}, preprocess=lambda row: [row["a"] * 2, len(row["b"]), 7])
    torch.testing.assert_close(inputs.prepare({"a": 0.5, "b": "y"}).float(), torch.tensor([[1.0, 1.0, 7.0]]))
    with pytest.raises(nw.AttachError, match=r"given a tensor \[1, 3\]"):
        nw.attach(nn.Sequential(nn.Linear(5, 2)), inputs=inputs)
    with pytest.raises(InputError, match="which is no tensor"):
        TableInputs({"a": (0, 1)}, preprocess=lambda row: "cat").prepare({"a": 1})


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8), st.booleans())
def test_any_column_of_numbers_gives_a_range_that_holds_it(values: list[float], whole: bool) -> None:
    series = pd.Series(values).round().astype(int) if whole else pd.Series(values)
    (column,) = TableInputs(pd.DataFrame({"a": series})).columns
    assert isinstance(column, Number)
    assert column.low < column.high
    assert all(column.low <= value <= column.high for value in series)
    assert sum(column.histogram) == len(values)
    points = column.points(16)
    assert all(column.low - 1 <= point <= column.high + 1 for point in points)
