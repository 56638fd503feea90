"""One daemon thread that empties mailboxes.

Widgets on one live model share a worker: a second thread that calls torch would start a second team of OpenMP threads,
which slows both.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any

from neuronwidget.stream.mailbox import Mailbox


class Worker:
    """Serves mailboxes in turn. The thread starts with the first and ends with the last.

    A handler answers its own errors; one that raises all the same is reported through `threading.excepthook`, and the
    worker goes on.
    """

    def __init__(self, name: str = "neuronwidget") -> None:
        self.name = name
        self._boxes: dict[Hashable, tuple[Mailbox[Any], Callable[[Any], None]]] = {}
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None

    def serve(self, key: Hashable, box: Mailbox[Any], handler: Callable[[Any], None]) -> None:
        """Begin to serve a mailbox."""
        with self._condition:
            self._boxes[key] = (box, handler)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
                self._thread.start()
            self._condition.notify()  # the mailbox may have come with something in it

    def forget(self, key: Hashable) -> None:
        """Stop serving it; what waits in it is dropped."""
        with self._condition:
            entry = self._boxes.pop(key, None)
            if entry is not None:
                entry[0].clear()
            self._condition.notify()

    def wake(self) -> None:
        """Something was put into a mailbox."""
        with self._condition:
            self._condition.notify()

    def _next(self) -> tuple[Callable[[Any], None], Any] | None:
        """Wait for work; None when there is nothing left to serve."""
        with self._condition:
            while self._boxes:
                for key, (box, handler) in list(self._boxes.items()):
                    item = box.take()
                    if item is not None:
                        self._boxes[key] = self._boxes.pop(key)  # to the end of the queue: everyone gets a turn
                        return handler, item
                self._condition.wait()
            self._thread = None
            return None

    def _run(self) -> None:
        while (job := self._next()) is not None:
            handler, item = job
            try:
                handler(item)
            except BaseException as error:  # one SystemExit must not be the end of all answers
                threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
            # A waiting thread keeps its local variables: without this the last handler would pin its model.
            del job, handler, item
