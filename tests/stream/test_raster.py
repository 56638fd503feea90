"""Values become bytes, and readings stay exact."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from neuronwidget.stream.frame import Frame, decode
from neuronwidget.stream.raster import Scale, bin_starts, extremes, fit_peaks, fit_scale, quantise, round_up, strongest

values = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 30), st.integers(1, 30)), elements=st.floats(-1e6, 1e6, width=32)
)


@given(values, st.integers(1, 40))
def test_a_bin_holds_the_signed_value_of_largest_magnitude(matrix: np.ndarray, bins: int) -> None:
    starts = bin_starts(matrix.shape[1], bins)
    pooled = strongest(matrix, starts, axis=1)
    ends = [*starts[1:], matrix.shape[1]]
    for row in range(len(matrix)):
        for column, (a, b) in enumerate(zip(starts, ends, strict=True)):
            part = matrix[row, a:b]
            assert abs(pooled[row, column]) == abs(part).max()
            assert pooled[row, column] in part


def test_nan_is_not_lost_in_a_bin() -> None:
    row = np.array([[1, np.nan, 2, 3]], np.float32)
    pooled = strongest(row, bin_starts(4, 2), axis=1)
    assert np.isnan(pooled[0, 0])
    assert pooled[0, 1] == 3


@pytest.mark.parametrize("mode", ["linear", "log"])
@pytest.mark.parametrize("signed", [False, True])
def test_bytes_read_back_as_the_value(mode: str, signed: bool) -> None:
    scale = fit_scale(-4.0 if signed else 0.0, 4.0, mode, None)
    original = np.linspace(scale.lo, scale.hi, 997, dtype=np.float32)
    codes = quantise(original, scale).astype(np.float64)
    low, high = scale.lo, scale.hi
    if mode == "log":
        place = np.sign(original) * np.log1p(np.abs(original) / scale.knee)
        low, high = (np.sign(end) * np.log1p(abs(end) / scale.knee) for end in (low, high))
    else:
        place = original
    expected = 3 + 252 * (place - low) / (high - low)
    assert np.abs(codes - expected).max() <= 0.501
    assert codes[0] == 3
    assert codes[-1] == 255


def test_zero_of_a_signed_scale_is_the_middle() -> None:
    scale = fit_scale(-0.17, 5.0, "linear", None)
    assert scale.signed
    assert quantise(np.zeros(1, np.float32), scale)[0] == 129


def test_what_is_not_finite_has_its_own_codes() -> None:
    odd = np.array([np.nan, -np.inf, np.inf, 0, 2.0**33, -(2.0**33)], np.float32)
    assert quantise(odd, Scale(-1, 1)).tolist() == [0, 1, 2, 129, 255, 3]
    assert quantise(odd, Scale(-1, 1, "log")).tolist() == [0, 1, 2, 129, 255, 3]
    assert extremes(odd) == (-(2.0**33), 2.0**33, 1, 2)
    assert extremes(np.full(3, np.nan, np.float32)) == (0.0, 0.0, 3, 0)


@example(0.0, 5e-324)
@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_scale_of_peaks_holds_them_all(one: float, other: float) -> None:
    scale = fit_peaks(min(one, other), max(one, other), "linear")
    assert 0 <= scale.lo <= min(one, other)
    assert scale.lo < scale.hi
    assert max(one, other) <= scale.hi * (1 + 1e-5)


def test_peaks_that_are_all_high_are_told_apart() -> None:
    scale = fit_peaks(0.93, 0.999, "linear")
    codes = quantise(np.array([0.93, 0.999], np.float32), scale)
    assert codes[1] - codes[0] > 100


@given(st.floats(1e-6, 1e6))
def test_round_ends_are_above_and_near(value: float) -> None:
    assert value * (1 - 1e-6) <= round_up(value) <= value * 1.7


def test_a_frame_owns_its_bytes() -> None:
    array = np.arange(6, dtype=np.float32)
    content, buffers = Frame(3, {"site": "mlp.0"}, {}, {"unit": array}).encode()
    array[:] = -1
    assert decode(content, buffers)["unit"].tolist() == [0, 1, 2, 3, 4, 5]


def test_a_frame_can_be_padded_and_refuses_other_number_types() -> None:
    content, buffers = Frame(3, {}, {}, {"unit": np.zeros(2, np.float32)}).encode(at_least=1000)
    assert sum(map(len, buffers)) == 1000
    assert [spec["name"] for spec in content["arrays"]] == ["unit", "pad"]
    with pytest.raises(TypeError, match="float64"):
        Frame(3, {}, {}, {"unit": np.zeros(2)}).encode()
