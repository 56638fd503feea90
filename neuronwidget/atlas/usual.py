"""Usual values of units, from an atlas: reference values for edits (`neuronwidget.live.edits.references`)."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.atlas.count.histogram import in_order


class UsualValues:
    """Means, typical lengths and values drawn at random, from columns of an atlas."""

    @abstractmethod
    def read(self, site: str, names: tuple[str, ...]) -> dict[str, Any]: ...

    def mean(self, site: str, /) -> Tensor:
        """The mean of each unit of a site over the data set: float32 [units]."""
        return torch.from_numpy(self.read(site, ("mean",))["mean"]).float().nan_to_num()

    def norm(self, site: str, /) -> float:
        """How long the units of a site are as a vector: the root of the mean square over the data set."""
        columns = self.read(site, ("mean", "std"))
        mean, std = (np.nan_to_num(columns[name].astype(float)) for name in ("mean", "std"))
        return float(np.sqrt((mean**2 + std**2).sum()))

    def samples(self, site: str, /, n: int, seed: int = 0) -> Tensor:
        """Values of the units of a site, each unit's drawn by itself from its histogram: float32 [n, units].

        They are middles of bins, and 0 in the one that holds it. Which units go together an atlas does not say.
        """
        columns = self.read(site, ("bins", "exponent", "min", "max"))
        chance = np.random.default_rng(seed).random((len(columns["min"]), n))
        drawn = np.zeros_like(chance)
        for unit, (bins, exponent, least, most) in enumerate(zip(*columns.values(), strict=True)):
            lows, width, counts = in_order(bins, int(exponent), float(least))
            if len(counts):
                middles = np.where((lows <= 0) & (lows + width > 0), 0.0, lows + width / 2).clip(least, most)
                chosen = np.searchsorted(np.cumsum(counts) / counts.sum(), chance[unit], side="right")
                drawn[unit] = middles[chosen.clip(0, len(counts) - 1)]
        return torch.from_numpy(drawn.T.copy()).float()
