"""Decides whether what was kept of inputs still holds for a live model."""

from __future__ import annotations

from typing import Protocol

#: After so many looks nothing that was kept is trusted.
KEYS = 256


class Changing(Protocol):
    """What is asked of a live model here."""

    def signature(self) -> object: ...

    def changed(self) -> None: ...


class Trust:
    """Says whether what was kept of inputs still holds for a live model. Not for two threads at once."""

    def __init__(self, live: Changing) -> None:
        self._live = live
        self._signature: object = None
        self._looks = 0

    def holds(self) -> bool:
        """Did nothing change since the last question? After `KEYS` questions the answer is no."""
        self._looks += 1
        if self._looks >= KEYS:
            self._looks = 0
            self._live.changed()
        before, self._signature = self._signature, self._live.signature()
        return before == self._signature
