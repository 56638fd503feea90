"""Long questions in steps: who hears how far one is, who says that nobody waits for it, and what comes in between.

A question that takes many passes is a generator: after each step it yields how far it is, and in the end it returns its
answer. A caller in Python runs it to its end; a page goes on with other things between two steps.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeVar

from neuronwidget.live.capture import Overtaken, stop_if

T = TypeVar("T")

#: Hears how many steps are done, and how many there are.
Progress = Callable[[int, int], object]
#: Says whether the answer is wanted no more, or something newer is to come first.
IsOvertaken = Callable[[], bool]


class Step(NamedTuple):
    """How many steps are done, and how many there are; `so_far`: what can be told by then."""

    done: int
    total: int
    so_far: Any = None


#: None in the place of a step: `Overtaken` broke it off, and it is done again when one goes on.
Steps = Generator[Step | None, None, T]


def done_again(run: Callable[[], T]) -> Steps[T]:
    """What `run` gives; as often as it is broken off, others have their turn, and it is run again.

    >>> tries = iter([True, False])
    >>> def run():
    ...     if next(tries):
    ...         raise Overtaken
    ...     return "done"
    >>> steps = done_again(run)
    >>> next(steps) is None
    True
    >>> to_the_end(steps)
    'done'
    """
    while True:
        try:
            return run()
        except Overtaken:
            yield None


def part_of(steps: Steps[T], begin: float, end: float) -> Steps[T]:
    """The steps of one part of a longer question, which takes it from one share of the whole to another, in hundredths.

    >>> def halves():
    ...     yield Step(1, 2)
    ...     yield Step(2, 2)
    >>> [step.done for step in part_of(halves(), 0.5, 0.9)]
    [70, 90]
    """
    while True:
        try:
            step = next(steps)
        except StopIteration as ended:
            answer: T = ended.value
            return answer
        if step is None:
            yield None
        else:
            yield Step(round(100 * (begin + (end - begin) * step.done / step.total)), 100)


def to_the_end(steps: Steps[T], progress: Progress | None = None, overtaken: IsOvertaken | None = None) -> T:
    """The answer of a question that is answered in one go; raises `Overtaken` where it is wanted no more."""
    told = 0
    while True:
        stop_if(overtaken)
        try:
            step = next(steps)
        except StopIteration as end:
            answer: T = end.value
            return answer
        if step is None:
            raise Overtaken
        if progress is not None and step.done > told:
            progress(step.done, step.total)
        told = step.done
