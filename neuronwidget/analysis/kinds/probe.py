"""Base of probes: one input that is run again and again, with parts of it taken out or with edits in the model."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar, Self

from torch import Tensor

from neuronwidget.live.resume import Resume
from neuronwidget.live.structure.sites import Site


class Probe(ABC):
    """One input of a live model, cut into parts that can be taken out of it.

    Attributes
    ----------
    part, parts
        What a part is called, and several of them: "token", "tokens".
    draws
        How many ways there are to take a part out: more than one where something drawn at random takes its place.
    names
        What each part is: a token, a column, (y, x) of the upper left corner of a patch.
    given
        The whole input as the model takes it.
    """

    part: ClassVar[str]
    parts: ClassVar[str]
    draws: ClassVar[int] = 1
    names: Sequence[Any]
    given: Any

    @abstractmethod
    def __init__(self, live: Any, x: Any, *, instead: Any = None, seed: int = 0) -> None:
        """`instead`: another input of this kind, parts of which take the place of what is taken out."""

    @abstractmethod
    def without(self, chosen: Collection[int], draw: int = 0) -> Any:
        """The input with something else in the place of some parts; for each part and draw always the same."""

    @abstractmethod
    def values(self, given: Any, site: Site) -> Tensor:
        """What a site does on an input: float32 [positions, units]."""

    @abstractmethod
    def outputs(self, given: Any) -> Tensor:
        """The logarithms of the probabilities that the model gives its outputs: float32 [outputs]."""

    @abstractmethod
    def resumed(self, resume: Resume, edited: Any, overtaken: Callable[[], bool] | None = None) -> Tensor:
        """`outputs` of the whole input by an edited live model, run again only from its first edited place on."""

    @abstractmethod
    def numbers(self, given: Any) -> Tensor:
        """The numbers through which an input reaches the model: a picture's pixels, a text's embeddings."""

    @abstractmethod
    def run(self, numbers: Tensor) -> object:
        """What the model returns for such numbers, in a pass that keeps gradients. Call it inside `running`."""

    @abstractmethod
    def outputs_of(self, returned: object) -> Tensor:
        """`outputs`, of what the model returned."""

    def on(self, live: Any) -> Self:
        """The same input for another live model of the same module: an edited one."""
        other = copy.copy(self)
        other._take(live)
        return other

    @abstractmethod
    def _take(self, live: Any) -> None:
        """Run on another live model from now on."""

    def reaching(self, position: int | None) -> list[int]:
        """The parts that can have a say in a position of a site, or in the output (None)."""
        return list(range(len(self.names)))
