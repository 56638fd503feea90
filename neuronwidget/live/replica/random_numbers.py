"""Gives passes random numbers of their own, never from the generators that the owner's program draws from.

A model that draws while it is evaluated gets its numbers from a generator of ours, with the same seed in every pass, so
that two recordings of one input agree; where the model itself sets a seed, it is that one. `PrivateDraws` sees every
operation of this thread and of no other.
"""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from neuronwidget.live.errors import AttachError

_SEED = 0
_PYTHONS = random.random.__self__  # type: ignore[attr-defined]


class DrawsError(AttachError):
    """The model draws random numbers from where they cannot be given to it."""


class PrivateDraws(TorchDispatchMode):
    """Operations inside that draw use a generator of their own. `drew`: has any of them?"""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.drew = False
        self._seed = _SEED
        self._generators: dict[torch.device, torch.Generator] = {}

    def __enter__(self) -> PrivateDraws:
        _seeding.begin(self)
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)  # type: ignore[no-untyped-call]
        _seeding.end()

    def seed(self, seed: int) -> torch.Generator:
        """What `torch.manual_seed` does inside: Reformer sets the seed of its hashes at every pass."""
        self.drew, self._seed = True, int(seed)
        self._generators.clear()
        return self._generator((), {})

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Torch asks; yes would import its compiler, which takes seconds."""
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if torch.Tag.nondeterministic_seeded not in func.tags or _is_idle(func, args, kwargs):
            return func(*args, **kwargs)
        if _has_own_generator((*args, *kwargs.values())):
            return func(*args, **kwargs)
        self.drew = True
        generator = self._generator(args, kwargs)
        if func is torch.ops.aten.native_dropout.default:
            return _dropout(*args, generator=generator)
        seeded = _with_generator(func)
        if seeded is None:
            raise DrawsError(
                f"The model draws random numbers while it is evaluated, by an operation ({func}) that takes no "
                "generator, so recording it would change what your program draws. Switch that off in evaluation."
            )
        return seeded(*args, **{**kwargs, "generator": generator})

    def _generator(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> torch.Generator:
        tensors = (arg.device for arg in args if isinstance(arg, Tensor))
        device = torch.device(kwargs.get("device") or next(tensors, "cpu"))
        if device not in self._generators:
            self._generators[device] = torch.Generator(device).manual_seed(self._seed)
        return self._generators[device]


def _has_own_generator(given: Iterable[object]) -> bool:
    """Is it told to draw from a generator that is not one of torch's own?"""
    generators = [thing for thing in given if isinstance(thing, torch.Generator)]
    owned = (torch.default_generator, *torch.cuda.default_generators)
    return bool(generators) and not any(generator is own for generator in generators for own in owned)


class _Seeding:
    """Leads `torch.manual_seed` to the private draws of the thread that calls it, while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own = threading.local()
        self._count = 0
        self._torchs: Any = None

    def begin(self, draws: PrivateDraws) -> None:
        self._own.stack = [*getattr(self._own, "stack", ()), draws]
        with self._lock:
            self._count += 1
            if self._count == 1:
                self._torchs = torch.manual_seed
                self._put(self._seed)

    def end(self) -> None:
        self._own.stack = self._own.stack[:-1]
        with self._lock:
            self._count -= 1
            if not self._count:
                self._put(self._torchs)

    def _seed(self, seed: int) -> torch.Generator:
        stack = getattr(self._own, "stack", ())
        generator: torch.Generator = stack[-1].seed(seed) if stack else self._torchs(seed)
        return generator

    @staticmethod
    def _put(function: Any) -> None:
        torch.manual_seed = torch.random.manual_seed = function


_seeding = _Seeding()


def _is_idle(func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Is this an operation that would draw for dropout, called without any?"""
    given = {**dict(zip((a.name for a in func._schema.arguments), args, strict=False)), **kwargs}
    defaults = {a.name: a.default_value for a in func._schema.arguments if a.has_default_value()}
    given = {**defaults, **given}
    trains = [bool(given[name]) for name in ("train", "training", "is_training") if name in given]
    shares = [given[name] for name in ("dropout_p", "dropout") if name in given]
    return (bool(trains) and not any(trains)) or (bool(shares) and not any(shares))


def _with_generator(func: Any) -> Any:
    """The same operation with a generator as an argument, if there is one."""
    names = [argument.name for argument in func._schema.arguments]
    if "generator" in names:
        return func
    packet = func.overloadpacket
    others = (getattr(packet, overload) for overload in packet.overloads())
    for other in others:
        theirs = [argument.name for argument in other._schema.arguments]
        if "generator" in theirs and [name for name in theirs if name != "generator"] == names:
            return other
    return None


def _dropout(tensor: Tensor, p: float, train: bool | None, *, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """What `native_dropout` gives."""
    mask = torch.empty_like(tensor, dtype=torch.bool).bernoulli_(1 - p, generator=generator)
    return tensor * mask / max(1 - p, 1e-30), mask


@contextmanager
def other_draws() -> Iterator[list[str]]:
    """Which generators beside torch's the code inside draws from: filled as it ends. For this thread alone."""
    draws: list[str] = []
    before = {name: state() for name, state in _STATES.items()}
    named: set[str] = set()

    def look(frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call" and getattr(arg, "__self__", None) is _PYTHONS:
            named.add("Python's")
        elif event == "call" and "numpy's" not in named and _names_numpy(frame):
            named.add("numpy's")

    previous = sys.getprofile()
    sys.setprofile(look)
    try:
        yield draws
    finally:
        sys.setprofile(previous)
        # Another thread may draw meanwhile: what counts must be named in the code that ran, and have gone on.
        draws += [name for name in sorted(named) if _STATES[name]() != before[name]]


def _names_numpy(frame: FrameType) -> bool:
    if frame.f_code.co_filename.startswith("<frozen"):
        return False
    names, variables = frame.f_code.co_names, frame.f_globals
    if "random" in names and any(variables.get(name) is np for name in names):
        return True
    return any(getattr(variables.get(name), "__self__", None) is np.random.mtrand._rand for name in names)


def _numpy_state() -> object:
    state: Any = np.random.get_state(legacy=False)  # noqa: NPY002  # it is the legacy one that is shared
    return state["state"]["key"].tobytes(), state["state"]["pos"], state["has_gauss"]


_STATES: dict[str, Any] = {"Python's": random.getstate, "numpy's": _numpy_state}


def refuse_other_draws(draws: list[str]) -> None:
    """Raises `DrawsError` where the model draws from a generator that it shares with the whole program."""
    if draws:
        raise DrawsError(
            f"The model draws random numbers from {' and '.join(draws)} global generator while it is evaluated, so "
            "looking at it would change what your program draws. Let it draw in training only, or from torch."
        )
