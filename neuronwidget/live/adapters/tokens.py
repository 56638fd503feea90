"""Text inputs out of a tokenizer: those of `transformers` and `tokenizers`, or anything that encodes and decodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from neuronwidget.live.inputs.text import TextInputs

#: The most tokens looked at in one go where the model would take more: a picture has no room for them.
LONGEST = 1024

Spans = list[tuple[int, int]]


def inputs_from(tokenizer: Any, **settings: Any) -> TextInputs:
    """`TextInputs` that cut text as `tokenizer` does; `settings` as `TextInputs` takes them."""
    if hasattr(tokenizer, "convert_ids_to_tokens"):
        reading = _Pretrained(tokenizer)
        template = reading.chat if getattr(tokenizer, "chat_template", None) else None
        return TextInputs(reading.encode, reading.decode, specials=specials(tokenizer), template=template, **settings)
    if hasattr(tokenizer, "get_vocab_size") and hasattr(tokenizer, "encode"):  # tokenizers.Tokenizer
        raw = _Raw(tokenizer)
        return TextInputs(raw.encode, raw.decode, **settings)
    return TextInputs(tokenizer.encode, tokenizer.decode, **settings)


def vocabulary_size(tokenizer: Any) -> int | None:
    """One more than the largest token number that can come; None where nothing tells it."""
    if hasattr(tokenizer, "get_vocab"):
        return max(tokenizer.get_vocab().values(), default=-1) + 1
    size = getattr(tokenizer, "n_vocab", None)
    return size if isinstance(size, int) else None


def specials(tokenizer: Any) -> dict[int, str]:
    """Token numbers that are no text, as the tokenizer writes them: `<|endoftext|>`, `[CLS]`."""
    added: Mapping[int, Any] = getattr(tokenizer, "added_tokens_decoder", {})
    numbers = {*tokenizer.all_special_ids, *(number for number, token in added.items() if token.special)}
    numbers.discard(getattr(tokenizer, "unk_token_id", None))  # stands for some text, and is shown as that
    return {number: str(tokenizer.convert_ids_to_tokens(number)) for number in numbers}


class _Pretrained:
    """A tokenizer of `transformers`."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._fast = bool(getattr(tokenizer, "is_fast", False))

    def encode(self, text: str) -> list[int] | tuple[list[int], Spans]:
        # verbose: a text beyond the model's length is seen through a window, which needs no warning
        made = self._tokenizer(text, return_offsets_mapping=self._fast, verbose=False)
        ids = list(made["input_ids"])
        twice = self._begins_twice(text, ids)
        if not self._fast:
            return ids[twice:]
        return ids[twice:], tidy(made["offset_mapping"][twice:])

    def _begins_twice(self, text: str, ids: list[int]) -> int:
        """1 where the text itself begins with the mark that the tokenizer puts before every text."""
        mark, number = getattr(self._tokenizer, "bos_token", None), getattr(self._tokenizer, "bos_token_id", None)
        return int(mark is not None and text.startswith(mark) and ids[:2] == [number, number])

    def decode(self, ids: list[int]) -> str:
        if len(ids) == 1:
            piece = self._tokenizer.convert_ids_to_tokens(ids[0])
            if piece is None:
                return f"⟨{ids[0]}⟩"  # models often have more numbers than the tokenizer has tokens
            if isinstance(piece, str) and piece.startswith("▁"):
                return piece.replace("▁", " ")  # decoding drops the blank that a word begins with
        return str(self._tokenizer.decode(ids, clean_up_tokenization_spaces=False))

    def chat(self, messages: Sequence[Mapping[str, Any]], **settings: Any) -> str:
        return str(self._tokenizer.apply_chat_template(list(messages), tokenize=False, **settings))


class _Raw:
    """A `tokenizers.Tokenizer`."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def encode(self, text: str) -> tuple[list[int], Spans]:
        made = self._tokenizer.encode(text)
        return made.ids, tidy(made.offsets)

    def decode(self, ids: list[int]) -> str:
        return str(self._tokenizer.decode(ids, skip_special_tokens=False))


def tidy(offsets: Sequence[tuple[int, int]]) -> Spans:
    """Spans in order: tokens that share characters share one span, marks put in by the tokenizer stand where they are.

    >>> tidy([(0, 0), (0, 2), (1, 4), (4, 5), (0, 0)])
    [(0, 0), (0, 4), (0, 4), (4, 5), (5, 5)]
    """
    spans: Spans = []
    group = end = 0  # the first token of those that overlap, and how far they reach
    for start, stop in offsets:
        if start == stop:
            spans.append((end, end))
            group = len(spans)
            continue
        if start >= end or group == len(spans):
            group = len(spans)
            spans.append((max(start, end), max(stop, end)))
        else:
            union = (spans[group][0], max(end, stop))
            spans[group:] = [union] * (len(spans) - group + 1)
        end = spans[-1][1]
    return spans
