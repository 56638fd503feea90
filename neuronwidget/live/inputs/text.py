"""The kind "text": characters a person edits, token numbers the model eats, and where each token lies in the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from neuronwidget.live.inputs.tensors import InputError

#: Halves of characters, which a text from JSON or from a file's name may hold alone; UTF-8 has none for them.
_SURROGATES = re.compile("[\ud800-\udfff]")
SAMPLE = "The quick brown fox jumps over the lazy dog. def f(x): return x"
_BROKEN = "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Tokens:
    """A text cut into tokens.

    `spans` are start and end of each token in the text, in code points. A token that holds only a part of a character
    has the span of the whole character; one that is no text at all has an empty span and a label.
    """

    text: str
    ids: list[int]
    spans: list[tuple[int, int]]
    labels: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def piece(self, index: int) -> str:
        """What token `index` looks like."""
        start, end = self.spans[index]
        return self.labels.get(index, self.text[start:end])

    @property
    def pieces(self) -> list[str]:
        return [self.piece(index) for index in range(len(self))]

    def at(self, offset: int) -> int | None:
        """The token just before a cursor at `offset`, or the first one; None where there are no tokens."""
        before = [i for i, (start, end) in enumerate(self.spans) if start < offset and start < end]
        return before[-1] if before else (0 if self.ids else None)

    def left_out(self, start: int, end: int) -> list[str]:
        """Labels of the tokens outside a window that the tokenizer put around the text: the model reads on without."""
        inside = range(start, end)
        return [name for i, name in self.labels.items() if i not in inside and self.spans[i][0] == self.spans[i][1]]

    def window(self, focus: int, context: int, previous: int = 0) -> tuple[int, int]:
        """The tokens that are looked at: all, or `context` of them around token `focus`.

        The window moves in steps of a quarter, and stays where it was as long as it holds the focus, so that typing at
        the end of a long text does not shift it with every key.
        """
        n = len(self)
        if n <= context:
            return 0, n
        step = max(1, context // 4)
        if previous <= focus < previous + context and previous > 0 and previous + context < n + step:
            return previous, min(n, previous + context)
        start = max(0, -(-(focus + 1 - context) // step) * step)
        return start, min(n, start + context)


class TextInputs:
    """Text for any model: two callables are enough.

    Parameters
    ----------
    encode
        Text → token numbers, or (token numbers, spans) where the tokenizer knows its spans.
    decode
        Token numbers → text.
    context
        The most tokens looked at in one go.
    feed
        How the model is called: takes the numbers as a tensor [1, tokens] on the model's device, returns the arguments
        as a tuple or as a dict of keyword arguments. Default: the tensor alone.
    specials
        Token numbers that are no text, with the label to show: `{0: "<bos>"}`.
    classes
        Names of what the model tells apart, where it does not tell tokens: `["negative", "positive"]`.
    template
        Messages of a chat → the text that the model reads; see `chat`.

    Examples
    --------
    >>> inputs = TextInputs(encode=lambda text: [ord(c) % 128 for c in text], decode=lambda ids: "".join(map(chr, ids)))
    >>> inputs.tokens("ab").spans
    [(0, 1), (1, 2)]
    """

    kind = "text"

    def __init__(
        self,
        encode: Callable[[str], Any],
        decode: Callable[[list[int]], str],
        *,
        context: int = 1024,
        feed: Callable[[Tensor], Any] | None = None,
        specials: dict[int, str] | None = None,
        sample: str = SAMPLE,
        classes: Sequence[str] | None = None,
        template: Callable[..., str] | None = None,
    ) -> None:
        self.encode = encode
        self.decode = decode
        self.context = context
        self.feed = feed
        self.specials = specials or {}
        self.sample = sample
        self.classes = None if classes is None else list(classes)
        self.template = template

    def examples(self) -> list[str]:
        """Texts to try things on."""
        return [self.sample]

    def tokens(self, text: str) -> Tokens:
        """Cut a text into tokens and find where each lies."""
        if not isinstance(text, str):
            raise InputError(
                f"A model of text is given a string, not {type(text).__name__}. Token numbers become one by "
                "live.inputs.decode(numbers)."
            )
        if not text:
            return Tokens("", [], [])
        text, encoded = self._encoded(text)
        spans: Sequence[tuple[int, int]] | None = None
        if isinstance(encoded, tuple) and len(encoded) == 2 and not isinstance(encoded[0], int):
            encoded, spans = encoded
        try:
            ids = [int(i) for i in (encoded.flatten().tolist() if isinstance(encoded, Tensor) else encoded)]
        except (TypeError, ValueError) as error:
            raise InputError(
                f"encode returned {str(encoded)[:60]} for {text[:24]!r}: it must return token numbers, a list of whole "
                "numbers."
            ) from error
        if spans is None:
            spans = self._find_spans(text, ids)
        labels = {i: self.specials[number] for i, number in enumerate(ids) if number in self.specials}
        for i, (start, end) in enumerate(spans):
            if start == end and i not in labels:
                labels[i] = self._piece([ids[i]]) or "∅"
        return Tokens(text, ids, [(int(a), int(b)) for a, b in spans], labels)

    def _encoded(self, text: str) -> tuple[str, Any]:
        """What the tokenizer makes of a text; of lone surrogates, where it takes none, replaced."""
        try:
            return text, self.encode(text)
        except (UnicodeError, TypeError):
            whole = without_surrogates(text)
            if whole == text:
                raise
            return whole, self.encode(whole)

    def sample_ids(self, length: int) -> list[int]:
        """Some numbers of the wanted length, for finding out how the model is built."""
        ids = self.tokens(self.sample).ids or [0]
        return (ids * (length // len(ids) + 1))[:length]

    def arguments(self, ids: Tensor) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """How to call the model with token numbers [1, tokens]."""
        fed = ids if self.feed is None else self.feed(ids)
        if isinstance(fed, dict):
            return (), fed
        return (fed if isinstance(fed, tuple) else (fed,)), {}

    def chat(self, messages: Sequence[Mapping[str, Any]] | str, **settings: Any) -> str:
        """A conversation as the text that the model was trained to read, to be looked at and edited.

        `messages` as `[{"role": "user", "content": "Hello"}, …]`, or what a user says, alone. `settings` go to the
        tokenizer's template.
        """
        if self.template is None:
            raise ValueError("The tokenizer has no chat template. Give one: TextInputs(…, template=messages_to_text).")
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        return self.template(messages, **settings)

    def label(self, number: int) -> str:
        """What to call an entry of the model's output: the name of a class, or a token."""
        if self.classes is None:
            return self.specials.get(number) or self._piece([number])
        return self.classes[number] if number < len(self.classes) else str(number)

    def _piece(self, ids: list[int]) -> str:
        """Some token numbers as text."""
        piece = self.decode(ids)
        if not isinstance(piece, str):
            raise InputError(
                f"decode returned {type(piece).__name__} for {ids}: it must return a string, such as "
                'decode=lambda numbers: "".join(letters[number] for number in numbers).'
            )
        return piece

    def _find_spans(self, text: str, ids: list[int]) -> list[tuple[int, int]]:
        """Follow the text along the decoded tokens; tokens that share a character share its span."""
        spans: list[tuple[int, int]] = []
        lost = False
        place = first = 0
        while first < len(ids):
            last, piece = first + 1, self._piece([ids[first]])
            # A character may be spread over a few tokens; alone each decodes to nonsense.
            while _BROKEN in piece and not text.startswith(piece, place) and last < min(len(ids), first + 8):
                last += 1
                piece = self._piece(ids[first:last])
            begin = place if text.startswith(piece, place) else _near(text, piece, place)
            if begin is None:
                lost = True
                last, start, end = first + 1, place, place
            else:
                start, end = begin, begin + len(piece)
            spans += [(start, end)] * (last - first)
            place, first = end, last
        if lost and len(ids) == len(text):
            return [(i, i + 1) for i in range(len(text))]  # a token a character, whatever it decodes to
        return spans


def _near(text: str, piece: str, place: int) -> int | None:
    """Where a decoded piece stands a little further on, for tokenizers that drop or change blanks and case."""
    if not piece.strip():
        return None
    ahead = text[place : place + len(piece) + 16]
    at = ahead.find(piece)
    if at < 0:
        haystack, needle = ahead.casefold(), piece.strip().casefold()
        at = haystack.find(needle) if len(needle) == len(piece) and len(haystack) == len(ahead) else -1
    return place + at if at >= 0 else None


def without_surrogates(text: str) -> str:
    r"""A text that can be written to a file: U+FFFD stands for each half of a character that has no other half.

    >>> without_surrogates("a\ud800b")
    'a\ufffdb'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SURROGATES.sub(_BROKEN, text)
    return text


def as_ids(ids: Sequence[int], device: torch.device) -> Tensor:
    """Token numbers as a tensor [1, tokens]."""
    return torch.tensor([list(ids)], dtype=torch.long, device=device)
