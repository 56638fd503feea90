"""Base of the kinds whose input has one size: pictures, rows of tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

Value = Any
"""What a person edits: a picture as uint8 [height, width, 3], or a row as a dict."""


class InputError(ValueError):
    """Raised for an input that does not fit the model, in a sentence that says what would."""


class TensorInputs(ABC):
    """What a person edits ↔ what the model eats, for models whose input always has one size.

    `preprocess` takes one value as a person edits it and returns the tensor of one input, with or without a leading
    dimension of 1; or a dict of such tensors, for models that are called with keyword arguments.
    """

    kind: str
    context = 1

    def __init__(self, classes: Sequence[str] | None, preprocess: Callable[..., Any] | None) -> None:
        self.classes = None if classes is None else [str(name) for name in classes]
        self.preprocess = preprocess

    @abstractmethod
    def read(self, x: Any) -> Value:
        """Anything that people hand over as what a person edits; raises `InputError` where it does not fit."""

    @abstractmethod
    def prepare(self, value: Value) -> Any:
        """What the model eats for one value: a tensor [1, …], or a dict of such."""

    @abstractmethod
    def start(self) -> Value:
        """What a view begins with."""

    @abstractmethod
    def samples(self) -> list[Value]:
        """Two values that differ, for finding out how the model is built."""

    def examples(self) -> list[Value]:
        """Values to try things on: those that somebody brought along, else samples."""
        return self.samples()

    @property
    def picture(self) -> tuple[int, int] | None:
        """Height and width of what the model sees; None for what is no picture."""
        return None

    def arguments(
        self, prepared: Sequence[Any], device: torch.device, dtype: torch.dtype
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """How to call the model on several prepared values at once."""
        if isinstance(prepared[0], Mapping):
            named = {name: torch.cat([one[name] for one in prepared]) for name in prepared[0]}
            return (), {name: _sent(tensor, device, dtype) for name, tensor in named.items()}
        return (_sent(torch.cat(list(prepared)), device, dtype),), {}

    def names(self, outputs: int) -> list[str]:
        """Names of so many classes."""
        if self.classes is not None and len(self.classes) == outputs:
            return self.classes
        return [str(i) for i in range(outputs)]


def _sent(tensor: Tensor, device: torch.device, dtype: torch.dtype) -> Tensor:
    return tensor.to(device, dtype if tensor.is_floating_point() else tensor.dtype)


def main_tensor(prepared: Any) -> Tensor:
    """The tensor that holds the input itself, among what the model is given."""
    if isinstance(prepared, Tensor):
        return prepared
    floats = [t for t in prepared.values() if isinstance(t, Tensor) and t.is_floating_point()]
    largest: Tensor = max(floats, key=lambda tensor: tensor.numel())
    return largest


def noise_like(prepared: Any, count: int) -> list[Any]:
    """Inputs of noise with the shapes of one that is prepared, the same each time."""
    if count < 1:
        return []
    source, main = torch.Generator().manual_seed(0), main_tensor(prepared)
    noise = [(2 * torch.randn(main.shape, generator=source)).to(main) for _ in range(count)]
    if isinstance(prepared, Tensor):
        return noise
    return [{name: one if value is main else value for name, value in prepared.items()} for one in noise]


def with_batch(preprocessed: Any, dimensions: int, what: str) -> Any:
    """What a `preprocess` returned as tensors with a leading dimension of 1; refused where that cannot be."""
    if isinstance(preprocessed, Mapping):
        return {name: _one(torch.as_tensor(tensor), None, what) for name, tensor in preprocessed.items()}
    try:
        tensor = torch.as_tensor(preprocessed)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"preprocess returned {type(preprocessed).__name__}, which is no tensor.") from error
    return _one(tensor, dimensions, what)


def _one(tensor: Tensor, dimensions: int | None, what: str) -> Tensor:
    if dimensions is not None and tensor.ndim == dimensions:
        return tensor[None]
    if (dimensions is None or tensor.ndim == dimensions + 1) and tensor.ndim and len(tensor) == 1:
        return tensor
    raise InputError(f"preprocess should return {what}, with or without a leading 1; it returned {list(tensor.shape)}.")
