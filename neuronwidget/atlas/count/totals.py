"""Sums over what has been seen of a chunk."""

from __future__ import annotations

import torch

from neuronwidget.atlas.count.counts import Counts
from neuronwidget.atlas.count.ends import Ends
from neuronwidget.atlas.count.moments import Moments
from neuronwidget.atlas.count.records import Largest, Limits


class Totals:
    """Counts, moments float64 [5, units], the ends of the largest values of documents of one window, and `Largest`."""

    def __init__(self, units: int, limits: Limits | None, device: torch.device | None = None) -> None:
        self.counts = Counts(units, limits.values if limits else None, device)
        self.powers = torch.zeros(5, units, dtype=torch.float64, device=device)
        self.peaks = Ends.empty(units, device)
        self.largest = Largest(units, device)

    @property
    def moments(self) -> Moments:
        return Moments(*self.powers.unbind())

    def join(self, more: Moments, units: slice) -> None:
        """Take in what came after."""
        both = Moments(*self.powers[:, units].unbind()).join(more)
        self.powers[:, units] = torch.stack(both.tensors())

    def to_cpu(self) -> None:
        """Bring all that is on another device."""
        self.counts.to_cpu()
        self.powers = self.powers.cpu()
        self.peaks = self.peaks.to("cpu")
        self.largest.high, self.largest.low = self.largest.high.cpu(), self.largest.low.cpu()
