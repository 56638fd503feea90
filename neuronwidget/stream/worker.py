"""Worker: one daemon thread that empties mailboxes.

Widgets on one live model share a worker: a second thread that calls torch would start a second team of OpenMP threads,
which slows both. When the interpreter is left, what a worker does is broken off first: a thread that comes back from
torch into an interpreter that is being taken down aborts the process.
"""

from __future__ import annotations

import atexit
import ctypes
import threading
import time
import weakref
from collections.abc import Callable, Hashable
from typing import Any

from neuronwidget.stream.mailbox import Mailbox

#: Seconds that leaving waits for one single operation of a model, which nothing can break off.
PATIENCE = 10.0
_MOMENT = 0.05

_workers: weakref.WeakSet[Worker] = weakref.WeakSet()
_leaving = threading.Event()


class Leaving(BaseException):
    """Raised in a worker, wherever it is, when the interpreter is left."""


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
        _workers.add(self)

    def serve(self, key: Hashable, box: Mailbox[Any], handler: Callable[[Any], None]) -> None:
        """Begin to serve a mailbox."""
        with self._condition:
            self._boxes[key] = (box, handler)
            if self._thread is None and not _leaving.is_set():
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

    def leave(self, patience: float) -> bool:
        """Break off what is under way and end the thread, within some seconds. Has it ended?"""
        thread = self._thread
        if thread is None or thread is threading.current_thread():
            return True
        end = time.monotonic() + patience
        while not self._ends(thread) and time.monotonic() < end:
            # Raised at the next line of Python that the thread runs; again and again, because a model may catch it.
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Leaving))
        return not thread.is_alive()

    def _ends(self, thread: threading.Thread) -> bool:
        """Wake the thread if it waits, and give it a moment to end."""
        if self._condition.acquire(timeout=_MOMENT):
            self._condition.notify()
            self._condition.release()
        thread.join(_MOMENT)
        return not thread.is_alive()

    def _next(self) -> tuple[Callable[[Any], None], Any] | None:
        """Wait for work; None when there is nothing left to serve."""
        with self._condition:
            while self._boxes and not _leaving.is_set():
                if (job := self._take()) is not None:
                    return job
                self._condition.wait()
            self._thread = None
            return None

    def _take(self) -> tuple[Callable[[Any], None], Any] | None:
        """What waits. Not in `_next`: a waiting thread keeps its local variables, and would so keep a closed widget."""
        for key, (box, handler) in self._boxes.items():
            item = box.take()
            if item is not None:
                self._boxes[key] = self._boxes.pop(key)  # to the end of the queue: everyone gets a turn
                return handler, item
        return None

    def _run(self) -> None:
        while not _leaving.is_set():
            try:
                if not self._serve_one():
                    return
            except BaseException as error:  # one SystemExit must not be the end of all answers
                if not _leaving.is_set():
                    threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))

    def _serve_one(self) -> bool:
        # A method of its own: a waiting thread keeps its local variables, and the last handler would pin its model.
        job = self._next()
        if job is None:
            return False
        handler, item = job
        handler(item)
        return True


@atexit.register
def _leave() -> None:
    """Before the interpreter is taken down, and after all that other threads and `finally` had to do."""
    _leaving.set()
    end = time.monotonic() + PATIENCE
    for worker in list(_workers):
        worker.leave(max(_MOMENT, end - time.monotonic()))
