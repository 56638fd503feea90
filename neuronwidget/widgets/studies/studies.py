"""Table of long questions about the input that is shown, and how their answers are sent: in steps, as they get known.

A further question is a function in a file of its own and a line here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from neuronwidget.stream.protocol.answers import StudyAnswer
from neuronwidget.stream.protocol.asks import Study
from neuronwidget.stream.protocol.shared import VERSION
from neuronwidget.widgets.errors import explain_panel
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.attribution import attribution_of
from neuronwidget.widgets.studies.concepts import concepts_of
from neuronwidget.widgets.studies.context import context_of
from neuronwidget.widgets.studies.course import Course
from neuronwidget.widgets.studies.grid import grid_of

#: By the name on the wire: what is asked about, the fields of the question, how it goes → the result.
STUDIES: dict[str, Callable[[StudySubject, Any, Course], dict[str, Any]]] = {
    "attribution": attribution_of,
    "grid": grid_of,
    "context": context_of,
    "concepts": concepts_of,
}
#: Steps that come faster than so many seconds are not told.
_OFTEN = 0.15


def study(
    asked: Study, subject: StudySubject, send: Callable[[StudyAnswer], object], overtaken: Callable[[], bool]
) -> StudyAnswer:
    """The answer to a long question; on the way there `send` gets how far it is. Raises `Overtaken`."""
    told = [time.monotonic()]

    def answer(done: int, total: int, result: dict[str, Any] | None, problem: str | None = None) -> StudyAnswer:
        return {
            "v": VERSION, "kind": "study", "seq": asked.seq, "of": asked.of, "question": asked.question,
            "done": done, "total": total, "result": result, "problem": problem,
        }  # fmt: skip

    def tell(done: int, total: int, result: dict[str, Any] | None = None) -> None:
        now = time.monotonic()
        if done < total and (result is not None or now - told[0] >= _OFTEN):
            told[0] = now
            send(answer(done, total, result))

    if subject.x is None:
        return answer(1, 1, None, "There is nothing in this input to ask about.")
    try:
        return answer(1, 1, STUDIES[asked.question](subject, asked.about, Course(tell, overtaken)))
    except Exception as error:  # whatever stands in the way is said in the question's place
        return answer(1, 1, None, explain_panel(error)[0])
