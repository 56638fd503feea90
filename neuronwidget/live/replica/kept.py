"""Parts of a replica that keep what their calls give, and give it back instead of running."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from neuronwidget.live.hooks import Hooks
from neuronwidget.live.replica.references import is_atom
from neuronwidget.live.tensors import copied

#: A module's path and the number of its call in a pass.
Call = tuple[str, int]
#: The same with a side, as sites have it: path, side, call.
Place = tuple[str, str, int]


class Keeper:
    """Copies what chosen calls give, until the pass has come to an edited place."""

    def __init__(self, calls: Set[Call]) -> None:
        self._calls = calls
        self.kept: dict[Call, Any] = {}
        self.passed = False

    def around(self, path: str, forward: Callable[..., Any]) -> Callable[..., Any]:
        numbers = itertools.count()

        def run(*args: Any, **kwargs: Any) -> Any:
            call = path, next(numbers)
            output = forward(*args, **kwargs)
            if call in self._calls and not self.passed and is_plain(output):
                self.kept[call] = _copied(output)
            return output

        return run


@contextmanager
def keeping(parts: Mapping[str, nn.Module], calls: Set[Call], places: Set[Place]) -> Iterator[Keeper]:
    """Inside, a pass keeps what chosen calls give before it comes to any of `places`."""
    keeper, counts = Keeper(calls), dict.fromkeys(((path, side) for path, side, _ in places), -1)

    def look(path: str, side: str) -> None:
        counts[path, side] += 1
        keeper.passed = keeper.passed or (path, side, counts[path, side]) in places

    with Hooks() as hooks, _forwards(parts, {path for path, _ in calls}, keeper.around):
        for path, side in counts:
            hooks.observe(
                parts[path],
                "in" if side == "in" else "out",
                lambda _, path=path, side=side: look(path, side),  # type: ignore[misc]
            )
        yield keeper


@contextmanager
def giving_back(parts: Mapping[str, nn.Module], kept: Mapping[Call, Any]) -> Iterator[None]:
    """Inside, a pass runs nothing of the calls that were kept. Hooks at these parts themselves act as ever."""

    def around(path: str, forward: Callable[..., Any]) -> Callable[..., Any]:
        numbers = itertools.count()

        def run(*args: Any, **kwargs: Any) -> Any:
            call = path, next(numbers)
            return _copied(kept[call]) if call in kept else forward(*args, **kwargs)

        return run

    with _forwards(parts, {path for path, _ in kept}, around):
        yield


@contextmanager
def _forwards(
    parts: Mapping[str, nn.Module],
    paths: set[str],
    around: Callable[[str, Callable[..., Any]], Callable[..., Any]],
) -> Iterator[None]:
    """Inside, parts of a replica run something else in the place of their `forward`."""
    before = {path: parts[path].__dict__.get("forward") for path in paths}
    try:
        for path in paths:
            parts[path].__dict__["forward"] = around(path, parts[path].forward)
        yield
    finally:
        for path, forward in before.items():
            if forward is None:
                parts[path].__dict__.pop("forward", None)
            else:
                parts[path].__dict__["forward"] = forward


def is_plain(value: object) -> bool:
    """Is it made of tensors, containers and plain values, so that a copy stands for it?"""
    if isinstance(value, Mapping):
        return all(map(is_plain, value.values()))
    if isinstance(value, (tuple, list)):
        return all(map(is_plain, value))
    return type(value) in (Tensor, nn.Parameter) or is_atom(value)


def _copied(value: Any) -> Any:
    """A copy whose tensors nobody else writes to."""
    if isinstance(value, Tensor):
        return copied(value)
    if isinstance(value, Mapping):
        other = copy.copy(value)
        for name, item in value.items():
            other[name] = _copied(item)  # type: ignore[index]
        return other
    if isinstance(value, (tuple, list)):
        items = [_copied(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value
