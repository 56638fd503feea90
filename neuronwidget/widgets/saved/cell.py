"""The cell that shows widgets, and their pictures as outputs of its own, which it gets when it ends.

Notebooks prefer a live view to anything beside it, and show an error where it cannot come to life. An output of its own
stands there whatever the view does; while the view shows something, its page hides it (`js/src/entries/stand-in.ts`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

#: A bundle of mime types.
Bundle = dict[str, Any]


class Pictures:
    """Pictures that a cell still has to be given, by the name of their widget."""

    def __init__(self) -> None:
        self._cell = ""
        self._make: dict[str, Callable[[], Bundle]] = {}

    def follow(self, name: str, make: Callable[[], Bundle]) -> bool:
        """Have the running cell end with what `make` gives; False: no cell is running that a notebook would keep."""
        shell, cell = _running()
        if shell is None:
            return False
        if cell != self._cell:
            self._cell, self._make = cell, {}
        self._make[name] = make
        shell.events.register("post_execute", self._send)  # once, however often it is called
        return True

    def _send(self) -> None:
        """A cell has ended: its live views are on the page already, so nobody waits for the model here."""
        shell, cell = _running()
        if shell is None or cell != self._cell:
            return
        waiting, self._make = self._make, {}
        for make in waiting.values():
            shell.display_pub.publish(make())


#: Of this kernel.
PICTURES = Pictures()


def _running() -> tuple[Any, str]:
    """The shell of a kernel in which a cell runs, and the cell's number; None without one, as in a page's message."""
    ipython = sys.modules.get("IPython")
    shell: Any = None if ipython is None else ipython.get_ipython()
    parent = shell.get_parent() if hasattr(shell, "get_parent") else None
    header = parent.get("header", {}) if isinstance(parent, dict) else {}
    return (shell, header["msg_id"]) if header.get("msg_type") == "execute_request" else (None, "")
