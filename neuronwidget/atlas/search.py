"""Looks for a regular expression in texts, in a process of its own that ends itself when a pattern takes too long.

`re` lets nothing else happen while it searches, and a pattern such as `(a+)+$` may search for years. The process runs
this file by its path, without the packages of the environment, so that it starts in some hundredths of a second.
"""

from __future__ import annotations

import faulthandler
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence

#: Seconds that the search of so many texts may take; patterns that come to an end need some thousandths.
PATIENCE = 2.0
TEXTS = 500


class EndlessError(ValueError):
    """A pattern takes too long."""


class Search:
    """Looks for one pattern in any number of texts. One that takes too long raises `EndlessError`.

    Examples
    --------
    >>> with Search(re.compile("a+b")) as search:
    ...     list(search.hits(["ab", "ba", "caab"]))
    [True, False, True]
    """

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="ascii",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._said: Sequence[object] | None = (pattern.pattern, pattern.flags & ~re.DEBUG, PATIENCE)

    def hits(self, texts: Sequence[str]) -> Iterator[bool]:
        """Whether each text has the pattern."""
        for first in range(0, len(texts), TEXTS):
            part = texts[first : first + TEXTS]
            found = set(self._ask(part))
            yield from (place in found for place in range(len(part)))

    def _ask(self, texts: Sequence[str]) -> list[int]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if self._said is not None:
                process.stdin.write(json.dumps(self._said) + "\n")
                self._said = None
            process.stdin.write(json.dumps(texts) + "\n")
            process.stdin.flush()
            found: list[int] = json.loads(process.stdout.readline())
        except (OSError, ValueError) as error:  # it ended itself: there is nothing to write to, or nothing to read
            raise EndlessError(
                f"{self.pattern.pattern!r} takes too long: it was not through {len(texts)} short texts after "
                f"{PATIENCE:g} s. Mostly a repetition inside of another is to blame, as in (a+)+, which a+ can replace."
            ) from error
        return found

    def __enter__(self) -> Search:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()


def _serve() -> None:
    """In the process: reads the pattern, then lines of texts; answers each with the places of those that have it."""
    source, flags, patience = json.loads(sys.stdin.readline())
    pattern = re.compile(source, flags)
    for line in sys.stdin:
        # A thread of the interpreter's own, which no search can hold up.
        faulthandler.dump_traceback_later(patience, exit=True)
        found = [place for place, text in enumerate(json.loads(line)) if pattern.search(text)]
        faulthandler.cancel_dump_traceback_later()
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    _serve()
