"""Follows all that attributes, hooks and functions lead to, as numbers that are the same as long as it is."""

from __future__ import annotations

import types
import weakref
from collections.abc import Sized
from typing import Any

import numpy as np
from torch import Tensor, nn

from neuronwidget.live.replica.references import inside, is_atom

_SMALL = 1 << 16
_MOST = 20_000  # things looked at behind attributes and hooks


class Trail:
    """All that attributes and hooks lead to, as numbers that are the same as long as it is.

    `held` must be kept so that no other thing gets its number; `weak` may go, and then things are not the same.
    """

    def __init__(self, things: list[Any], parts: set[int]) -> None:
        self.ids: list[int] = []
        self.held: list[object] = []
        self.weak: list[Any] = []
        seen: set[int] = set(parts)
        stack = things[::-1]
        while stack and len(self.ids) < _MOST:
            thing = stack.pop()
            key = id(thing)
            if is_atom(thing):
                self.ids.append(key)
                self.held.append(thing)
            elif key not in seen:
                seen.add(key)
                stack.extend(self._follow(thing))
            elif key in parts:
                self.ids.append(key)

    def _follow(self, thing: Any) -> list[Any]:
        """Note a thing; what it holds comes next."""
        if isinstance(thing, np.ndarray) and thing.nbytes <= _SMALL and not thing.dtype.hasobject:
            self.ids.append(hash(thing.tobytes()))
            return []
        if isinstance(thing, nn.Module):  # one that is no part: an autoencoder in a hook
            return [value for name, value in vars(thing).copy().items() if name != "training"]
        held = [] if isinstance(thing, Tensor) else list(inside(thing))
        size = None if isinstance(thing, Tensor) else _size(thing)
        if held or size is not None or isinstance(thing, types.FunctionType):
            self.ids += (id(type(thing)), len(held) if size is None else size)
            self.held.append(type(thing))
            code = getattr(thing, "__code__", None)
            return held if code is None else [code, *held]
        self.ids.append(id(thing))
        try:
            weakref.ref(thing)
            self.weak.append(thing)
        except TypeError:
            self.held.append(thing)
        return []


def _size(thing: object) -> int | None:
    """How many things it holds; None where it has no length, or says that it has one and then raises."""
    try:
        return len(thing) if isinstance(thing, Sized) else None
    except Exception:
        return None
