"""Copies a module, but for its parameters, which are shared: for passes beside those of the original.

1. Modules, containers, functions with closures, methods, partials, weak references and plain objects are copied, so
   that nothing in the copy leads back to a part of the original. Parameters are shared. Buffers are copied.
2. The copy is in evaluation mode and not compiled.
3. Hooks of the owner act in the copy. What they hold (a coefficient in a closure, a list they append to) stays the
   owner's; only what leads to a part of the original is made anew, and leads to that part's copy.
4. What cannot be copied but is made to be shared (locks) is shared, and `shared` says so.
"""

from __future__ import annotations

import copy
import copyreg
import functools
import threading
import types
import weakref
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from neuronwidget.live.hooks import is_passing
from neuronwidget.live.replica.references import is_atom, reaches

#: The dictionaries of a module in which hooks for passes are.
HOOKS = ("_forward_pre_hooks", "_forward_hooks")
_NO_PASS = (
    "_backward_pre_hooks", "_backward_hooks", "_state_dict_hooks", "_state_dict_pre_hooks",
    "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks",
)  # fmt: skip
_SHARED = (type(threading.Lock()), type(threading.RLock()), threading.Event, threading.Condition, threading.Semaphore)


class NoCopyError(Exception):
    """A module that cannot be copied."""


