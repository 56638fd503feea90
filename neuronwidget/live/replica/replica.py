"""The replica that passes of a live model run on: a copy of the user's module that shares its parameters.

The user's own module may be trained meanwhile, in another thread. Its flags, buffers, attributes and hooks are read
here and never written; the copy is always in evaluation mode. What is put on the module later is followed: every use
begins with a look at what changed, and the copy is brought up to date, or made anew. What a pass leaves in the copy is
put back before the next, so that every pass is the one that the module would make now.

A module that cannot be copied is run itself, while no other thread runs it: see `exclusive`.
"""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from neuronwidget.live.errors import AttachError, ModelGoneError
from neuronwidget.live.replica.changes import Changes
from neuronwidget.live.replica.exclusive import alone
from neuronwidget.live.replica.random_numbers import PrivateDraws, other_draws, refuse_other_draws
from neuronwidget.live.replica.shared_copy import Copy

_TRIES = 3
#: The extent of a pass that runs the model to its end.
WHOLE = math.inf


def alive(reference: weakref.ref[nn.Module]) -> nn.Module:
    """The module behind a reference. Raises `ModelGoneError` when it has been freed."""
    module = reference()
    if module is None:
        raise ModelGoneError("The model is gone: nothing else held it, and it was attached with keep=False.")
    return module


class Replica:
    """A module's stand-in. One for each module: see `replica_of`.

    Attributes
    ----------
    lock
        Held during every pass; shared by all that look at this module.
    draws
        Does the model draw random numbers while it is evaluated?
    editing, prefix
        The edits that act on passes now, and what they were given before; see `neuronwidget.live.edits`.
    """

    def __init__(self, module: nn.Module, lock: Any, *, follows: bool = True) -> None:
        self._module = weakref.ref(module, _letting_go(weakref.ref(self)))
        self.lock = lock
        self.editing: Any = None
        self.prefix: Any = None
        self.draws = False
        self._follows = follows
        self._depth = self._count = 0
        #: Threads that look once, and whether they have.
        self._looking: dict[int, bool] = {}
        self._why = ""  # the module has no copy
        self.let_go()

    def let_go(self) -> None:
        """Keep nothing of the module."""
        self._changes: Changes | None = None
        self._copy: Copy | None = None
        self._is_made = False
        self._seen_to = -1.0

    @property
    def module(self) -> nn.Module:
        """The user's own module. Raises `ModelGoneError` when it has been freed."""
        return alive(self._module)

    @property
    def parts(self) -> dict[str, nn.Module]:
        """What runs now, by path."""
        return dict(self.module.named_modules()) if self._copy is None else self._copy.parts

    @property
    def whole(self) -> nn.Module:
        """What runs now."""
        return self.module if self._copy is None else self._copy.parts[""]

    @property
    def is_copy(self) -> bool:
        """Is what runs now a copy, which nothing else runs?"""
        return self._copy is not None

    @contextmanager
    def running(self, extent: float | None = None) -> Iterator[dict[str, nn.Module]]:
        """The parts to run, by path: up to date, in evaluation mode, without gradients, for this thread alone.

        `extent` says how far into the model the pass inside will come; None where that is not known. A pass that comes
        further than those before is watched: does the model draw random numbers there, or change itself?
        """
        with self.lock, torch.no_grad(), ExitStack() as stack:
            if not self._depth:
                self._prepare()
                if self._copy is None:
                    stack.enter_context(alone(self.module, self._why))
                if self._seen_to < (WHOLE if extent is None else extent):
                    stack.enter_context(self._watched(extent))
                elif self.draws:
                    stack.enter_context(PrivateDraws())
            self._depth += 1
            try:
                yield self.parts
            finally:
                self._depth -= 1

    @contextmanager
    def seen_once(self) -> Iterator[None]:
        """Inside, the first use by this thread looks for changes of the module, and further ones do not."""
        thread = threading.get_ident()
        if thread in self._looking:
            yield
            return
        self._looking[thread] = False
        try:
            yield
        finally:
            del self._looking[thread]

    def runs_the_module(self) -> bool:
        """Is a pass under way that runs the user's own module, since it has no copy?"""
        return self._depth > 0 and self._copy is None

    def ready(self) -> nn.Module:
        """The copy, brought up to date, for a pass that needs no lock; the module itself where it has no copy."""
        with self.lock:
            self._prepare()
            return self.whole

    def signature(self) -> int:
        """Another one as soon as a change is noticed; see `changes`."""
        with self.lock:
            self._prepare()
            return self._count

    def changed(self) -> None:
        """Make the copy anew before the next pass, whatever was noticed."""
        with self.lock:
            self._is_made = False

    def apart(self) -> Replica | None:
        """A stand-in for another thread, with a lock of its own, that stays as the module is now.

        None where passes side by side could meet: in things that cannot be copied, or on an accelerator.
        """
        with self.lock:
            self._prepare()
            module = self.module
            if self._copy is None or self._copy.is_shared or any(map(_goes_alone, module.modules())):
                return None
            if any(parameter.device.type != "cpu" for parameter in module.parameters()):
                return None
            other = Replica(module, threading.RLock(), follows=False)
            other._prepare()
            other.draws, other._seen_to = self.draws, self._seen_to
            return None if other._copy is None else other

    def __reduce__(self) -> tuple[Any, ...]:
        return replica_of, (self.module,)

    # ---- keeping up ------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Once for each use, however many are nested in it."""
        module = self.module
        if self._depth:
            return
        thread = threading.get_ident()
        if self._is_made and self._changes is not None and not self._looking.get(thread):
            change = self._changes.look()
            self._count += bool(change)
            if change and (self._copy is None or not self._copy.follow(self._changes.parts, change)):
                self._is_made = False
        if not self._is_made:
            self._make(module)
        elif self._copy is not None:
            self._copy.restore()
        if thread in self._looking:
            self._looking[thread] = True

    def _make(self, module: nn.Module) -> None:
        _refuse_lazy(module)
        self._copy = None
        for tries_left in range(_TRIES)[::-1]:
            self._changes = Changes(module) if self._follows else None
            try:
                self._copy = Copy(module)
                break
            except Exception as error:
                self._why = f"{type(error).__name__}: {error}"
                if not isinstance(error, RuntimeError) or not tries_left:
                    break  # else another thread may have put something on the module meanwhile
        self._count += 1
        self._is_made, self._seen_to = True, -1.0

    # ---- random numbers --------------------------------------------------------------------------------

    @contextmanager
    def _watched(self, extent: float | None) -> Iterator[None]:
        """Random numbers are drawn from a generator of ours inside, and what the model does is learnt."""
        mode = PrivateDraws()
        try:
            with other_draws() as others, mode:
                yield
        finally:
            self.draws = self.draws or mode.drew
            if self._copy is not None:
                self._copy.settle()
        refuse_other_draws(others)
        if extent is not None:
            self._seen_to = max(self._seen_to, extent)


