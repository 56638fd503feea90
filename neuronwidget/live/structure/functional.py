"""Recognises nonlinearities that are functions in a model's code, by what the next module takes.

`F.max_pool2d(F.relu(self.conv(x)), 2)` leaves no module to look at after the nonlinearity. What the convolution gave
and what the next module takes are both at hand, so the usual functions between them can be tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

Function = Callable[[Tensor], Tensor]

_NONLINEARITIES: dict[str, Function] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "silu": F.silu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "relu6": F.relu6,
    "hardswish": F.hardswish,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
}


@dataclass(frozen=True)
class Elementwise:
    """A nonlinearity by name, for values of any shape."""

    name: str

    def __call__(self, values: Tensor) -> Tensor:
        return _NONLINEARITIES[self.name](values)


def nonlinearity_between(before: Tensor, after: Tensor) -> Elementwise | None:
    """Which nonlinearity, followed by a usual way of pooling or flattening, makes the one tensor from the other."""
    if after.numel() > before.numel() or before.shape[0] != after.shape[0]:
        return None
    for name, function in _NONLINEARITIES.items():
        applied = function(before)
        for pooled in _pooled(applied):
            if pooled.numel() == after.numel() and torch.allclose(pooled.reshape(after.shape), after, 1e-4, 1e-6):
                return Elementwise(name)
    return None


def _pooled(values: Tensor) -> Iterator[Tensor]:
    """What usually becomes of a layer's output on its way to the next module."""
    yield values
    if values.ndim == 4:
        for size, stride, padding in ((2, 2, 0), (3, 2, 0), (3, 2, 1), (3, 3, 0), (4, 4, 0)):
            if min(values.shape[2:]) + 2 * padding >= size:
                yield F.max_pool2d(values, size, stride, padding)
                yield F.avg_pool2d(values, size, stride, padding)
    if values.ndim > 2:
        positions = tuple(range(2, values.ndim))
        yield values.mean(positions)
        yield values.amax(positions)
