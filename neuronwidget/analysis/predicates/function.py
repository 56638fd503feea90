"""Concepts as functions of an input, and what such a function may give."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neuronwidget.analysis.predicates.predicate import Example, Flags, Predicate, PredicateError


class FunctionPredicate(Predicate):
    """What a function says of an input: True or False, spans of characters, or marks.

    >>> FunctionPredicate(str.isupper).found(Example("ABC"))
    True
    >>> FunctionPredicate(lambda text: [(0, 1)], "first").found(Example("ab")).tolist()
    [True, False]
    """

    def __init__(self, function: Callable[[Any], Any], name: str | None = None) -> None:
        own = getattr(function, "__name__", type(function).__name__)
        self.function, self.name = function, name or ("a function" if own == "<lambda>" else own)

    def found(self, example: Example) -> bool | Flags | None:
        return read(self.function(example.content), example.content, self.name)


def read(given: Any, content: Any, name: str) -> bool | Flags | None:
    """What a person's function gave for an input, as a predicate says it; refuses in a sentence what is neither."""
    if given is None or isinstance(given, (bool, np.bool_)):
        return None if given is None else bool(given)
    if isinstance(given, (list, tuple)) and all(_is_span(item) for item in given):
        return _of_spans(given, content, name)
    marks = given.detach().cpu().numpy() if hasattr(given, "detach") else np.asarray(given)
    if marks.dtype != np.bool_ or marks.ndim not in (0, 1, 2) or not marks.size:
        raise PredicateError(
            f"{name} gave {type(given).__name__} {str(given)[:40]}: give True or False, a list of spans (start, end), "
            "or bool marks, one a character of a text, or [height, width] of a picture."
        )
    if marks.ndim == 0:
        return bool(marks)
    if marks.ndim == 1 and not (isinstance(content, str) and len(content) == len(marks)):
        many = f"a text of {len(content):,} characters" if isinstance(content, str) else "an input that is no text"
        raise PredicateError(f"{name} gave {len(marks):,} marks for {many}: give one a character.")
    return marks


def _is_span(item: Any) -> bool:
    return isinstance(item, (tuple, list)) and len(item) == 2 and all(type(end) is int for end in item)


def _of_spans(spans: Any, content: Any, name: str) -> Flags:
    if not isinstance(content, str):
        raise PredicateError(f"{name} gave spans, and they are of texts: give True or False, or a mask of the picture.")
    marked = np.zeros(len(content), np.bool_)
    for start, end in spans:
        if not 0 <= start <= end <= len(content):
            raise PredicateError(
                f"{name} gave the span ({start}, {end}) for a text of {len(content):,} characters: a span is a start "
                "and an end in it."
            )
        marked[start:end] = True
    return marked
