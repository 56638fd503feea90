"""Hooks on a model's parts, put on and taken off in this one place: observers, editors, gates.

- An *observer* sees what a part takes ("in": its arguments) or gives ("out": its output).
- An *editor* returns what is to stand there instead. At one place editors come before observers, whichever came first,
  so that what is seen is what the model goes on with.

Hooks act for the thread that made them and for no other; a *gate* is the reverse: it sees the other threads alone. All
of them are on inside `with`, and gone behind it, whatever happened.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Literal

from torch import nn
from torch.utils.hooks import RemovableHandle

Side = Literal["in", "out"]
#: What a part took, as (arguments, keyword arguments), or what it gave.
Observer = Callable[[Any], None]
#: The same → what is to stand there instead.
Editor = Callable[[Any], Any]


class Hooks:
    """Hooks on parts of a model, for one run.

    >>> import torch
    >>> part, seen = nn.Linear(1, 1, bias=False), []
    >>> with Hooks() as hooks:
    ...     hooks.observe(part, "out", lambda output: seen.append(output.item()))
    ...     hooks.edit(part, "out", torch.zeros_like)
    ...     _ = part(torch.ones(1))
    >>> seen, len(part._forward_hooks)
    ([0.0], 0)
    """

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._places: dict[tuple[int, Side, bool], _Place] = {}
        self._handles: list[RemovableHandle] = []

    def __enter__(self) -> Hooks:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def observe(self, module: nn.Module, side: Side, look: Observer, *, first: bool = False) -> None:
        """See what a module takes or gives. `first`: before all other hooks, those of the model's owner too."""
        self._place(module, side, first).observers.append(look)

    def edit(self, module: nn.Module, side: Side, change: Editor) -> None:
        """Have something else stand where a module takes or gives something; several act in the order they came in."""
        self._place(module, side, first=False).editors.append(change)

    def gate(self, module: nn.Module, wait: Callable[[], None]) -> None:
        """Called where another thread comes to a module, before anything else happens there."""
        thread = self._thread

        def stop(*_: object) -> None:
            if threading.get_ident() != thread:
                wait()

        self._handles.append(module.register_forward_pre_hook(stop, prepend=True))

    def remove(self) -> None:
        """Take them off."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._places.clear()

    def _place(self, module: nn.Module, side: Side, first: bool) -> _Place:
        key = (id(module), side, first)
        if key not in self._places:
            place = self._places[key] = _Place(self._thread)
            if side == "in":
                handle = module.register_forward_pre_hook(place.taken, with_kwargs=True, prepend=first)
            else:
                handle = module.register_forward_hook(place.given, prepend=first)
            self._handles.append(handle)
        return self._places[key]


class ModuleHooks(Hooks):
    """Hooks on a user's own module, which its replica neither copies nor takes for a change: see `is_passing`."""

    count = 0
    _counting = threading.Lock()

    def __enter__(self) -> ModuleHooks:
        with self._counting:
            ModuleHooks.count += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
        with self._counting:
            ModuleHooks.count -= 1


def is_passing(hook: object) -> bool:
    """Is it a hook of ours on a user's module, that will be gone again?"""
    return isinstance(getattr(hook, "__self__", None), _Place)


class _Place:
    """The editors and observers at one side of one module."""

    def __init__(self, thread: int) -> None:
        self._thread = thread
        self.editors: list[Editor] = []
        self.observers: list[Observer] = []

    def taken(self, _: nn.Module, args: Any, kwargs: Any) -> Any:
        return self._passed((args, kwargs))

    def given(self, _: nn.Module, args: Any, output: Any) -> Any:
        return self._passed(output)

    def _passed(self, value: Any) -> Any:
        """What is to stand there; None where nothing was edited."""
        if threading.get_ident() != self._thread:
            return None
        for edit in self.editors:
            value = edit(value)
        for look in self.observers:
            look(value)
        return value if self.editors else None
