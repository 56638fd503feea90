"""Concepts as regular expressions: the characters of a text that match."""

from __future__ import annotations

import re

import numpy as np

from neuronwidget.analysis.inspect.text_matches import compiled
from neuronwidget.analysis.predicates.predicate import Example, Flags, Predicate, PredicateError

#: Where a pattern has a group of this name, only what that matches is marked.
_GROUP = "mark"


class PatternPredicate(Predicate):
    """Characters that match a pattern; of a pattern with a group called `mark` those of that group.

    >>> PatternPredicate(r"= (?P<mark>[0-9]+)").found(Example("x = 12")).nonzero()[0].tolist()
    [4, 5]
    """

    def __init__(self, pattern: str | re.Pattern[str], name: str | None = None) -> None:
        self.pattern = compiled(pattern)
        self.name = name or f"/{self.pattern.pattern}/"
        self._group: str | int = _GROUP if _GROUP in self.pattern.groupindex else 0

    def found(self, example: Example) -> Flags:
        if not isinstance(example.content, str):
            raise PredicateError(
                f"{self.name} is a pattern, and patterns are looked for in texts: give a function of the input, a "
                "column, or masks."
            )
        marked = np.zeros(len(example.content), np.bool_)
        for match in self.pattern.finditer(example.content):
            start, end = match.span(self._group)
            marked[max(start, 0) : max(end, 0)] = True
        return marked
