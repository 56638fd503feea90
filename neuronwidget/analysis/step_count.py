"""Count of the steps of a long question that is answered in one go; it ends where nobody waits any more."""

from __future__ import annotations

from neuronwidget.analysis.steps import IsOvertaken, Progress
from neuronwidget.live.capture import stop_if


class StepCount:
    """Counts steps, and ends the work where it is no longer wanted.

    >>> step = StepCount(2, print)
    >>> step(); step()
    1 2
    2 2
    """

    def __init__(self, total: int, progress: Progress | None = None, overtaken: IsOvertaken | None = None) -> None:
        self._total, self._progress, self._overtaken = total, progress, overtaken
        self._done = 0

    def __call__(self) -> None:
        self._done += 1
        stop_if(self._overtaken)
        if self._progress is not None:
            self._progress(self._done, self._total)
