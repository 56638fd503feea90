"""Numbers of prepared inputs that tell one preparation of a data set from another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

#: Of a large tensor of a prepared sample so many values are kept, of a small one all.
_POINTS, _SMALL = 16, 64


def numbers_of(prepared: Any) -> dict[str, list[float]]:
    """Mean, deviation and some values of each tensor that a model is given for an input."""
    named = prepared if isinstance(prepared, Mapping) else {"": prepared}
    numbers = {}
    for name, tensor in named.items():
        values = tensor.detach().cpu().double().flatten().nan_to_num()
        places = np.arange(len(values))
        if len(values) > _SMALL:
            places = np.random.default_rng(0).integers(0, len(values), _POINTS)
        whole = [float(values.mean()), float(values.std(correction=0))]
        numbers[str(name)] = [*whole, *values[torch.from_numpy(places)].tolist()]
    return numbers


def alike(one: Any, other: Any) -> bool:
    """Do two samples tell of the same preparation, or nothing at all? Other processors have other last bits."""
    if one is None or other is None:
        return True
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return len(one) == len(other) and all(
        a.keys() == b.keys() and all(_close(a[name], b[name]) for name in a) for a, b in zip(one, other, strict=True)
    )


def _close(one: list[float], other: list[float]) -> bool:
    typical = float(np.median(np.abs(one[2:] or [0.0])))
    return len(one) == len(other) and bool(np.allclose(one, other, rtol=1e-5, atol=1e-6 * typical))
