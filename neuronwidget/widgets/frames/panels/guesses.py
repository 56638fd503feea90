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
    """Request for guesses: how many entries."""

    most: int


class GuessItem(TypedDict):
    """One entry of what the model says, with its probability; `was`: that of the pass before."""

    text: str
    p: float
    was: NotRequired[float]


class ActualToken(TypedDict):
    """The token that really stands there, and how the model rated it."""

    text: str
    p: float
    rank: int
    was: NotRequired[float]


class GuessesPart(TypedDict):
    """What the model says; `about` is `LiveModel.predicts`."""

    about: str
    classes: NotRequired[bool]
    list: list[GuessItem]
    actual: ActualToken | None


class GuessesPanel(Panel[GuessesAsk, GuessesPart]):
    """Panel of the model's guesses; absent without a head or a token, or where the output is not finite."""

    name = "guesses"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> GuessesAsk:
        return GuessesAsk(within(asked, "most", 0, LIMITS["guesses"]))

    def needs(self, asked: GuessesAsk, request: Request) -> Needs:
        return Needs(stream=asked.most > 0)

    def give(self, asked: GuessesAsk, frame_pass: FramePass) -> Given[GuessesPart] | None:
        text = _read(frame_pass.text)
        if text is None or text.token is None or not asked.most or not text.live.predicts:
            return None
        began = time.perf_counter()
        logits, before = text.logits(text.token), None
        both = frame_pass.compared
        other = None if both is None or both.shows == "before" else _read(both.before.text)
        if other is not None and other.token is not None:
            before = other.logits(other.token)
        seconds = time.perf_counter() - began
        part = _prediction(text, asked.most, text.token, logits, before, frame_pass.shows == "difference")
        return None if part is None else Given(part, seconds=seconds)


def _read(text: TextPass | None) -> TextPass | None:
    """The text that the model did read."""
    return text if text is None or text.read is None else text.read


def _prediction(
    text: TextPass, k: int, token: int, logits: Tensor, before: Tensor | None, by_change: bool
) -> GuessesPart | None:
    """`before`: the output without edits; then each entry has what it was, and the most changed may come first."""
    live, tokens = text.live, text.tokens
    if logits.ndim > 1:
        return _prediction_in_steps(live, logits)
    guess, was = Guess.of(logits, k), None if before is None else Guess.of(before, k).every
    if not bool(guess.every.isfinite().all()) or not (was is None or bool(was.isfinite().all())):
        return None  # NaN is no JSON
    ids = guess.ids if was is None or not by_change else (guess.every - was).abs().topk(len(guess.ids)).indices.tolist()
    items: list[GuessItem] = [{"text": _name(live, i), "p": float(guess.every[i])} for i in ids]
    if was is not None:
        items = [{**item, "was": float(was[i])} for item, i in zip(items, ids, strict=True)]
    part: GuessesPart = {"about": live.predicts, "list": items, "actual": None}
    if live.inputs.classes is not None or live.predicts == "whole" or live.output:
        return {**part, "classes": True}
    actual = {"next": token + 1, "here": token}.get(live.predicts, len(tokens))
    if actual < len(tokens) and tokens.ids[actual] < len(guess.every):
        p = guess.every[tokens.ids[actual]]
        rank = int((guess.every > p).sum()) + 1
        really: ActualToken = {"text": tokens.piece(actual), "p": float(p), "rank": rank}
        part["actual"] = really if was is None else {**really, "was": float(was[tokens.ids[actual]])}
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
