"""Pool of inputs in groups as they are read: at most so many of each group, whatever the size of the data."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from neuronwidget.analysis.responses.reservoir import Reservoir
from neuronwidget.corpus.sources import Item


class Pool:
    """Inputs of groups, of which at most so many of each are held, drawn by a seed.

    Attributes
    ----------
    read
        How many inputs of each group came, by its name.
    """

    def __init__(self, names: Iterable[str], most: int, seed: int) -> None:
        self._most, self._seed = most, seed
        self._keys = np.random.default_rng(seed)
        self._held: dict[str, Reservoir[Item]] = {name: Reservoir(most) for name in names}
        self.read = dict.fromkeys(self._held, 0)
        self._number = 0

    def add(self, group: str, item: Item) -> None:
        """An input of a group; one is let go where there are too many."""
        held = self._held.setdefault(group, Reservoir(self._most))
        self.read[group] = self.read.get(group, 0) + 1
        self._number += 1
        held.add(float(self._keys.random()), self._number, item)

    def taken(self) -> list[tuple[str, Item]]:
        """The inputs that are held with their groups, in the order in which they came."""
        held = [(number, group, item) for group, held in self._held.items() for number, item in held.taken()]
        return [(group, item) for _, group, item in sorted(held, key=lambda entry: entry[0])]

    @property
    def notes(self) -> list[str]:
        """Notes on groups of which not all inputs are held."""
        return [
            f"Of {name} {self._most:,} of {read:,} inputs were compared, drawn with seed {self._seed}."
            for name, read in self.read.items()
            if read > self._most
        ]
