"""What a model of text says: the next token, the token itself, the first of an answer, or the class of the whole."""

from __future__ import annotations

import time

from torch import Tensor

from neuronwidget.live.inputs.text import Tokens
from neuronwidget.live.prediction import Guess
from neuronwidget.live.token_model import TokenModel
from neuronwidget.stream.protocol.answers import Guesses, GuessItem

#: Steps of an answer that are listed.
_MOST_STEPS = 32


def guesses(
    live: TokenModel, k: int, tokens: Tokens, window: tuple[int, int], token: int, hidden: Tensor | None
) -> tuple[Guesses | None, float]:
    """What the model says at `token`, and how it rated what really stands there.

    `Guesses` in `js/src/wire/protocol.ts` is the same.
    `hidden` is the stream that goes into the head [window's tokens, width], where that was recorded; without it the
    model runs once more. None where the model has no opinion: no head, or an output that is not finite. Beside it the
    seconds that passed in the model.
    """
    if not live.predicts:
        return None, 0.0
    began = time.perf_counter()
    logits = _logits(live, tokens, window, token, hidden)
    seconds = time.perf_counter() - began
    return _said(live, k, tokens, token, logits), seconds


def _logits(live: TokenModel, tokens: Tokens, window: tuple[int, int], token: int, hidden: Tensor | None) -> Tensor:
    start, end = window
    if hidden is not None:
        return live.head_logits(hidden[token - start])
    if live.predicts == "next":
        return live.logits(tokens.ids[start : token + 1])
    return live.logits(tokens.ids[start:end], token - start if live.predicts == "here" else -1)


def _said(live: TokenModel, k: int, tokens: Tokens, token: int, logits: Tensor) -> Guesses | None:
    if logits.ndim > 1:
        return _said_in_steps(live, logits)
    guess = Guess.of(logits, k)
    if not bool(guess.every.isfinite().all()):
        return None  # NaN is no JSON
    listed: list[GuessItem] = [
        {"text": _name(live, i), "p": p} for i, p in zip(guess.ids, guess.probabilities, strict=True)
    ]
    said: Guesses = {"about": live.predicts, "list": listed, "actual": None}
    if live.inputs.classes is not None or live.predicts == "whole":
        return {**said, "classes": True}
    really = {"next": token + 1, "here": token}.get(live.predicts, len(tokens))
    if really < len(tokens) and tokens.ids[really] < len(guess.every):
        p = guess.every[tokens.ids[really]]
        rank = int((guess.every > p).sum()) + 1
        said["actual"] = {"text": tokens.piece(really), "p": float(p), "rank": rank}
    return said


def _said_in_steps(live: TokenModel, logits: Tensor) -> Guesses | None:
    """What the model says most likely at each step [steps, classes], in order."""
    if not bool(logits.isfinite().all()):
        return None
    best = [Guess.of(row, 1) for row in logits[:_MOST_STEPS]]
    listed: list[GuessItem] = [
        {"text": f"step {step}: {_name(live, guess.ids[0])}", "p": guess.probabilities[0]}
        for step, guess in enumerate(best)
    ]
    return {"about": live.predicts, "list": listed, "actual": None, "classes": True}


def _name(live: TokenModel, number: int) -> str:
    nameless = live.predicts == "whole" and live.inputs.classes is None
    return f"class {number}" if nameless else live.inputs.label(number)
