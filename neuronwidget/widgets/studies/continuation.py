"""Study of what follows a text: it goes on with the edits of a frame and without, token by token."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from neuronwidget.analysis.steps import IsOvertaken, Step, done_again
from neuronwidget.live.errors import AttachError
from neuronwidget.stream.protocol.checks import ProtocolError, is_number, readable, shorten, whole, within
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.widgets.frames.readout import readable as readable_number
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.question import About, Answering, Stopped

if TYPE_CHECKING:
    from neuronwidget.analysis.cause.continuations import Pair
    from neuronwidget.live.generate.generation import GeneratedToken

#: An eye sees no more pictures a second, and a message costs more than a small model's step.
_REST_SECONDS = 0.03


def continuation_of(subject: StudySubject, about: About, overtaken: IsOvertaken) -> Answering:
    """Answers with so many `tokens` more, at a `temperature` with a `seed`.

    What is known has `first`, the number of the first of its `tokens`, which are pairs: without the edits and with
    them. In the end `verdict` says where the two part.
    """
    # Only here: whoever edits nothing needs no analyses.
    from neuronwidget.analysis.cause.continuations import SideBySide

    tokens, temperature = within(about, "tokens", 1, LIMITS["generated"]), about.get("temperature", 0)
    if not is_number(temperature) or temperature < 0:
        raise ProtocolError(
            f"The temperature is 0 for the most probable token, or a number above it, not {shorten(temperature)}.",
            "Change it and try again.",
        )
    live, text = subject.live, subject.text
    if text is None:
        raise AttachError(f"{live.name} reads inputs of kind {live.kind!r} and continues no text.")
    both = SideBySide(
        (live, live.edited(*subject.acting.edits)),
        text.tokens.text,
        tokens=tokens,
        seed=whole(about, "seed", 0),
        temperature=float(temperature),
        overtaken=overtaken,
    )
    told, at = 0, 0.0
    try:
        while (yield from done_again(lambda: next(both, None))) is not None:
            if time.monotonic() - at < _REST_SECONDS:
                yield Step(len(both.made), tokens)
            else:
                first, told, at = told, len(both.made), time.monotonic()
                yield Step(told, tokens, _so_far(first, both.made))
    except Stopped:
        pass
    return {**_so_far(told, both.made), "verdict": both.verdict}


def _so_far(first: int, pairs: Sequence[Pair]) -> dict[str, Any]:
    return {"first": first, "tokens": [[_token(token) for token in pair] for pair in pairs[first:]], "verdict": ""}


def _token(token: GeneratedToken) -> dict[str, Any]:
    return {"id": token.id, "text": readable(token.text), "p": readable_number(token.probability)}
