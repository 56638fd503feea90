"""Runs a model once with an eye on every module."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from neuronwidget.live.hooks import Hooks
from neuronwidget.live.tensors import copied, describe_output, first_tensor, same_bits

Place = tuple[str, int, str]
"""Path of a module, the number of its call in a pass, side."""


@dataclass
class Event:
    """One call of one module: what went in before it ran and what came out, as they were then.

    A tensor is the same object in several events as long as nothing writes to it in between.
    """

    path: str
    call: int
    inside: Tensor | None
    outside: Tensor | None


@dataclass
class Trace:
    """All calls of a pass, in the order in which they ended, and the tensor that the model returned."""

    events: list[Event] = field(default_factory=list)
    output: Tensor | None = None


def trace_modules(modules: dict[str, nn.Module], run: Callable[[], object]) -> Trace:
    """Run the model with an eye on every module."""
    trace, copies = Trace(), Copies()
    calls: dict[str, int] = {}
    entered: dict[str, list[Tensor | None]] = {}

    def enter(path: str, given: object) -> None:
        entered.setdefault(path, []).append(copies.of(first_tensor(given)))

    def leave(path: str, output: object) -> None:
        call = calls[path] = calls.get(path, -1) + 1
        trace.events.append(Event(path, call, entered[path].pop(), copies.of(first_tensor(output))))

    with Hooks() as hooks:
        for path, module in modules.items():
            if path:
                hooks.observe(module, "in", partial(enter, path))
                hooks.observe(module, "out", partial(leave, path))
        trace.output = copies.of(describe_output(run()))
    return trace


class Copies:
    """Copies of tensors as they are: one of each, and another once it was written to."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[weakref.ref[Tensor], Tensor]] = {}

    def of(self, tensor: Tensor | None) -> Tensor | None:
        if tensor is None or torch._C._functorch.is_functorch_wrapped_tensor(tensor):
            return None  # what `torch.func` maps over holds only inside the function that it maps
        known = self._last.get(id(tensor))
        if known is not None and known[0]() is tensor and same_bits(known[1], tensor):
            return known[1]
        copy = copied(tensor)
        self._last[id(tensor)] = weakref.ref(tensor), copy
        return copy
