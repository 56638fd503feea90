"""Table of long questions about what a frame shows, and how those of one widget are answered: a step at a time.

A further question is a file of its own and a line here.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from neuronwidget.analysis.steps import IsOvertaken
from neuronwidget.stream.protocol import answers
from neuronwidget.stream.protocol.asks import Study
from neuronwidget.stream.protocol.shared import VERSION
from neuronwidget.widgets.errors import in_place
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.attribution import attribution_follows_from, attribution_of
from neuronwidget.widgets.studies.concepts import concepts_follow_from, concepts_of
from neuronwidget.widgets.studies.context import context_follows_from, context_of
from neuronwidget.widgets.studies.continuation import continuation_of
from neuronwidget.widgets.studies.control import control_of
from neuronwidget.widgets.studies.dose import dose_of
from neuronwidget.widgets.studies.grid import grid_of
from neuronwidget.widgets.studies.question import About, Answering, Question, Stopped


def _of_edits(subject: StudySubject, _: About) -> Hashable:
    return subject.of_edits()


def _of_what_is_shown(subject: StudySubject, _: About) -> Hashable:
    return subject.of_what_is_shown()


#: By the name on the wire.
STUDIES: dict[str, Question] = {
    "attribution": Question(attribution_of, attribution_follows_from),
    "grid": Question(grid_of, _of_what_is_shown),
    "control": Question(control_of, _of_edits),
    "continue": Question(continuation_of, _of_edits),
    "dose": Question(dose_of, _of_edits),
    "context": Question(context_of, context_follows_from),
    "concepts": Question(concepts_of, concepts_follow_from),
}
#: How far it is is not told more often than after so many seconds; what is known is told at once.
_OFTEN = 0.15

Answer = answers.StudyAnswer | answers.Overtaken


@dataclass
class _Open:
    """A question while it is answered; `follows_from`: of what. `told`: when how far it is was told last."""

    asked: Study
    follows_from: Hashable
    steps: Answering
    told: float

    def answer(
        self, done: int, total: int, result: Mapping[str, Any] | None, problem: str | None = None
    ) -> answers.StudyAnswer:
        return {
            "v": VERSION, "kind": "study", "seq": self.asked.seq, "of": self.asked.of, "question": self.asked.question,
            "done": done, "total": total, "result": result, "problem": problem,
        }  # fmt: skip


class Studies:
    """The long questions of one widget that are being answered, the newest of each name; what it gives is to be sent.

    Frames come between two steps: where something newer waits, `overtaken` says so and no step is done. `failed`: the
    last error that stood in the way of a question.
    """

    def __init__(self, overtaken: IsOvertaken) -> None:
        self._overtaken = overtaken
        self._open: dict[str, _Open] = {}
        self.failed: BaseException | None = None

    def __bool__(self) -> bool:
        return bool(self._open)

    def begin(self, asked: Study, subject: StudySubject | None) -> list[Answer]:
        """Take a question in the place of an older one of its name; there is no answer once another frame came."""
        self._open.pop(asked.question, None)
        if subject is None or subject.seq != asked.of:
            return [answers.overtaken(asked.seq)]
        question = STUDIES[asked.question]
        steps = question.answer(subject, asked.about, self._overtaken)
        study = _Open(asked, question.follows_from(subject, asked.about), steps, time.monotonic())
        if subject.x is None:
            return [study.answer(1, 1, None, "There is nothing in this input to ask about.")]
        self._open[asked.question] = study
        return []

    def step(self) -> list[Answer]:
        """One step of each."""
        if self._overtaken():
            return []
        return [answer for study in list(self._open.values()) if (answer := self._stepped(study)) is not None]

    def stop(self, seq: int) -> list[Answer]:
        """End a question; what is there is its answer."""
        return [self._stopped(study) for study in list(self._open.values()) if study.asked.seq == seq]

    def keep_to(self, subject: StudySubject | None) -> list[Answer]:
        """End those of other edits or inputs than those of the present frame."""
        ended = [study for study in self._open.values() if subject is None or not self._is_of(study, subject)]
        for study in ended:
            self._open.pop(study.asked.question)
        return [answers.overtaken(study.asked.seq) for study in ended]

    @staticmethod
    def _is_of(study: _Open, subject: StudySubject) -> bool:
        asked = study.asked
        return study.follows_from == STUDIES[asked.question].follows_from(subject, asked.about)

    def _stepped(self, study: _Open) -> Answer | None:
        try:
            step = next(study.steps)
        except StopIteration as end:
            return self._ended(study, end.value)
        except BaseException as error:  # also what the model meant for the interpreter
            return self._refused(study, error)
        if step is None:
            return None
        now = time.monotonic()
        if step.so_far is None and (step.done >= step.total or now - study.told < _OFTEN):
            return None
        study.told = now
        return study.answer(step.done, max(step.total, step.done + 1), step.so_far)

    def _stopped(self, study: _Open) -> Answer:
        try:
            study.steps.throw(Stopped())
        except StopIteration as end:
            return self._ended(study, end.value)
        except Stopped:
            return self._ended(study, None)
        except BaseException as error:
            return self._refused(study, error)
        study.steps.close()  # it would go on
        return self._ended(study, None)

    def _ended(self, study: _Open, result: Mapping[str, Any] | None) -> Answer:
        self._open.pop(study.asked.question, None)
        return study.answer(1, 1, result)

    def _refused(self, study: _Open, error: BaseException) -> Answer:
        self._open.pop(study.asked.question, None)
        self.failed = error
        return study.answer(1, 1, None, in_place(error))
