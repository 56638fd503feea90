"""Directions to steer along, by name: a dict that says when it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any


class Directions(MutableMapping[str, Any]):
    """Directions to steer along, by name: a dict that says when it changes.

    >>> named = Directions({"comments": 1}, lambda: print("changed"))
    >>> named["strings"] = 2
    changed
    >>> named
    {'comments': 1, 'strings': 2}
    """

    def __init__(self, named: Mapping[str, Any], changed: Callable[[], None]) -> None:
        """`changed`: is called after each change."""
        self._named, self._changed = dict(named), changed

    def __getitem__(self, name: str) -> Any:
        return self._named[name]

    def __setitem__(self, name: str, direction: Any) -> None:
        self._named[name] = direction
        self._changed()

    def __delitem__(self, name: str) -> None:
        del self._named[name]
        self._changed()

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def __repr__(self) -> str:
        return repr(self._named)
