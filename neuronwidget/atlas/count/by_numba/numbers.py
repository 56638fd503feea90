"""Powers of two, float16 and hashes for the compiled loops: the same bits as torch's everywhere."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from neuronwidget.atlas.count.histogram import BINS

#: No sum is reordered and nothing is fused that rounds otherwise, so every processor gives the same bits.
# numba's cache asks for the age of a loop's own file alone: after a change here, touch those that call it.
COMPILED: dict[str, Any] = {"nogil": True, "cache": True, "error_model": "numpy", "boundscheck": False}

_FINEST = 22  # see `histogram`
_LEAST, _MOST = -126, 126
_MIDDLE = 400
_POWERS = 2.0 ** np.arange(-_MIDDLE, _MIDDLE + 1)
_TOP = 15  # see `float16`
SIDE = 64
"""So many rows are made float16 side by side."""
_NORMAL = np.float32(2.0**-14)
_STEPS = np.float32(2.0**24)
_ZERO, _INFINITY = np.float32(0), np.float32(np.inf)


@numba.njit(**COMPILED)
def power_of_two(exponent):  # type: ignore[no-untyped-def]
    """2^e as float64, for e between −400 and 400."""
    return _POWERS[exponent + _MIDDLE]


@numba.njit(**COMPILED)
def exponent_of(x):  # type: ignore[no-untyped-def]
    """The e for which x = m · 2^e with m in [½, 1); 0 for 0."""
    return math.frexp(x)[1]


@numba.njit(**COMPILED)
def fine_exponent(low, high, bins):  # type: ignore[no-untyped-def]
    """`histogram.fine_exponents` of one unit; the ends are float64."""
    span = high - low
    if not span > 0.0:
        return exponent_of(max(abs(low), abs(high))) - _FINEST
    guess = exponent_of(span / bins)
    scale = power_of_two(-guess)
    return guess + 1 if math.floor(high * scale) - math.floor(low * scale) >= bins else guess


@numba.njit(**COMPILED)
def grid_exponent(low, high):  # type: ignore[no-untyped-def]
    """`histogram.exponents` of one unit; the ends are float64."""
    finest = exponent_of(max(abs(low), abs(high))) - _FINEST
    return min(max(fine_exponent(low, high, BINS), finest, _LEAST), _MOST)


@numba.njit(**COMPILED)
def _mend(row):  # type: ignore[no-untyped-def]
    """NaN becomes 0, and an infinity the largest finite magnitude, which is returned."""
    largest = _ZERO
    for i in range(len(row)):
        size = abs(row[i])
        if size > largest and size < _INFINITY:
            largest = size
    for i in range(len(row)):
        if np.isnan(row[i]):
            row[i] = _ZERO
        elif abs(row[i]) == _INFINITY:
            row[i] = largest if row[i] > _ZERO else -largest
    return largest


@numba.njit(**COMPILED)
def narrow(rows, length, count, halves, powers):  # type: ignore[no-untyped-def]
    """`float16.narrow` of `count` rows of some `length` side by side: place k of row r is at [64 · k + r].

    float32 → the bits of float16, and int8 powers [64]. `rows` is written over.
    """
    bits = rows.view(np.int32)
    largest, spoilt, scale = np.zeros(SIDE, np.float32), np.zeros(SIDE, np.float32), np.empty(SIDE, np.float32)
    for k in range(length):
        line = rows[SIDE * k : SIDE * k + count]
        for r in range(count):
            size = abs(line[r])
            largest[r] = size if size > largest[r] else largest[r]
            spoilt[r] += line[r] * _ZERO
    sizes = largest.view(np.int32)
    for r in range(count):
        if spoilt[r] != _ZERO:
            largest[r] = _mend(rows[r : SIDE * length : SIDE])
        exponent = (sizes[r] >> 23) - 126 if sizes[r] >> 23 else exponent_of(np.float64(largest[r]))
        powers[r] = max(exponent - _TOP, _LEAST)
        scale[r] = np.float32(power_of_two(-powers[r]))
    for k in range(length):
        begin, end = SIDE * k, SIDE * k + count
        line, whole, out = rows[begin:end], bits[begin:end], halves[begin:end]
        for r in range(count):
            line[r] *= scale[r]
        for r in range(count):
            out[r] = _half(line[r], whole[r])


@numba.njit(**COMPILED)
def _half(x, bits):  # type: ignore[no-untyped-def]
    """The bits of a float32 number, of at most 65,504, as float16: the nearest, of two the even one."""
    size, whole = abs(x), np.int32(bits & 0x7FFFFFFF)
    small = np.int32(np.rint((size if size < _NORMAL else _NORMAL) * _STEPS))
    odd = np.int32(np.int32(whole >> 13) & 1)
    large = np.int32(np.int32(np.int32(whole + 0xFFF) + odd) >> 13) - (112 << 10)
    return np.int16((small if size < _NORMAL else np.int32(large)) | np.int32(np.int32(bits >> 16) & 0x8000))


@numba.njit(**COMPILED)
def random_bits(document):  # type: ignore[no-untyped-def]
    """`hashes.random_bits` of one document."""
    x = np.int64(document) * -7046029254386353131 + 7046029254386353131
    x = (x ^ (x >> 30 & 0x3FFFFFFFF)) * -4658895280553007687
    x = (x ^ (x >> 27 & 0x1FFFFFFFFF)) * -7723592293110705685
    return (x ^ (x >> 31 & 0x1FFFFFFFF)) >> 37 & 0x7FFFFFF
