"""Least and largest values of units, of which histograms, peaks and intervals are made."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

INFINITY = float("inf")
SEGMENT = 16
"""Of so many positions the ends are known, so that a peak is looked for among few."""


@dataclass
class Ends:
    """Least and largest value, float32 [units]; +∞ and −∞ where there is none yet."""

    low: Tensor
    high: Tensor

    @classmethod
    def empty(cls, units: int, device: torch.device | None = None) -> Ends:
        return cls(torch.full((units,), INFINITY, device=device), torch.full((units,), -INFINITY, device=device))

    def join(self, other: Ends) -> Ends:
        return Ends(torch.minimum(self.low, other.low), torch.maximum(self.high, other.high))

    def take(self, other: Ends, units: slice) -> None:
        """Take in the ends of some units."""
        self.low[units] = torch.minimum(self.low[units], other.low)
        self.high[units] = torch.maximum(self.high[units], other.high)

    def of(self, units: slice) -> Ends:
        return Ends(self.low[units], self.high[units])

    def to(self, device: torch.device | str) -> Ends:
        return Ends(self.low.to(device), self.high.to(device))

    def copy(self) -> Ends:
        return Ends(self.low.clone(), self.high.clone())
