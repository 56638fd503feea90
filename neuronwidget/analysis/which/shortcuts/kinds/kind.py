"""Base of the kinds of input as shortcuts know them: plain properties of inputs, and where in them a unit looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Measured:
    """Plain properties of inputs: what they are called, and values [inputs, properties]."""

    names: list[str]
    values: Floats


@dataclass(frozen=True, eq=False)
class Looks:
    """Where in inputs a unit looks.

    Attributes
    ----------
    words
        What the entries of `where` are: "places", "tokens", "columns".
    where
        The strongest places first, each with its share.
    map
        Shares over a picture [height, width], which sum to 1; None where inputs are none.
    average
        The mean picture of the inputs the unit is strongest on, 0 to 1: [height, width, channels].
    """

    words: str = ""
    where: list[tuple[str, float]] = field(default_factory=list)
    map: Floats | None = None
    average: NDArray[np.float32] | None = None


class PropertyKind:
    """A kind of input: as it stands, one without plain properties and of which nothing is known of where a unit looks.

    Attributes
    ----------
    tried
        What properties are looked at, in words: a sentence about a data set that has none says that.
    moves
        What of an input `moved` changes, in words.
    """

    tried: ClassVar[str] = ""
    moves: ClassVar[str] = ""

    def measured(self, contents: Sequence[Any], first: NDArray[np.bool_]) -> Measured:
        """Properties of inputs, as they are shown. What is to be chosen, such as words, is chosen on the `first`."""
        return Measured([], np.zeros((len(contents), 0)))

    def moved(self, live: Any, x: Any, like: Any) -> Any | None:
        """An input with what is plain of another one, which shows what it showed; None: that cannot be made."""
        return None

    def looks(self, live: Any, inputs: Sequence[Any], site: Site, unit: int) -> Looks:
        """Where a unit looks in some inputs, those that it is strongest on."""
        return Looks()