class Copier:
    """Copies one module with all that it holds. `memo`: copies by the id of what they are copies of."""

    def __init__(self) -> None:
        self.memo: dict[int, Any] = {}
        self.shared = False
        self._alive: list[object] = []  # what `memo` speaks of must not make room for something else
        self._hooks: list[tuple[dict[int, Any], dict[int, Any]]] = []
        self._offloaded = False
        self._inside: set[int] = set()

    def module(self, original: nn.Module) -> nn.Module:
        """A copy in evaluation mode that shares the parameters. Raises `NoCopyError`, or what a part of it raises."""
        self._inside = {id(part) for part in original.modules()}
        whole: nn.Module = self.copied(original)
        modules = {key: value for key, value in self.memo.items() if isinstance(value, nn.Module)}
        while self._hooks:
            theirs, ours = self._hooks.pop()
            ours.update({key: self._led(hook, modules) for key, hook in theirs.items()})
        return whole

    # ---- what the parts hold ---------------------------------------------------------------------------

    def copied(self, thing: Any) -> Any:
        """A copy, or the thing itself where it holds nothing that could change."""
        if is_atom(thing) or (isinstance(thing, nn.Parameter) and not _is_lazy(thing)):
            return thing
        earlier = self.memo.get(id(thing), self)
        if earlier is not self:
            return earlier
        self._alive.append(thing)
        if isinstance(thing, nn.Module):
            return self._module(thing)
        if isinstance(thing, Tensor):
            return self._keep(thing, self._tensor(thing))
        if isinstance(thing, types.FunctionType):
            return self._function(thing)
        if isinstance(thing, types.MethodType):
            owner = self.copied(thing.__self__)
            return thing if owner is thing.__self__ else types.MethodType(thing.__func__, owner)
        if isinstance(thing, weakref.ref):
            target = thing()
            return weakref.ref(self.copied(target)) if id(target) in self._inside or id(target) in self.memo else thing
        return self._other(thing)

    def _keep(self, thing: object, mine: Any) -> Any:
        self.memo[id(thing)] = mine
        return mine

    def _module(self, part: nn.Module) -> nn.Module:
        if isinstance(part, torch.jit.ScriptModule):
            raise NoCopyError(f"{type(part).__name__} runs outside Python.")
        inner = part.__dict__.get("_modules", {}).get("_orig_mod")
        if inner is not None:  # torch.compile's wrapper
            return self._keep(part, self.copied(inner))  # type: ignore[no-any-return]
        mine = self._keep(part, object.__new__(type(part)))
        for key, value in part.__dict__.copy().items():
            if key in HOOKS:
                mine.__dict__[key] = OrderedDict()
                self._keep(value, mine.__dict__[key])
                self._alive.append(value)
                theirs = {number: hook for number, hook in value.copy().items() if not is_passing(hook)}
                self._hooks.append((theirs, mine.__dict__[key]))
            elif key in _NO_PASS:
                mine.__dict__[key] = OrderedDict()
            elif key == "_hf_hook":
                self._offloaded, before = True, self._offloaded
                mine.__dict__[key] = self.copied(value)
                self._offloaded = before
            elif key != "_compiled_call_impl":
                mine.__dict__[key] = False if key == "training" else self.copied(value)
        return mine  # type: ignore[no-any-return]

    def _tensor(self, tensor: Tensor) -> Tensor:
        if _is_lazy(tensor):
            raise NoCopyError("A part of the model has no weights yet: it gets them when it first runs.")
        if self._offloaded or tensor.is_meta:  # accelerate's store of weights is not written to
            return tensor
        return tensor.detach().clone()

    def _function(self, function: Any) -> Any:
        plain = function.__dict__.get("_torchdynamo_orig_callable")
        if plain is not None:
            return self._keep(function, self.copied(plain))
        if not function.__closure__ and not function.__defaults__ and not function.__kwdefaults__:
            return function
        return self._rebuilt(function, self.copied, lambda content: False)

    def _rebuilt(
        self, function: Any, each: Callable[[Any], Any], is_shared: Callable[[Any], bool]
    ) -> types.FunctionType:
        """The function over what `each` makes of what it closes over; a cell whose content is shared stays the same."""
        theirs = function.__closure__ or ()
        ours = tuple(cell if _is_empty(cell) or is_shared(cell.cell_contents) else types.CellType() for cell in theirs)
        rebuilt = types.FunctionType(function.__code__, function.__globals__, function.__name__, None, ours or None)
        self._keep(function, rebuilt)
        for cell, fresh in zip(theirs, ours, strict=True):
            if fresh is not cell:
                fresh.cell_contents = each(cell.cell_contents)
        rebuilt.__defaults__ = None if function.__defaults__ is None else tuple(map(each, function.__defaults__))
        words = function.__kwdefaults__
        rebuilt.__kwdefaults__ = None if words is None else {key: each(value) for key, value in words.items()}
        rebuilt.__dict__.update(function.__dict__)
        rebuilt.__qualname__ = function.__qualname__
        return rebuilt

    def _other(self, thing: Any) -> Any:
        kind = type(thing)
        if kind in (list, dict, set, OrderedDict):
            return self._container(thing)
        if kind is tuple or kind is frozenset:
            return self._keep(thing, kind(map(self.copied, thing)))
        if isinstance(thing, functools.partial):
            words = {key: self.copied(value) for key, value in thing.keywords.items()}
            bound = functools.partial(self.copied(thing.func), *map(self.copied, thing.args), **words)
            return self._keep(thing, bound)
        if isinstance(thing, _SHARED):
            self.shared = True
            return thing
        if isinstance(thing, (torch.ScriptObject, BaseException)) or _is_tokenizer(thing):
            return thing  # an error is known by its identity
        if hasattr(kind, "__deepcopy__"):
            return self._keep(thing, thing.__deepcopy__(self.memo))
        return self._reduced(thing)

    def _container(self, thing: Any) -> Any:
        container = self._keep(thing, type(thing)())
        if isinstance(thing, dict):
            container.update({self.copied(key): self.copied(value) for key, value in thing.copy().items()})
        elif isinstance(thing, list):
            container.extend(map(self.copied, thing.copy()))
        else:
            container.update(map(self.copied, thing.copy()))
        return container

    def _reduced(self, thing: Any) -> Any:
        """A copy made as pickle would make it, without the bytes."""
        reducer = copyreg.dispatch_table.get(type(thing))
        reduced = reducer(thing) if reducer is not None else thing.__reduce_ex__(4)
        if isinstance(reduced, str):
            return thing
        make, arguments, state, listed, keyed = (*reduced, None, None, None)[:5]
        rebuilt = self._keep(thing, make(*map(self.copied, arguments)))
        if state is not None:
            state = self.copied(state)
            if hasattr(rebuilt, "__setstate__"):
                rebuilt.__setstate__(state)
            else:
                whole, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
                rebuilt.__dict__.update(whole or {})
                for name, value in (slots or {}).items():
                    setattr(rebuilt, name, value)
        for value in listed or ():
            rebuilt.append(self.copied(value))
        for key, value in keyed or ():
            rebuilt[self.copied(key)] = self.copied(value)
        return rebuilt

    # ---- what hooks hold -------------------------------------------------------------------------------

    def _led(self, thing: Any, modules: dict[int, Any]) -> Any:
        """The owner's own thing, or, where it leads to a part of the original, one that leads to the part's copy."""

        def led(other: Any) -> Any:
            return self._led(other, modules)

        if not reaches(thing, modules):
            return thing
        if id(thing) in self.memo:
            return self.memo[id(thing)]
        self._alive.append(thing)
        if isinstance(thing, types.FunctionType):
            return self._named_anew(self._rebuilt(thing, led, lambda content: not reaches(content, modules)), modules)
        if isinstance(thing, types.MethodType):
            return types.MethodType(thing.__func__, led(thing.__self__))
        if isinstance(thing, functools.partial):
            words = {key: led(value) for key, value in thing.keywords.items()}
            return functools.partial(led(thing.func), *map(led, thing.args), **words)
        if isinstance(thing, weakref.ref):
            return weakref.ref(led(thing()))
        if isinstance(thing, (tuple, frozenset)):
            return type(thing)(map(led, thing))
        mine = self._keep(thing, copy.copy(thing))
        if isinstance(mine, dict):
            mine.update({key: led(value) for key, value in thing.items()})
        elif isinstance(mine, list):
            mine[:] = map(led, thing)
        else:
            mine.__dict__.update({key: led(value) for key, value in vars(thing).items()})
        return mine

    def _named_anew(self, function: Any, modules: dict[int, Any]) -> Any:
        """The function with the copies of those parts that its code names as globals."""
        named = {name: function.__globals__.get(name) for name in function.__code__.co_names}
        ours = {name: modules[id(part)] for name, part in named.items() if id(part) in modules}
        if not ours:
            return function
        names = _Names(function.__globals__, ours)
        renamed = types.FunctionType(
            function.__code__, names, function.__name__, function.__defaults__, function.__closure__
        )
        renamed.__kwdefaults__ = function.__kwdefaults__
        return renamed


class _Names(dict[str, Any]):
    """Globals of a function, some of them replaced; all others are looked up where they are."""

    def __init__(self, everything: dict[str, Any], ours: dict[str, Any]) -> None:
        super().__init__(ours, __builtins__=everything.get("__builtins__", __builtins__))
        self._everything = everything

    def __missing__(self, name: str) -> Any:
        return self._everything[name]


def _is_empty(cell: types.CellType) -> bool:
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return True
    return False


def _is_lazy(tensor: Tensor) -> bool:
    return isinstance(tensor, (nn.UninitializedParameter, nn.UninitializedBuffer))


def _is_tokenizer(thing: object) -> bool:
    return any(base.__name__ == "PreTrainedTokenizerBase" for base in type(thing).__mro__)
