"""Types of a long question: how it is answered, and what its answer follows from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from neuronwidget.analysis.steps import IsOvertaken, Steps
from neuronwidget.widgets.frames.study_subject import StudySubject

#: The fields of a question as they came; whoever answers checks them.
About = Mapping[str, Any]
#: In the end the result; what steps say is `known` on the way is one, too.
Answering = Steps[Mapping[str, Any]]


class Stopped(BaseException):
    """Raised where a question goes on: somebody has seen enough, and what is there is the answer."""


@dataclass(frozen=True)
class Question:
    """A long question about what a frame shows.

    `answer` goes on step by step; what breaks a step off is that something newer waits. While `follows_from` gives
    something equal for newer frames, the answer is of them, too.
    """

    answer: Callable[[StudySubject, About, IsOvertaken], Answering]
    follows_from: Callable[[StudySubject, About], Hashable]
