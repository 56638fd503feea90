"""Runs a user's own module, where it cannot be copied, while no other thread runs it."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch
from torch import nn

from neuronwidget.live.errors import BusyError
from neuronwidget.live.hooks import Hooks

#: How long it is waited for another thread to leave the module.
SECONDS = 5.0
_POLL = 0.001


@contextmanager
def alone(module: nn.Module, why: str) -> Iterator[None]:
    """Evaluation mode inside; every other thread that would run a part waits until it is over.

    `why` it must be so, for the person. Afterwards flags, attributes, buffers and hooks are as they were. Raises
    `BusyError` where another thread stays inside: it can be stopped at the next part, but not between two.
    """
    parts = list(module.modules())
    gate = threading.Lock()

    def wait() -> None:
        with gate:
            pass

    with Hooks() as hooks, gate:
        for part in parts:
            hooks.gate(part, wait)
        _wait_for_others(parts, wait, why)
        yield from _as_it_was(parts)


def _as_it_was(parts: Sequence[nn.Module]) -> Iterator[None]:
    attributes = [part.__dict__.copy() for part in parts]
    inner = [{name: part.__dict__[name].copy() for name in ("_parameters", "_buffers", "_modules")} for part in parts]
    buffers = [(buffer, buffer.clone()) for part in parts for buffer in part._buffers.values() if buffer is not None]
    try:
        for part in parts:
            part.training = False
        yield
    finally:
        with torch.no_grad():
            for buffer, before in buffers:
                if not torch.equal(buffer, before):
                    buffer.copy_(before)
        for part, own, held in zip(parts, attributes, inner, strict=True):
            part.__dict__.update(own)
            for name in part.__dict__.keys() - own.keys():
                del part.__dict__[name]
            for name, values in held.items():
                part.__dict__[name].clear()
                part.__dict__[name].update(values)


def _wait_for_others(parts: Sequence[nn.Module], wait: Any, why: str) -> None:
    """Until every other thread is outside the module, or has been stopped at one of its parts."""
    ids, end = {id(part) for part in parts}, time.monotonic() + SECONDS
    while any(_is_inside(frame, ids, wait.__code__) for frame in _others()):
        if time.monotonic() > end:
            raise BusyError(
                f"Another thread is running the model, and it has no copy to be looked at beside it ({why}). "
                "Hold live.lock around passes of the other thread, or look at the model when it is done."
            )
        time.sleep(_POLL)


def _others() -> list[FrameType]:
    me = threading.get_ident()
    return [frame for thread, frame in sys._current_frames().items() if thread != me]


def _is_inside(frame: FrameType | None, parts: set[int], wait: Any) -> bool:
    if frame is not None and frame.f_code is wait:
        return False
    while frame is not None:
        if frame.f_code.co_name in ("_call_impl", "_wrapped_call_impl") and id(frame.f_locals.get("self")) in parts:
            return True
        frame = frame.f_back
    return False
