"""Makes a predicate of whatever a concept is given as."""

from __future__ import annotations

import re
from typing import Any

from neuronwidget.analysis.predicates.function import FunctionPredicate
from neuronwidget.analysis.predicates.listed import ColumnPredicate, MaskPredicate
from neuronwidget.analysis.predicates.pattern import PatternPredicate
from neuronwidget.analysis.predicates.predicate import Predicate, PredicateError


def predicate_of(given: Any, name: str | None = None) -> Predicate:
    """A concept as something that can be asked of each input of a data set.

    Parameters
    ----------
    given
        A regular expression: what matches in a text has the concept; of a pattern with a group called `mark` what that
        group matches. A function of an input (text, picture, row) that says True or False, or where: spans (start,
        end), bool [characters] or bool [height, width]; None where nobody can say. A column of a frame, or a list, that
        says True or False of each input of the data in their order. Masks, bool [inputs, height, width], or a list of
        them with None for pictures in which nobody looked. `nw.python_tokens("comment")`, for Python source.
    name
        What it is called; by default by the pattern, the function's name, or that of the column.

    Examples
    --------
    >>> predicate_of("#.*", "comment")
    PatternPredicate('comment')
    >>> predicate_of([True, False])
    ColumnPredicate('a column')
    """
    if isinstance(given, Predicate):
        return given
    if isinstance(given, (str, re.Pattern)):
        return PatternPredicate(given, name)
    if callable(given):
        return FunctionPredicate(given, name)
    if not hasattr(given, "__getitem__") or not hasattr(given, "__len__") or isinstance(given, dict):
        raise PredicateError(
            f"{type(given).__name__} is no concept: give a regular expression, a function of an input, a column of "
            "True and False, or masks of pictures."
        )
    items = given.tolist() if hasattr(given, "tolist") and getattr(given, "ndim", 1) == 1 else given
    first = next((item for item in items if item is not None), None)
    return MaskPredicate(items, name) if getattr(first, "ndim", 0) == 2 else ColumnPredicate(given, name)
