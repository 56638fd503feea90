"""Turns values into the bytes that are painted.

A byte is 0 for NaN, 1 for −∞, 2 for +∞, and 3 … 255 from the low end of the scale to the high end, with 129 in the
middle. A map larger than its pixels is pooled first: each bin holds the signed value of largest magnitude.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuronwidget.stream.protocol.frames import ScaleHeader

Floats = NDArray[np.float32]
NAN, MINUS_INF, PLUS_INF, FIRST, LAST = 0, 1, 2, 3, 255
_STEPS = LAST - FIRST
_KNEE = 1e-3
_SMALL_BIN = 6


@dataclass(frozen=True, slots=True)
class Scale:
    """The ends of a colour scale. Logarithmic: position = sign(a) · ln(1 + |a| / knee)."""

    lo: float
    hi: float
    mode: str = "linear"
    pinned: bool = False

    @property
    def signed(self) -> bool:
        return self.lo < 0

    @property
    def knee(self) -> float:
        return max(abs(self.lo), abs(self.hi)) * _KNEE

    def header(self) -> ScaleHeader:
        return {
            "lo": self.lo,
            "hi": self.hi,
            "mode": self.mode,
            "knee": self.knee,
            "signed": self.signed,
            "pinned": self.pinned,
        }


def round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7.5 × a power of ten: ends that seldom move while one types.

    >>> round_up(3.2), round_up(0.0), round_up(0.051)
    (5.0, 1.0, 0.075)
    """
    if not 1e-37 < value < math.inf:  # below, steps of a power of ten are no longer numbers of their own
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    for step in (1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0):
        if value <= step * power * (1 + 1e-6):
            return float(f"{step * power:.6g}")
    return 10.0 * power


def fit_scale(lowest: float, highest: float, mode: str, pinned: tuple[float, float] | None) -> Scale:
    """A scale for values between `lowest` and `highest` (finite): from zero when none is clearly negative."""
    if pinned is not None:
        return Scale(*pinned, mode, True)
    high = round_up(max(abs(lowest), abs(highest)))
    return Scale(-high if lowest < 0 else 0.0, high, mode)


def fit_peaks(lowest: float, highest: float, mode: str) -> Scale:
    """A scale for largest magnitudes: from zero, or from a round value below the lowest where all are far above zero.

    The strongest of many units that end at 1 is always near 1; from zero, every token would look alike.
    """
    high = round_up(highest)
    if lowest < 0.5 * high:
        return Scale(0.0, high, mode)
    step = 10.0 ** math.floor(math.log10(high)) / 20
    return Scale(float(f"{math.floor((lowest - step) / step) * step:.6g}"), high, mode)


def quantise(values: Floats, scale: Scale) -> NDArray[np.uint8]:
    """Bytes for values of any shape."""
    low, high = np.float32(scale.lo), np.float32(scale.hi)
    with np.errstate(over="ignore", invalid="ignore"):
        # One pass that tells nearly always; a sum of finite values may still overflow.
        odd = not math.isfinite(values.sum()) and not np.isfinite(values).all()
    finite = values
    if scale.mode == "log":
        knee = np.float32(scale.knee)
        finite = np.sign(values) * np.log1p(np.abs(values) / knee)
        low, high = (np.float32(math.copysign(math.log1p(abs(end) / knee), end)) for end in (low, high))
    with np.errstate(invalid="ignore", over="ignore"):
        steps = np.subtract(finite, low)
        steps *= np.float32(_STEPS / (high - low))
        if odd or not np.isfinite(high - low):
            np.nan_to_num(steps, copy=False, nan=0.0)
        np.clip(steps, 0, _STEPS, out=steps)
        steps += np.float32(FIRST + 0.5)
    out: NDArray[np.uint8] = steps.astype(np.uint8)
    if odd:
        out[np.isnan(values)] = NAN
        out[values == -np.inf] = MINUS_INF
        out[values == np.inf] = PLUS_INF
    return out


def bin_starts(length: int, bins: int) -> NDArray[np.intp]:
    """Where each of at most `bins` bins of nearly equal size begins."""
    bins = max(1, min(bins, length))
    return (np.arange(bins) * length) // bins


def pools_alike(values: Floats, starts: NDArray[np.intp], length: int) -> bool:
    """Does `strongest` choose alike, of equal magnitudes too, among some columns of values alone and among all?"""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.diff(starts, append=length).max() <= _SMALL_BIN and np.isfinite(values.sum()))


def strongest(values: Floats, starts: NDArray[np.intp], axis: int) -> Floats:
    """The signed value of largest magnitude in each bin along `axis`; NaN where the bin holds one."""
    if len(starts) == values.shape[axis]:
        return values
    sizes = np.diff(starts, append=values.shape[axis])
    with np.errstate(over="ignore", invalid="ignore"):
        finite = bool(np.isfinite(values.sum()))
    if axis == 1 and finite and sizes.max() <= _SMALL_BIN:
        # Bins of a few columns: one pass a column is several times faster than reduceat along rows.
        best = values[:, starts]
        for step in range(1, int(sizes.max())):
            other = values[:, starts + np.minimum(step, sizes - 1)]
            best = np.where(np.abs(other) > np.abs(best), other, best)
        return best
    with np.errstate(invalid="ignore"):
        top = np.maximum.reduceat(values, starts, axis=axis)
        bottom = np.minimum.reduceat(values, starts, axis=axis)
        return np.where(-bottom > top, bottom, top)


def first_largest(values: Floats, starts: NDArray[np.intp]) -> NDArray[np.intp]:
    """Place of the largest in each bin of a row of values (no NaN); of equals the first.

    >>> first_largest(np.array([1, 5, 5, 2, 0], np.float32), np.array([0, 3]))
    array([1, 3])
    """
    sizes = np.diff(starts, append=len(values))
    largest = np.repeat(np.maximum.reduceat(values, starts), sizes)
    places = np.where(values == largest, np.arange(len(values)), len(values))
    first: NDArray[np.intp] = np.minimum.reduceat(places, starts)
    return first


def extremes(values: Floats) -> tuple[float, float, int, int]:
    """Lowest and highest finite value, and how many are NaN and infinite.

    >>> extremes(np.array([1, np.nan, -np.inf, 3], np.float32))
    (1.0, 3.0, 1, 1)
    """
    if not values.size:
        return 0.0, 0.0, 0, 0
    low, high = float(values.min()), float(values.max())
    if math.isfinite(low) and math.isfinite(high):
        return low, high, 0, 0
    finite = np.isfinite(values)
    nans = int(np.isnan(values).sum())
    numbers = values[finite]
    odd = values.size - int(finite.sum()) - nans
    return (float(numbers.min()), float(numbers.max()), nans, odd) if numbers.size else (0.0, 0.0, nans, odd)