_locks: dict[int, tuple[weakref.ref[nn.Module], Any]] = {}
_replicas: weakref.WeakValueDictionary[int, Replica] = weakref.WeakValueDictionary()
_table = threading.RLock()


def replica_of(module: nn.Module) -> Replica:
    """The stand-in of a module: the same for all that look at it, with a lock that lives as long as the module."""
    key = id(module)
    with _table:
        replica = _replicas.get(key)
        if replica is not None and replica._module() is module:
            return replica
        entry = _locks.get(key)
        if entry is None or entry[0]() is not module:
            entry = _locks[key] = (weakref.ref(module, _forgetting(key)), threading.RLock())
        replica = _replicas[key] = Replica(module, entry[1])
        return replica


def _forgetting(key: int) -> Callable[[object], None]:
    def forget(gone: object) -> None:
        if key in _locks and _locks[key][0] is gone:
            del _locks[key]

    return forget


def _letting_go(replica: weakref.ref[Replica]) -> Callable[[object], None]:
    def let_go(_: object) -> None:
        if (held := replica()) is not None:
            held.let_go()

    return let_go


def is_compiled(module: nn.Module) -> bool:
    """Was `torch.compile` applied to it, in either way?"""
    return getattr(module, "_compiled_call_impl", None) is not None or hasattr(module, "_orig_mod")


def _goes_alone(part: nn.Module) -> bool:
    """Is it compiled, or does accelerate move its weights about?"""
    return is_compiled(part) or hasattr(part, "_hf_hook")


def _refuse_lazy(module: nn.Module) -> None:
    """Raises `AttachError` where parameters or buffers get their shapes from the first input."""
    for path, part in module.named_modules():
        if any(map(is_lazy, (*part.parameters(recurse=False), *part.buffers(recurse=False)))):
            raise AttachError(
                f"{path or type(part).__name__} does not know its size yet: call the model once on an input of yours "
                "and attach it then."
            )
