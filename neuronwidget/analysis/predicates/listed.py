"""Concepts as lists beside a data set: a column that says which inputs have it, or masks that say where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from neuronwidget.analysis.predicates.predicate import Example, Flags, Predicate, PredicateError


class ColumnPredicate(Predicate):
    """Whether each input has it, by its number in the data; None and missing values: nobody looked.

    >>> ColumnPredicate([True, None]).found(Example("a", 0)), ColumnPredicate([True, None]).found(Example("b", 1))
    (True, None)
    """

    def __init__(self, column: Any, name: str | None = None) -> None:
        self.name = name or str(getattr(column, "name", None) or "a column")
        self._flags = [self._flag(value) for value in (column.tolist() if hasattr(column, "tolist") else column)]

    def _flag(self, value: Any) -> bool | None:
        if value is None or str(value) == "<NA>" or value != value:
            return None
        if value not in (0, 1):
            raise PredicateError(
                f"{self.name} holds {value!r}: a column says True or False of each input. Compare first, as in "
                "frame['diagnosis'] == 'malignant'."
            )
        return bool(value)

    @property
    def length(self) -> int:
        return len(self._flags)

    def found(self, example: Example) -> bool | None:
        if example.number >= len(self._flags):
            raise PredicateError(_too_short(self.name, len(self._flags), "values"))
        return self._flags[example.number]


class MaskPredicate(Predicate):
    """Where each picture has it, by its number in the data: bool [height, width]; None: nobody looked.

    A mask spans the picture as the model sees it, in any resolution.

    >>> MaskPredicate([np.eye(2, dtype=bool), None]).holds(Example(None, 0))
    True
    """

    def __init__(self, masks: Sequence[Any], name: str | None = None) -> None:
        self.name = name or "masks"
        self._masks = masks

    @property
    def length(self) -> int:
        return len(self._masks)

    def found(self, example: Example) -> Flags | None:
        if example.number >= len(self._masks):
            raise PredicateError(_too_short(self.name, len(self._masks), "masks"))
        given = self._masks[example.number]
        if given is None:
            return None
        mask = np.asarray(given)
        if mask.ndim != 2 or not mask.size or (mask.dtype != np.bool_ and not np.isin(mask, (0, 1)).all()):
            raise PredicateError(
                f"Mask {example.number} of {self.name} is {mask.dtype} {list(mask.shape)}: a mask is True or False "
                "for each [height, width]."
            )
        return mask.astype(np.bool_)


def _too_short(name: str, count: int, what: str) -> str:
    return f"{name} has {count:,} {what}, and there are more inputs: give one for each, in their order."
