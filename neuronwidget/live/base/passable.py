"""Base of live models: passes over inputs of any kind, for what knows no kind: edits that run on, questions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from neuronwidget.live.structure.sites import Site


class Passable(ABC):
    """What can be run on inputs without asking of which kind they are."""

    name: str

    @abstractmethod
    def given(self, x: Any) -> Any:
        """What a pass over one input is given: the numbers of the tokens in its window, or what is prepared of it."""

    def batches(self, inputs: Sequence[Any]) -> list[tuple[Any, int]]:
        """What passes over several inputs are given, and how many inputs each pass takes."""
        return [(self.given(x), 1) for x in inputs]

    @abstractmethod
    def sample_given(self) -> Any:
        """What a pass over a short input is given that never changes."""

    @abstractmethod
    def run_given(self, given: Any) -> object:
        """Run the model on what `given` made. Call it inside `running`."""

    @abstractmethod
    def rows_of(self, site: Site, tensor: Tensor, given: Any) -> Tensor:
        """What a site did in a pass: float32 [positions, units]."""

    @abstractmethod
    def said(self, output: object) -> Tensor:
        """What the model says in what it returned: [tokens, steps or inputs of the pass, outputs]."""

    def log_probabilities(self, outputs: Tensor) -> Tensor:
        """What it says, or rows of it, as logarithms of probabilities: float32 [rows, choices] on the CPU.

        Gradients are kept.
        """
        return outputs.to("cpu", torch.float32).log_softmax(-1)

    @property
    def head_site(self) -> Site | None:
        """The stream that goes into the output head, where each of its rows makes one row of what is said."""
        return None

    def head_logits(self, rows: Tensor) -> Tensor:
        """What is said by rows [width] or [rows, width] of `head_site`, on which edits have acted."""
        raise NotImplementedError(f"{self.name} has no head that can be run alone.")
