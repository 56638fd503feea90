"""Tells what a thing refers to: for finding a model's parts, and changes, behind hooks, closures and settings."""

from __future__ import annotations

import enum
import functools
import types
import weakref
from collections import deque
from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

#: Things of these types hold nothing else and never change.
ATOMS: frozenset[type] = frozenset(
    {
        type(None), bool, int, float, complex, str, bytes, range, slice, type, type(...), type(NotImplemented),
        types.BuiltinFunctionType, types.MethodWrapperType, types.MethodDescriptorType, types.WrapperDescriptorType,
        types.CodeType, types.ModuleType, types.GenericAlias, types.UnionType, property,
        torch.dtype, torch.device, torch.Size, torch.layout, torch.memory_format,
    }
)  # fmt: skip
_ROWS = (list, tuple, set, frozenset, deque)
#: Of what holds more than this, nothing but the number is looked at.
MANY = 1000


def is_atom(thing: object) -> bool:
    """Does it hold nothing else, and never change?"""
    return type(thing) in ATOMS or isinstance(thing, (type, enum.Enum))


def inside(thing: object) -> Iterable[object]:
    """What a container, function, method, partial, weak reference or plain object holds; empty for anything else.

    Of a function: its closure, defaults and attributes, and the numbers, tensors and modules among the globals that it
    names, which is where a notebook keeps them.
    """
    if is_atom(thing) or isinstance(thing, Tensor):
        return ()
    if isinstance(thing, (dict, *_ROWS)):
        if len(thing) > MANY:
            return ()
        return [*thing.keys(), *thing.values()] if isinstance(thing, dict) else list(thing)
    if isinstance(thing, types.FunctionType):
        return _of_function(thing)
    if isinstance(thing, types.MethodType):
        return (thing.__self__, thing.__func__)
    if isinstance(thing, functools.partial):
        return (thing.func, *thing.args, *thing.keywords.values())
    if isinstance(thing, weakref.ref):
        return (thing(),)
    kind: Any = type(thing)
    own = getattr(thing, "__dict__", None)
    slots = [getattr(thing, name) for name in _slots(kind) if hasattr(thing, name)]
    return [*own.copy().values(), *slots] if isinstance(own, dict) else slots


def _of_function(function: types.FunctionType) -> list[object]:
    named = map(function.__globals__.get, function.__code__.co_names)
    return [
        *cells(function),
        *(function.__defaults__ or ()),
        *(function.__kwdefaults__ or {}).values(),
        *function.__dict__.values(),
        *(thing for thing in named if isinstance(thing, (int, float, str, Tensor, nn.Module))),
    ]


def cells(function: types.FunctionType) -> list[object]:
    """What is in the cells of a closure; cells that are still empty are left out."""
    contents = []
    for cell in function.__closure__ or ():
        try:
            contents.append(cell.cell_contents)
        except ValueError:
            continue
    return contents


@functools.cache
def _slots(kind: Hashable) -> tuple[str, ...]:
    named = (base.__dict__.get("__slots__", ()) for base in getattr(kind, "__mro__", ()))
    every = (name for names in named for name in ((names,) if isinstance(names, str) else names))
    return tuple(name for name in every if not name.startswith("__"))


def reaches(thing: object, targets: Mapping[int, object]) -> bool:
    """Does it lead to one of `targets`, by id? What other modules hold is not searched."""
    seen: dict[int, object] = {}
    stack = [thing]
    while stack:
        each = stack.pop()
        if id(each) in targets:
            return True
        if id(each) not in seen and not isinstance(each, nn.Module):
            seen[id(each)] = each  # held, so that nothing else gets its id meanwhile
            stack.extend(inside(each))
    return False
