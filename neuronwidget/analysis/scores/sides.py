"""Two sides of inputs, and what units did on them, in the form that all scores take."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Values = NDArray[Any]

#: So many values are sorted at once: more would only take memory.
BLOCK = 1 << 21


def checked(values: Any, positive: Any) -> tuple[Values, Flags]:
    """Values as [inputs, units] and one yes or no for each input; [inputs] is one unit."""
    array, flags = np.asarray(values), np.asarray(positive, bool)
    array = array[:, None] if array.ndim == 1 else array
    if array.dtype not in (np.float32, np.float64):
        array = array.astype(np.float64)
    if array.ndim != 2 or flags.shape != (len(array),):
        raise ValueError(f"There are {flags.size:,} answers for {len(array):,} inputs: give one for each.")
    return array, flags


def blocks(values: Values) -> list[slice]:
    """Units of values [inputs, units], some at a time."""
    width = max(1, BLOCK // max(1, len(values)))
    return [slice(start, start + width) for start in range(0, values.shape[1], width)]
