"""Correlations of units: products of float32 blocks of rows, summed in float64, or read off a sample of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor

Floats = np.ndarray[Any, np.dtype[np.float32]]
Numbers = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
#: Columns of one product; only tiles of the upper triangle are made. So many rows are held for one.
TILE, _HELD = 512, 2048
#: Units whose correlations are looked at with all others at once, where no matrix of all pairs is kept.
_BLOCK = 512
#: A unit that varies by less than this share of its size is constant but for rounding.
_STILL = 1e-6
#: Beyond so many units, only those that are near the same of some units drawn at random are compared.
MOST_COMPARED = 65_536
_NEAREST = 4


def mean_of_pairs(square: Floats) -> float:
    """The mean over pairs of two different units: [units, units] without its diagonal.

    >>> mean_of_pairs(np.array([[1.0, 0.5], [0.5, 1.0]], np.float32))
    0.5
    """
    units = len(square)
    return float((square.sum(dtype=np.float64) - np.trace(square)) / max(units * (units - 1), 1))


class Correlations(Protocol):
    """Correlations between units, [units, units], of which a part is made when it is asked for.

    `varies` [units]: whether a unit varies at all; one that does not correlates with none.
    """

    @property
    def varies(self) -> Flags: ...

    def between(self, one: Numbers, other: Numbers) -> Floats:
        """Correlations of some units with others: float32 [one, other]."""
        ...

    def leave_out(self, units: Numbers) -> None:
        """Takes units out: from now on they vary no more and correlate with none."""
        ...

    def compared(self) -> Iterator[tuple[Numbers, Numbers]]:
        """Units and those that they are to be compared with: every pair that may correlate comes once at least."""
        ...


@dataclass(frozen=True)
class Matrix:
    """All pairs, float32 [units, units]."""

    values: Floats
    varies: Flags

    def between(self, one: Numbers, other: Numbers) -> Floats:
        return self.values[np.ix_(one, other)]

    def leave_out(self, units: Numbers) -> None:
        self.varies[units], self.values[units], self.values[:, units] = False, 0, 0

    def compared(self) -> Iterator[tuple[Numbers, Numbers]]:
        yield from _each_with_those_behind(len(self.values))


class Products:
    """Sums over rows, and of products of units over rows; what is kept does not grow with the rows.

    Rows are shifted and scaled by what the first block has, so that a large mean does not drown what varies.

    >>> products = Products(2)
    >>> products.add(torch.tensor([[1.0, 9.0], [2.0, 7.0], [3.0, 5.0]]))
    >>> products.matrix().values.round(6).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """

    def __init__(self, units: int) -> None:
        self.units, self.rows = units, 0
        self._shift, self._scale = torch.zeros(units), torch.ones(units)
        self._sums = torch.zeros(units, dtype=torch.float64)
        spans = [slice(*ends) for ends in pairwise([*range(0, units, TILE), units])]
        self._tiles = [
            (one, other, np.zeros((one.stop - one.start, other.stop - other.start)))
            for place, one in enumerate(spans)
            for other in spans[place:]
        ]
        self._held, self._waiting = torch.empty(0, units), 0
        self._product = torch.empty(TILE * TILE)

    def add(self, rows: Tensor) -> None:
        """Take in rows float32 [rows, units], all of them finite."""
        if not len(rows):
            return
        if not self.rows:
            self._shift = rows.mean(0)
            spread = (rows - self._shift).abs().amax(0)
            self._scale = torch.where(spread > 0, spread, torch.ones_like(spread)).reciprocal().nan_to_num(posinf=1.0)
            self._held = torch.empty(_HELD, self.units)
        self.rows += len(rows)
        for part in rows.split(_HELD):
            if self._waiting + len(part) > _HELD:
                self.multiply()
            held = self._held[self._waiting : self._waiting + len(part)]
            torch.sub(part, self._shift, out=held).mul_(self._scale)
            self._waiting += len(part)

    def multiply(self) -> None:
        """Add the products of the rows that are held; it takes a while, and none need be held."""
        rows, self._waiting = self._held[: self._waiting], 0
        self._sums += rows.sum(0)
        for one, other, tile in self._tiles:
            product = self._product[: tile.size].view(tile.shape)
            tile += torch.mm(rows[:, one].T, rows[:, other], out=product).numpy()

    def matrix(self) -> Matrix:
        """The correlations of all pairs."""
        self.multiply()
        values = np.zeros((self.units, self.units), np.float32)
        means = self._sums / max(self.rows, 1)
        spread = torch.zeros(self.units, dtype=torch.float64)
        for one, other, tile in self._tiles:
            if one == other:
                spread[one] = torch.from_numpy(tile).diagonal() / max(self.rows, 1) - means[one] ** 2
        size = (self._shift.double() * self._scale.double() + means) ** 2 + spread.clamp_min(0)
        varies = spread > _STILL**2 * size
        length = torch.where(varies, spread.clamp_min(0).sqrt(), torch.inf)
        for one, other, tile in self._tiles:
            shared = torch.from_numpy(tile) / max(self.rows, 1) - means[one, None] * means[other]
            part = (shared / length[one, None] / length[other]).clamp_(-1, 1).float().numpy()
            values[one, other] = part
            values[other, one] = part.T
        return Matrix(values, varies.numpy())


class Sampled:
    """Correlations over some rows that are kept: float32 [rows, units], brought to mean 0 and length 1."""

    def __init__(self, rows: Floats, seed: int = 0) -> None:
        centred = rows - rows.mean(0, dtype=np.float64).astype(np.float32)
        length = np.sqrt(np.einsum("ij,ij->j", centred, centred, dtype=np.float64))
        size = np.abs(rows).max(0, initial=0.0).astype(np.float64) * np.sqrt(max(len(rows), 1))
        self.varies = length > _STILL * size
        self.rows = centred / np.where(self.varies, length, np.inf).astype(np.float32)
        self._seed = seed

    def between(self, one: Numbers, other: Numbers) -> Floats:
        left, right = (torch.from_numpy(np.ascontiguousarray(self.rows[:, units])) for units in (one, other))
        correlations: Floats = (left.T @ right).clamp_(-1, 1).numpy()
        return correlations

    def leave_out(self, units: Numbers) -> None:
        self.varies[units], self.rows[:, units] = False, 0

    def compared(self) -> Iterator[tuple[Numbers, Numbers]]:
        units = self.rows.shape[1]
        if units <= MOST_COMPARED:
            yield from _each_with_those_behind(units)
            return
        yield from self._near_the_same()

    def _near_the_same(self) -> Iterator[tuple[Numbers, Numbers]]:
        """Units that have one of their nearest among some units drawn at random in common."""
        units = self.rows.shape[1]
        source = np.random.default_rng(self._seed)
        landmarks = np.sort(source.choice(np.flatnonzero(self.varies), int(4 * units**0.5), replace=False))
        nearest = np.concatenate(
            [
                np.argpartition(-np.abs(self.between(block, landmarks)), _NEAREST, axis=1)[:, :_NEAREST]
                for block in np.array_split(np.arange(units), -(-units // 4096))
            ]
        )
        owner = np.repeat(np.arange(units), _NEAREST)
        order = np.argsort(nearest.ravel(), kind="stable")
        starts = np.searchsorted(nearest.ravel()[order], np.arange(1, len(landmarks)))
        for near in np.split(owner[order], starts):
            for begin in range(0, len(near), _BLOCK):
                yield near[begin : begin + _BLOCK], near[begin:]


def _each_with_those_behind(units: int) -> Iterator[tuple[Numbers, Numbers]]:
    for begin in range(0, units, _BLOCK):
        yield np.arange(begin, min(begin + _BLOCK, units)), np.arange(begin, units)
