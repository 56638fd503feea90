"""Base of questions to edits that take long: answered a step at a time, so that frames come between."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, cast

from neuronwidget.live.capture import Overtaken
from neuronwidget.stream.protocol.answers import LongAnswer
from neuronwidget.stream.protocol.shared import VERSION
from neuronwidget.widgets.errors import in_place
from neuronwidget.widgets.frames.edit_questions.subject import Subject

#: An eye sees no more pictures a second, and a message costs more than a small model's step.
_REST_SECONDS = 0.03


class LongQuestion(ABC):
    """One question while it is answered. `more`: are there steps to come?"""

    kind: ClassVar[str]

    def __init__(self, seq: int, subject: Subject) -> None:
        self.seq, self.subject = seq, subject
        self.more = True

    @abstractmethod
    def step(self) -> None:
        """Do a little of it. What raises `Overtaken` is done again in the next step."""

    @abstractmethod
    def answer(self) -> Mapping[str, Any]:
        """What came since the last answer; where there is no more, what it says."""


class LongQuestions:
    """The questions of one widget that are being answered, the newest of each kind; what it gives is to be sent.

    `failed`: the last error that stood in the way of one.
    """

    def __init__(self) -> None:
        self._open: dict[str, LongQuestion] = {}
        self._sent = 0.0
        self.failed: BaseException | None = None

    def __bool__(self) -> bool:
        return bool(self._open)

    def begin(self, kind: str, seq: int, begin: Callable[[], LongQuestion]) -> list[LongAnswer]:
        """Take a question in the place of an older one of its kind; one that cannot be answered says why."""
        self._open.pop(kind, None)
        try:
            self._open[kind] = begin()
        except Exception as error:
            return [self._refused(kind, seq, error)]
        return []

    def step(self) -> list[LongAnswer]:
        """One step of each."""
        return [answer for question in list(self._open.values()) if (answer := self._stepped(question)) is not None]

    def stop(self, seq: int) -> list[LongAnswer]:
        """End a question; what is there is its answer."""
        stopped = [question for question in self._open.values() if question.seq == seq]
        for question in stopped:
            question.more = False
        return [self._told(question) for question in stopped]

    def keep_to(self, subject: Subject | None) -> list[int]:
        """End those of other edits or inputs; the numbers of these."""
        ended = [question for question in self._open.values() if not question.subject.is_of(subject)]
        for question in ended:
            self._open.pop(question.kind)
        return [question.seq for question in ended]

    def _stepped(self, question: LongQuestion) -> LongAnswer | None:
        try:
            question.step()
        except Overtaken:
            return None
        except BaseException as error:  # also what the model meant for the interpreter
            return self._refused(question.kind, question.seq, error)
        rests = question.more and time.monotonic() - self._sent < _REST_SECONDS
        return None if rests else self._told(question)

    def _told(self, question: LongQuestion) -> LongAnswer:
        self._sent = time.monotonic()
        if not question.more:
            self._open.pop(question.kind)
        try:
            return _message(question.kind, question.seq, done=not question.more, **question.answer())
        except Exception as error:
            return self._refused(question.kind, question.seq, error)

    def _refused(self, kind: str, seq: int, error: BaseException) -> LongAnswer:
        self._open.pop(kind, None)
        self.failed = error
        return _message(kind, seq, done=True, problem=in_place(error))


def _message(kind: str, seq: int, **fields: Any) -> LongAnswer:
    return cast(LongAnswer, {"v": VERSION, "kind": kind, "seq": seq, "problem": None, "verdict": "", **fields})
