"""Panel of guesses: the model's prediction at a token of a text.

That is the next token, the token itself, the first of an answer, or the class of the whole: see `LiveModel.predicts`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from torch import Tensor

from neuronwidget.live.prediction import Guess
from neuronwidget.live.token_model import TokenModel
from neuronwidget.stream.protocol.checks import within
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.widgets.frames.frame_pass import FramePass, TextPass
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.request import Request

if TYPE_CHECKING:
    from typing_extensions import NotRequired

#: Steps of an answer that are listed.
_MOST_STEPS = 32


@dataclass(frozen=True, slots=True)
class GuessesAsk:
    """How many entries."""

    most: int


class GuessItem(TypedDict):
    """One entry of what the model says, with its probability."""

    text: str
    p: float


class ActualToken(TypedDict):
    """The token that really stands there, and how the model rated it."""

    text: str
    p: float
    rank: int


class GuessesPart(TypedDict):
    """What the model says; `about` is `LiveModel.predicts`."""

    about: str
    classes: NotRequired[bool]
    list: list[GuessItem]
    actual: ActualToken | None


class GuessesPanel(Panel[GuessesAsk, GuessesPart]):
    """Absent where the model has no opinion: no head, no token, or an output that is not finite."""

    name = "guesses"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> GuessesAsk:
        return GuessesAsk(within(asked, "most", 0, LIMITS["guesses"]))

    def needs(self, asked: GuessesAsk, request: Request) -> Needs:
        return Needs(stream=asked.most > 0)

    def give(self, asked: GuessesAsk, frame_pass: FramePass) -> Given[GuessesPart] | None:
        text = frame_pass.text
        if text is None or text.token is None or not asked.most or not text.live.predicts:
            return None
        began = time.perf_counter()
        logits = _logits(text, text.token)
        seconds = time.perf_counter() - began
        part = _prediction(text, asked.most, text.token, logits)
        return None if part is None else Given(part, seconds=seconds)


def _logits(text: TextPass, token: int) -> Tensor:
    """The model's output at a token; without a recorded stream the model runs once more."""
    live, ids, start, end = text.live, text.tokens.ids, text.start, text.end
    if text.hidden is not None:
        return live.head_logits(text.hidden[token - start])
    if live.predicts == "next":
        return live.logits(ids[start : token + 1], token - start)
    return live.logits(ids[start:end], token - start if live.predicts == "here" else -1)


def _prediction(text: TextPass, k: int, token: int, logits: Tensor) -> GuessesPart | None:
    live, tokens = text.live, text.tokens
    if logits.ndim > 1:
        return _prediction_in_steps(live, logits)
    guess = Guess.of(logits, k)
    if not bool(guess.every.isfinite().all()):
        return None  # NaN is no JSON
    items: list[GuessItem] = [
        {"text": _name(live, i), "p": p} for i, p in zip(guess.ids, guess.probabilities, strict=True)
    ]
    part: GuessesPart = {"about": live.predicts, "list": items, "actual": None}
    if live.inputs.classes is not None or live.predicts == "whole" or live.output:
        return {**part, "classes": True}
    actual = {"next": token + 1, "here": token}.get(live.predicts, len(tokens))
    if actual < len(tokens) and tokens.ids[actual] < len(guess.every):
        p = guess.every[tokens.ids[actual]]
        rank = int((guess.every > p).sum()) + 1
        part["actual"] = {"text": tokens.piece(actual), "p": float(p), "rank": rank}
    return part


def _prediction_in_steps(live: TokenModel, logits: Tensor) -> GuessesPart | None:
    """What the model says most likely at each step [steps, classes], in order."""
    if not bool(logits.isfinite().all()):
        return None
    best = [Guess.of(row, 1) for row in logits[:_MOST_STEPS]]
    items: list[GuessItem] = [
        {"text": f"step {step}: {_name(live, guess.ids[0])}", "p": guess.probabilities[0]}
        for step, guess in enumerate(best)
    ]
    return {"about": live.predicts, "list": items, "actual": None, "classes": True}


def _name(live: TokenModel, number: int) -> str:
    nameless = (live.predicts == "whole" or live.output) and live.inputs.classes is None
    return f"{live.output or 'class'} {number}" if nameless else live.inputs.label(number)
