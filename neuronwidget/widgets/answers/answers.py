"""What a page asks of an atlas, and who answers: `ANSWERS` has a function for each word that a question can want."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from neuronwidget.analysis.inspect.search import StoppedError
from neuronwidget.atlas.files.folder import AtlasError
from neuronwidget.stream.frame import encode_arrays
from neuronwidget.stream.protocol import asks as protocol
from neuronwidget.stream.protocol.answers import AtlasMessage
from neuronwidget.stream.protocol.checks import ProtocolError, shorten
from neuronwidget.widgets.answers.card import card, find, kin
from neuronwidget.widgets.answers.context import AtlasContext, Fields, Reply
from neuronwidget.widgets.answers.document import document
from neuronwidget.widgets.answers.exemplars import exemplars, use
from neuronwidget.widgets.base.errors import is_told, with_place, words_of

ANSWERS: dict[str, Callable[[AtlasContext, Fields], Reply[Any]]] = {
    "exemplars": exemplars,
    "document": document,
    "use": use,
    "card": card,
    "kin": kin,
    "find": find,
}


Answer = tuple[AtlasMessage, list[bytes]]


class AtlasAnswers:
    """Answers the page's questions to one atlas. Errors are answers too.

    Attributes
    ----------
    desk
        What is answered from.
    last_error
        The last exception that was answered with an error.
    """

    def __init__(self, desk: AtlasContext) -> None:
        self.desk = desk
        self.last_error: BaseException | None = None

    def answer(self, ask: protocol.AtlasAsk, desk: AtlasContext | None = None) -> Answer:
        """The message to send back, and its buffers. `desk`: what is answered from instead."""
        try:
            if ask.want not in ANSWERS:
                known = ", ".join(ANSWERS)
                raise ProtocolError(f"An atlas can be asked for {known}, not {shorten(ask.want)}.", "Reload the page.")
            reply = ANSWERS[ask.want](desk or self.desk, ask.about)
            specs, buffers = encode_arrays(reply.arrays)
            return protocol.atlas(ask.seq, ask.want, **reply.fields, arrays=specs), buffers
        except BaseException as error:  # also what a model or a function of the user's own meant for the interpreter
            return self.refuse(ask, error)

    def refuse(self, ask: protocol.AtlasAsk, error: BaseException) -> Answer:
        """An error as the answer."""
        self.last_error = error
        words, hint = explain(error)
        return protocol.atlas(ask.seq, ask.want, error=words, hint=hint), []


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
