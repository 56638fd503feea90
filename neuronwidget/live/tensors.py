"""Tensors in what modules take, give and return: finding one, copying it, comparing bits."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

#: Whole numbers of the same size, by bytes an element: for comparing floating-point values bit by bit.
BITS = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def first_tensor(value: object) -> Tensor | None:
    """The first floating-point tensor in what a module took or gave: a tensor, tuple, dict, dataclass, or nested."""
    if isinstance(value, Tensor):
        return value if value.is_floating_point() else None
    inner: Iterable[object]
    if isinstance(value, Mapping):
        inner = value.values()
    elif isinstance(value, (tuple, list)):
        inner = value
    elif hasattr(value, "__dataclass_fields__"):
        inner = (getattr(value, name) for name in value.__dataclass_fields__)
    else:
        return None
    return next((tensor for item in inner if (tensor := first_tensor(item)) is not None), None)


def describe_output(output: Any) -> Tensor | None:
    """The logits in what a model returned: `.logits` or `["logits"]` where there are any, else its first tensor."""
    for logits in (getattr(output, "logits", None), output.get("logits") if isinstance(output, Mapping) else None):
        if isinstance(logits, Tensor):
            return logits
    return first_tensor(output)


def copied(tensor: Tensor) -> Tensor:
    """The tensor as it is now, in memory that nobody else writes to.

    Nothing cheaper is right: not every later write can be seen (`.data`, tensors of inference mode, buffers that the
    model fills again in its next pass). A copy costs about a hundredth of the layer that made the tensor.
    """
    if not torch.is_inference_mode_enabled():
        return tensor.detach().clone()
    with torch.inference_mode(False):
        return tensor.detach().clone()


def same_bits(a: Tensor, b: Tensor) -> bool:
    """Are these floating-point tensors the same to the last bit, NaN included?"""
    if a.dtype != b.dtype or a.is_nested or b.is_nested or {a.layout, b.layout} != {torch.strided}:
        return False
    bits = BITS[a.element_size()]
    return torch.equal(a.detach().view(bits), b.detach().view(bits))


def strongest_step(steps: Tensor) -> Tensor:
    """The value of largest magnitude over the steps of values [steps, …], with its sign."""
    where = torch.nan_to_num(steps, nan=torch.inf).abs().argmax(0, keepdim=True)
    return steps.gather(0, where)[0]


def with_first_tensor(value: Any, tensor: Tensor) -> Any:
    """The same value with another tensor in the place of its `first_tensor`; the value itself stays as it is.

    >>> with_first_tensor((1, {"a": torch.zeros(1)}), torch.ones(2))
    (1, {'a': tensor([1., 1.])})
    """
    if isinstance(value, Tensor):
        return tensor
    if isinstance(value, (tuple, list)):
        number = next(i for i, item in enumerate(value) if first_tensor(item) is not None)
        items = [*value[:number], with_first_tensor(value[number], tensor), *value[number + 1 :]]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    changed = copy.copy(value)
    if isinstance(value, Mapping):
        name = next(name for name, item in value.items() if first_tensor(item) is not None)
        changed[name] = with_first_tensor(value[name], tensor)
    else:
        name = next(name for name in value.__dataclass_fields__ if first_tensor(getattr(value, name)) is not None)
        object.__setattr__(changed, name, with_first_tensor(getattr(value, name), tensor))
    return changed
