"""Looks for a regular expression in texts, in a process of its own that is ended when a pattern takes too long.

`re` lets nothing else happen while it searches, and a pattern such as `(a+)+$` may search for years. The process runs
this file by its path, without the packages of the environment, so that it starts in some hundredths of a second.
"""

from __future__ import annotations

import faulthandler
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue

#: Seconds that one pattern may search, in all texts together; patterns that come to an end take some millionths a text.
PATIENCE = 10.0
TEXTS = 500
LONGEST = 10_000
_LOOK = 0.05  # seconds between two looks at whether the answer is still wanted


class EndlessError(ValueError):
    """A pattern takes too long."""


class StoppedError(Exception):
    """Nobody wants the answer any more."""


class Search:
    """Looks for one pattern in any number of texts. One that takes too long raises `EndlessError`.

    `unwanted` is asked while the pattern searches, several times a second; True raises `StoppedError`.

    Examples
    --------
    >>> with Search(re.compile("a+b")) as search:
    ...     list(search.hits(["ab", "ba", "caab"]))
    [True, False, True]
    """

    def __init__(self, pattern: re.Pattern[str], unwanted: Callable[[], bool] = lambda: False) -> None:
        self.pattern = pattern
        self._unwanted = unwanted
        self._left, self._done = PATIENCE, 0
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="ascii",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="neuronwidget: search", daemon=True)
        self._reader.start()
        self._said: Sequence[object] | None = (pattern.pattern, pattern.flags & ~re.DEBUG, PATIENCE)

    def hits(self, texts: Sequence[str]) -> Iterator[bool]:
        """Whether each text has the pattern."""
        for first in range(0, len(texts), TEXTS):
            part = texts[first : first + TEXTS]
            places = set(self._ask(part))
            self._done += len(part)
            yield from (place in places for place in range(len(part)))

    def _ask(self, texts: Sequence[str]) -> list[int]:
        began = time.monotonic()
        try:
            self._write(texts)
            places: list[int] = json.loads(self._answer(began))
        except (OSError, ValueError) as error:  # it ended itself: there is nothing to write to, or nothing to read
            raise EndlessError(
                f"{self.pattern.pattern!r} takes too long: after {PATIENCE:g} s it was through {self._done:,} texts "
                "and not the next. Mostly a repetition inside of another is to blame, as in (a+)+, which a+ can "
                "replace; a pattern that is merely slow may do for fewer sites."
            ) from error
        self._left -= time.monotonic() - began
        return places

    def _write(self, texts: Sequence[str]) -> None:
        assert self._process.stdin is not None
        if self._said is not None:
            self._process.stdin.write(json.dumps(self._said) + "\n")
            self._said = None
        self._process.stdin.write(json.dumps([self._left, texts]) + "\n")
        self._process.stdin.flush()

    def _answer(self, began: float) -> str:
        while True:
            if self._unwanted():
                raise StoppedError
            try:
                return self._lines.get(timeout=_LOOK)
            except Empty:
                if time.monotonic() - began > self._left:
                    return ""

    def _read(self) -> None:
        """On a thread of its own, since not every system lets one wait for a pipe and look at something else."""
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            self._lines.put(line)
        self._lines.put("")

    def __enter__(self) -> Search:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._reader.join()
        self._process.communicate()


def _serve() -> None:
    """In the process: reads the pattern, then lines of texts; answers each with the places of those that have it."""
    source, flags, patience = json.loads(sys.stdin.readline())
    # A thread of the interpreter's own, which no search can hold up.
    faulthandler.dump_traceback_later(patience, exit=True)
    pattern = re.compile(source, flags)
    for line in sys.stdin:
        left, texts = json.loads(line)
        faulthandler.dump_traceback_later(max(left, 0.001), exit=True)
        hits = [place for place, text in enumerate(texts) if pattern.search(text)]
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps(hits), flush=True)


if __name__ == "__main__":
    _serve()
