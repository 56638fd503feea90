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
    def empty(cls, units: int) -> Ends:
        return cls(torch.full((units,), INFINITY), torch.full((units,), -INFINITY))

    def join(self, other: Ends) -> Ends:
        return Ends(torch.minimum(self.low, other.low), torch.maximum(self.high, other.high))
