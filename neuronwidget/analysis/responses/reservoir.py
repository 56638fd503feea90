"""A random sample of what comes by: at most so many are held, whatever comes, and all have the same chance."""

from __future__ import annotations

import heapq
from typing import Generic, TypeVar

T = TypeVar("T")


class Reservoir(Generic[T]):
    """Holds the things of lowest key, at most so many.

    >>> held = Reservoir(2)
    >>> for number, key in enumerate((0.5, 0.9, 0.1)):
    ...     held.add(key, number, f"thing {number}")
    >>> held.taken()
    [(0, 'thing 0'), (2, 'thing 2')]
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: list[tuple[float, int, T]] = []

    def add(self, key: float, number: int, thing: T) -> None:
        """`key`: drawn at random; `number`: which thing it is of all that come."""
        entry = (-key, -number, thing)  # the heap's first is the one with the largest key
        (heapq.heappush if len(self._held) < self._most else heapq.heappushpop)(self._held, entry)

    def taken(self) -> list[tuple[int, T]]:
        """What is held, with its numbers, in the order in which it came."""
        return sorted(((-number, thing) for _, number, thing in self._held), key=lambda each: each[0])
