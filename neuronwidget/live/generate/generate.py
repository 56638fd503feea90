"""Generates text: the next token from the model's own output, again and again.

Each step runs only the token that is new, where the model has a cache that can be trusted (see `reuse`), and its head
for that one row. Edits act in every step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor

from neuronwidget.live.capture import Overtaken
from neuronwidget.live.errors import AttachError
from neuronwidget.live.generate.generation import GeneratedToken, Generation
from neuronwidget.live.inputs.tensors import InputError
from neuronwidget.live.inputs.text import TextInputs
from neuronwidget.live.reuse import Reader

OnToken = Callable[[GeneratedToken], object]


class ContinuesText(Protocol):
    """What is asked of a live model of text here. `ends`: the token numbers with which it ends a text."""

    name: str
    inputs: TextInputs
    context: int
    predicts: str
    ends: frozenset[int]

    @property
    def tells_each_token(self) -> bool: ...

    @property
    def edits(self) -> Sequence[Any]: ...

    def generating(self, prompt: int, /) -> AbstractContextManager[None]: ...

    def reader(self) -> Reader: ...

    def read_logits(
        self, reader: Reader, ids: Sequence[int], /, *, overtaken: Callable[[], bool] | None = None
    ) -> Tensor: ...


def generate(
    live: ContinuesText,
    x: str,
    tokens: int,
    *,
    seed: int,
    temperature: float,
    on_token: OnToken | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> Generation:
    """Continue a text until it has so many tokens more, the model ends it, or it is not wanted any more."""
    added: list[GeneratedToken] = []
    ended = "tokens"
    try:
        for token in TokenStream(live, x, tokens, seed=seed, temperature=temperature, overtaken=overtaken):
            added.append(token)
            if on_token is not None:
                on_token(token)
            if token.ends:
                ended = "end"
                break
    except Overtaken:
        ended = "stopped"
    return as_generation(live, x, added, ended, seed, temperature)


def as_generation(
    live: ContinuesText, x: str, added: Sequence[GeneratedToken], ended: str, seed: int, temperature: float
) -> Generation:
    """Tokens that were added to a text, as a whole."""
    ids = [token.id for token in added if not token.ends]
    edits = tuple(str(edit) for edit in live.edits)
    return Generation(live.name, x, _continuation(live, x, ids), tuple(added), ended, seed, float(temperature), edits)


class TokenStream(Iterator[GeneratedToken]):
    """The tokens that continue a text, one by one, also beyond the one that ends it.

    A step that raises `Overtaken` was broken off and added nothing: the next one tries the same token again. Two
    streams of one seed draw alike: at each step the same random numbers meet what each model expects, so that where
    both expect the same, both say the same.
    """

    def __init__(
        self,
        live: ContinuesText,
        x: str,
        tokens: int,
        *,
        seed: int = 0,
        temperature: float = 0.0,
        overtaken: Callable[[], bool] | None = None,
    ) -> None:
        _check(live, tokens, temperature)
        self._ids = list(live.inputs.tokens(x).ids)
        if not self._ids:
            raise InputError("There is nothing to continue: give a text of one token at least.")
        self._live, self._prompt, self._end = live, len(self._ids), len(self._ids) + tokens
        self._reader, self._source = live.reader(), torch.Generator().manual_seed(seed)
        self._temperature, self._overtaken = temperature, overtaken

    def __next__(self) -> GeneratedToken:
        live, ids = self._live, self._ids
        if len(ids) >= self._end:
            raise StopIteration
        if self._overtaken is not None and self._overtaken():
            raise Overtaken
        start = window_start(len(ids), live.context)
        with live.generating(max(0, self._prompt - start)):
            logits = live.read_logits(self._reader, ids[start:], overtaken=self._overtaken)
        scores = logits.detach().to("cpu", torch.float32)
        chosen, probability, rank = _chosen(live, scores, self._temperature, self._source)
        ids.append(chosen)
        number = len(ids) - self._prompt - 1
        return GeneratedToken(number, chosen, live.inputs.label(chosen), probability, rank, chosen in live.ends)


def _chosen(live: ContinuesText, logits: Tensor, temperature: float, source: torch.Generator) -> tuple[int, float, int]:
    """The next token, its probability, and its place among all; of equals the first."""
    if not bool(torch.isfinite(logits).any()) or bool(torch.isnan(logits).any()):
        raise AttachError(f"The output of {live.name} holds NaN or nothing that is finite: no token can be chosen.")
    scores = logits
    if temperature > 0:  # the largest of these sums is a draw from the softmax (Gumbel's)
        uniform = torch.rand(logits.shape, generator=source, dtype=torch.float64).clamp_min(1e-300)
        scores = logits.double() / temperature - torch.log(-torch.log(uniform))
    chosen = int(scores.argmax())
    probability = float(logits.softmax(-1)[chosen])
    return chosen, probability, 1 + int((logits > logits[chosen]).sum())


def window_start(tokens: int, context: int) -> int:
    """Where what the model reads of so many tokens begins: at the first, or in steps of a quarter of its context.

    >>> [window_start(n, 8) for n in (1, 8, 9, 10, 11)]
    [0, 0, 2, 2, 4]
    """
    step = max(1, context // 4)
    return max(0, -(-(tokens - context) // step) * step)


def _continuation(live: ContinuesText, x: str, ids: list[int]) -> str:
    """Token numbers that follow a text as text: some tokenizers drop the blank that a text would begin with."""
    if not ids:
        return ""
    before = live.inputs.tokens(x).ids
    whole, start = live.inputs.decode([*before, *ids]), live.inputs.decode(before)
    return whole[len(start) :] if whole.startswith(start) else live.inputs.decode(ids)


def _check(live: ContinuesText, tokens: int, temperature: float) -> None:
    if live.predicts == "first":
        raise AttachError(
            f"{live.name} answers a text in a decoder of its own and does not continue it: live.generate is for "
            "models that predict the next token. The module's own generate works inside `with live.edit(…):`."
        )
    if live.predicts != "next" or not live.tells_each_token:
        raise AttachError(
            f"{live.name} does not predict the next token, so it continues no text; live.predict says what it tells."
        )
    if isinstance(tokens, bool) or not isinstance(tokens, int) or tokens < 1:
        raise ValueError(f"tokens= is how many are added, 1 at least, not {tokens!r}.")
    if not isinstance(temperature, (int, float)) or not math.isfinite(temperature) or temperature < 0:
        raise ValueError(f"temperature= is 0 for the most probable token, or a number above it, not {temperature!r}.")
