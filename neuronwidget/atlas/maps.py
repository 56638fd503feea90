"""Maps of a unit over a picture, as they are kept with exemplars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from neuronwidget.atlas.count.sample import SHARE_BITS, shares
from neuronwidget.live.structure.sites import Site

#: Rows and columns of a kept map, at most: 512 bytes an exemplar.
MAP_SIDE = 16


@dataclass(frozen=True)
class MapShape:
    """How the positions of a site lie over the picture, and what is kept of them.

    `grid`: rows and columns of positions, (1, 1) where the site speaks of the whole input; `lead` positions before them
    lie nowhere in the picture; `kept`: rows and columns of the map that is kept.
    """

    grid: tuple[int, int]
    lead: int
    kept: tuple[int, int]

    @classmethod
    def of(cls, site: Site) -> MapShape:
        grid, lead = (site.grid, site.layout.lead) if site.layout and site.grid else ((1, 1), 0)
        rows, columns = grid
        if rows == 1:  # positions that are in no known order over the picture
            return cls(grid, lead, (1, min(columns, MAP_SIDE * MAP_SIDE)))
        return cls(grid, lead, (min(rows, MAP_SIDE), min(columns, MAP_SIDE)))

    @classmethod
    def read(cls, description: dict[str, Any]) -> MapShape:
        """From what `describe` gave."""
        return cls(
            (description["grid"][0], description["grid"][1]),
            description["lead"],
            (description["kept"][0], description["kept"][1]),
        )

    def describe(self) -> dict[str, Any]:
        return {"grid": list(self.grid), "lead": self.lead, "kept": list(self.kept)}

    @property
    def cells(self) -> int:
        return self.kept[0] * self.kept[1]

    @property
    def whole(self) -> bool:
        """Is every position kept?"""
        return self.kept == self.grid

    def __call__(self, values: Tensor, windows: Tensor, units: Tensor) -> Tensor:
        """Maps of units [n] in windows [n] of values [windows, positions, units]: [n, cells].

        A cell of several positions gets their value of largest magnitude, with its sign; NaN counts as 0.
        """
        positions = values[windows, self.lead :, units].float().nan_to_num(0.0, float("inf"), -float("inf"))
        if self.whole:
            return positions
        maps = positions.view(-1, 1, *self.grid)
        highs = functional.adaptive_max_pool2d(maps, self.kept)
        lows = -functional.adaptive_max_pool2d(-maps, self.kept)
        return torch.where(highs >= -lows, highs, lows).flatten(1)

    def places(self, ordinal: int) -> Tensor:
        """Ten positions, in the same places of the picture for all sites."""
        down, across = shares(ordinal)
        rows, columns = self.grid
        return self.lead + (down * rows >> SHARE_BITS) * columns + (across * columns >> SHARE_BITS)

    def cells_of(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The cells of the kept map that hold these positions; −1 for those that lie nowhere in the picture."""
        y, x = np.divmod(positions - self.lead, self.grid[1])
        cells = y * self.kept[0] // self.grid[0] * self.kept[1] + x * self.kept[1] // self.grid[1]
        return np.where(positions < self.lead, -1, cells)

    def place(self, position: int) -> tuple[int, int] | None:
        """Row and column of a position on the site's grid; None for one that lies nowhere in the picture."""
        return None if position < self.lead else divmod(position - self.lead, self.grid[1])
