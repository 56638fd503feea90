"""Answers the page's questions to an atlas: `ANSWERS` has a function for each question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from neuronwidget.analysis.inspect.search import StoppedError
from neuronwidget.atlas.files.folder import AtlasError
from neuronwidget.stream.frame import encode_arrays
from neuronwidget.stream.protocol import answers
from neuronwidget.stream.protocol.answers import AtlasMessage
from neuronwidget.stream.protocol.asks import AtlasAsk
from neuronwidget.stream.protocol.checks import ProtocolError, shorten
from neuronwidget.widgets.answers.card import card, find, related
from neuronwidget.widgets.answers.context import AtlasContext, Fields, Reply
from neuronwidget.widgets.answers.document import document
from neuronwidget.widgets.answers.exemplars import apply, exemplars
from neuronwidget.widgets.errors import is_told, with_place, words_of

ANSWERS: dict[str, Callable[[AtlasContext, Fields], Reply[Any]]] = {
    "exemplars": exemplars,
    "document": document,
    "use": apply,
    "card": card,
    "kin": related,
    "find": find,
}


Answer = tuple[AtlasMessage, list[bytes]]
C = TypeVar("C")


class Answers(Generic[C]):
    """Answers the page's questions to one thing. Errors are answers too.

    Attributes
    ----------
    asked
        What is asked, in words: "An atlas".
    context
        What questions are answered from.
    last_error
        The last exception that was answered with an error.
    """

    def __init__(self, asked: str, context: C, functions: Mapping[str, Callable[[C, Fields], Reply[Any]]]) -> None:
        self.asked, self.context, self._functions = asked, context, functions
        self.last_error: BaseException | None = None

    def answer(self, ask: AtlasAsk, context: C | None = None) -> Answer:
        """The message to send back, and its buffers. `context`: what it is answered from instead."""
        try:
            if ask.question not in self._functions:
                questions = ", ".join(self._functions)
                raise ProtocolError(
                    f"{self.asked} can be asked for {questions}, not {shorten(ask.question)}.", "Reload the page."
                )
            reply = self._functions[ask.question](context or self.context, ask.params)
            specs, buffers = encode_arrays(reply.arrays)
            return answers.atlas(ask.seq, ask.question, **reply.fields, arrays=specs), buffers
        except BaseException as error:  # also what a model or a function of the user's own meant for the interpreter
            return self.refuse(ask, error)

    def refuse(self, ask: AtlasAsk, error: BaseException) -> Answer:
        """An error as the answer."""
        self.last_error = error
        words, hint = explain(error)
        return answers.atlas(ask.seq, ask.question, error=words, hint=hint), []


class AtlasAnswers(Answers[AtlasContext]):
    """Answers the page's questions to one atlas."""

    def __init__(self, context: AtlasContext) -> None:
        super().__init__("An atlas", context, ANSWERS)


def explain(error: BaseException) -> tuple[str, str]:
    """An error in words for the person at the page: what happened, and what to do."""
    if isinstance(error, ProtocolError):
        return words_of(error), error.hint
    if isinstance(error, StoppedError):
        return "A newer search was asked for.", "Search again."
    if isinstance(error, AtlasError):
        return words_of(error), "Scan again, or open another atlas."
    if is_told(error):
        return words_of(error), "Choose another unit."
    return with_place(error), "The exception is in widget.last_error."
