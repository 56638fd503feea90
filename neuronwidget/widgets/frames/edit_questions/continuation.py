"""Continuation of a text with the edits of a frame and without, token by token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from neuronwidget.live.errors import AttachError
from neuronwidget.stream.protocol.answers import ContinuedToken
from neuronwidget.stream.protocol.asks import Continue
from neuronwidget.stream.protocol.checks import readable
from neuronwidget.widgets.frames.edit_questions.long_question import LongQuestion
from neuronwidget.widgets.frames.edit_questions.subject import Subject
from neuronwidget.widgets.frames.readout import readable as readable_number

if TYPE_CHECKING:
    from neuronwidget.live.generate.generation import GeneratedToken


class Continuation(LongQuestion):
    """Each step adds a token to both texts."""

    kind = "continue"

    def __init__(self, asked: Continue, subject: Subject, overtaken: Callable[[], bool]) -> None:
        # Only here: whoever edits nothing needs no analyses.
        from neuronwidget.analysis.cause.continuations import SideBySide

        super().__init__(asked.seq, subject)
        if subject.whole is None:
            raise AttachError(f"{subject.live.name} reads inputs of kind {subject.live.kind!r} and continues no text.")
        self._both = SideBySide(
            subject.live,
            subject.whole,
            subject.edited.edits,
            tokens=asked.tokens,
            seed=asked.seed,
            temperature=asked.temperature,
            overtaken=overtaken,
        )
        self._told = 0

    def step(self) -> None:
        self.more = next(self._both, None) is not None

    def answer(self) -> Mapping[str, Any]:
        """`first`: the number of the first of the `tokens`, which are pairs: without the edits and with them."""
        first, made = self._told, self._both.made
        self._told = len(made)
        pairs = [[_token(token) for token in pair] for pair in made[first:]]
        return {"first": first, "tokens": pairs, "verdict": "" if self.more else self._both.verdict}


def _token(token: GeneratedToken) -> ContinuedToken:
    return {"id": token.id, "text": readable(token.text), "p": readable_number(token.probability)}
