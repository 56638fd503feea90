"""Observers of a scan: they are told how far it has come, and asked whether it should hold or stop."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from neuronwidget import doors

Done = dict[str, Any]
#: `look(site, unit, n)`: the n strongest exemplars so far, as mappings; see `Preview`.
Look = Callable[[str, int, int], list[dict[str, Any]]]


@dataclass(frozen=True)
class Plan:
    """What an observer is told at first: names of sites, documents in all where that is known, and how to look."""

    sites: list[str]
    total: int | None
    look: Look


class ScanPaused(RuntimeError):  # noqa: N818 - nothing went wrong
    """The scan was asked to stop. The same call goes on where it stopped."""

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows: a person who pressed a button needs no traceback."""
        return [str(self)]


class TimeLeft:
    """How long a scan still takes. Of one that goes on, what was done before says nothing of how fast it is now."""

    def __init__(self) -> None:
        self._first: tuple[float, int] | None = None

    def seconds(self, documents: int, seconds: float, total: int | None) -> float | None:
        """Of `total` documents so many are done, after so long; None where nothing can be said yet."""
        if self._first is None:
            self._first = seconds, documents
        since, more = seconds - self._first[0], documents - self._first[1]
        return None if total is None or more <= 0 else max(0.0, (total - documents) * since / more)


class ScanObserver:
    """Base class for observers of a scan; does nothing.

    `report` comes after every chunk, `holds` and `stops` are asked between.
    """

    #: An interrupt ends the scan as `stops` does, with `ScanPaused` and not with KeyboardInterrupt.
    takes_interrupts = False

    def begin(self, plan: Plan) -> None:
        """Before the first chunk."""

    def tell(self, words: str) -> None:
        """Why nothing seems to happen; "" when that is over."""

    def report(self, done: Done) -> None:
        """`done`: documents, tokens and so on of the whole scan; seconds and tokens a second since it was called."""

    def holds(self) -> bool:
        """True: save, and wait until it is False again."""
        return False

    def stops(self) -> bool:
        """True: save, and end with `ScanPaused`."""
        return False

    def end(self, error: BaseException | None) -> None:
        """After the last chunk, or after what ended the scan before it."""


class Called(ScanObserver):
    """A function that is called after every chunk."""

    def __init__(self, function: Callable[[Done], object]) -> None:
        self._function = function

    def report(self, done: Done) -> None:
        self._function(done)


class Bar(ScanObserver):
    """tqdm, in a terminal."""

    def __init__(self, unit: str) -> None:
        from tqdm import tqdm

        self._bar = tqdm(unit=f" {unit}", unit_scale=True)

    def tell(self, words: str) -> None:
        self._bar.set_description_str(words)

    def report(self, done: Done) -> None:
        self._bar.update(done["tokens"] - self._bar.n)
        self._bar.set_postfix(documents=done["documents"])

    def end(self, error: BaseException | None) -> None:
        self._bar.close()


class Stoppable(ScanObserver):
    """Another observer, and one more reason to stop."""

    def __init__(self, other: ScanObserver, stop: Callable[[], bool]) -> None:
        self._other, self._stop = other, stop
        self.takes_interrupts = other.takes_interrupts

    def begin(self, plan: Plan) -> None:
        self._other.begin(plan)

    def tell(self, words: str) -> None:
        self._other.tell(words)

    def report(self, done: Done) -> None:
        self._other.report(done)

    def holds(self) -> bool:
        return self._other.holds()

    def stops(self) -> bool:
        return self._stop() or self._other.stops()

    def end(self, error: BaseException | None) -> None:
        self._other.end(error)


def observer(
    progress: bool | Callable[[Done], object] | ScanObserver, stop: Callable[[], bool] | None, counted: str
) -> ScanObserver:
    """What the arguments of a scan stand for. `counted`: what inputs are counted by, "tokens"."""
    watcher = ScanObserver()
    if isinstance(progress, ScanObserver):
        watcher = progress
    elif callable(progress):
        watcher = Called(progress)
    elif progress and _in_notebook():
        watcher = doors.enter("ScanObserver.in_notebook")()
    elif progress and sys.stderr.isatty():
        with contextlib.suppress(ImportError):
            watcher = Bar(counted)
    return watcher if stop is None else Stoppable(watcher, stop)


def _in_notebook() -> bool:
    kernels: Any = sys.modules.get("ipykernel.kernelbase")
    return kernels is not None and bool(kernels.Kernel.initialized())


@contextlib.contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Was there an interrupt meanwhile? The first is only noted, so that it cuts nothing in two."""
    noted: list[bool] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.getsignal(signal.SIGINT)

    def note(*_: Any) -> None:
        noted.append(True)
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(noted)
    finally:
        signal.signal(signal.SIGINT, before)
