"""Listeners: methods that are called after a change, for as long as their objects live."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any


class Listeners:
    """Methods that are called after a change; none of them keeps its object alive.

    Examples
    --------
    >>> class View:
    ...     def refresh(self) -> None:
    ...         print("refreshed")
    >>> view, listeners = View(), Listeners()
    >>> listeners.add(view.refresh)
    >>> listeners.tell()
    refreshed
    >>> del view
    >>> listeners.tell()
    """

    def __init__(self) -> None:
        self._references: list[weakref.WeakMethod[Callable[[], None]]] = []

    def add(self, listener: Callable[[], None]) -> None:
        """Call a method after each change from now on."""
        self._references = [reference for reference in self._references if reference() is not None]
        self._references.append(weakref.WeakMethod(listener))

    def take_over(self, others: Listeners) -> None:
        """Those of others hear of changes here from now on, and of none there."""
        self._references, others._references = [*self._references, *others._references], []

    def tell(self) -> None:
        """Call them all."""
        for reference in list(self._references):
            if (listener := reference()) is not None:
                listener()

    def __reduce__(self) -> tuple[Any, ...]:
        return Listeners, ()  # nobody hears of what becomes of a copy
