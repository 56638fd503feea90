"""Mailbox for requests: holds the newest of each kind, and drops an older one that was not taken yet."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Latest wins, per slot. `put` never waits; any thread may call it.

    >>> box = Mailbox()
    >>> box.put("a")
    >>> box.put("b")
    'a'
    >>> box.take(), box.take()
    ('b', None)
    """

    def __init__(self) -> None:
        self._slots: dict[str, T] = {}
        self._lock = threading.Lock()
        self.dropped = 0

    def put(self, item: T, slot: str = "ask") -> T | None:
        """Returns the older item that is dropped."""
        with self._lock:
            older = self._slots.get(slot)
            self.dropped += slot in self._slots
            self._slots[slot] = item
            return older

    def take(self) -> T | None:
        """The item of the slot that was filled first, or None."""
        with self._lock:
            if not self._slots:
                return None
            return self._slots.pop(next(iter(self._slots)))

    def waiting(self, slot: str = "ask") -> bool:
        """Has a newer request come in meanwhile?"""
        return slot in self._slots

    def clear(self) -> None:
        with self._lock:
            self._slots.clear()
