"""Base of predicates: a concept, and whether and where an input of a data set has it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.predicates.places import at_positions
from neuronwidget.live.structure.sites import Site

Flags = NDArray[np.bool_]


class PredicateError(ValueError):
    """A concept that cannot be understood, or that says nothing of the inputs it is asked about."""


@dataclass(frozen=True)
class Example:
    """An input that a predicate is asked about: what a person edits (a text, a picture, a row), and its number."""

    content: Any
    number: int = 0


class Predicate(ABC):
    """A concept. Made by `predicate_of` of a pattern, a function, a column, or masks.

    Attributes
    ----------
    name
        What it is called in verdicts and tables.
    """

    name: str

    @property
    def length(self) -> int | None:
        """The number of inputs that it says something of, where it is a list beside them; None: of any number."""
        return None

    def check_length(self, data: Any) -> None:
        """Refuses data of which there is another number; data that do not tell how many they are pass."""
        given = getattr(data, "read", None) or (
            None if isinstance(data, str) or not hasattr(data, "__len__") else len(data)
        )
        if self.length is not None and isinstance(given, int) and given != self.length:
            raise PredicateError(
                f"{self.name} speaks of {self.length:,} inputs, and there are {given:,}: give one value for each, in "
                "their order."
            )

    @abstractmethod
    def found(self, example: Example) -> bool | Flags | None:
        """Where an input has it: bool [characters] or [height, width]; or only whether. None: nobody looked."""

    def holds(self, example: Example) -> bool:
        """Has the input it, anywhere?

        >>> from neuronwidget.analysis.predicates.given import predicate_of
        >>> predicate_of("#.*").holds(Example("x = 1  # one"))
        True
        """
        flags = self.found(example)
        return flags is not None and bool(np.any(flags))

    def finds_places(self, example: Example) -> bool:
        """Does it say where in an input it is, or only whether?"""
        return not isinstance(self.found(example), (bool, type(None)))

    def marks(self, live: Any, site: Site, example: Example) -> Flags | None:
        """Which positions of a site have it: bool [positions], as `live.record` would give them. None: nobody looked.

        A token is marked where one of its characters is; a position of a picture where half of its part of the picture
        is. What is said of the whole input is said of each of its positions.
        """
        flags = self.found(example)
        return None if flags is None else at_positions(live, site, example.content, flags)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"
