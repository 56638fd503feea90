"""Steps of a long question: counted for who waits, and ended where nobody waits any more."""

from __future__ import annotations

from collections.abc import Callable

from neuronwidget.live.capture import stop_if

#: Called with steps done and steps in all.
Progress = Callable[[int, int], object] | None


class Steps:
    """Counts steps, and ends the work where it is no longer wanted.

    >>> step = Steps(2, print)
    >>> step(); step()
    1 2
    2 2
    """

    def __init__(self, total: int, progress: Progress = None, overtaken: Callable[[], bool] | None = None) -> None:
        self._total, self._progress, self._overtaken = total, progress, overtaken
        self._done = 0

    def __call__(self) -> None:
        self._done += 1
        stop_if(self._overtaken)
        if self._progress is not None:
            self._progress(self._done, self._total)
