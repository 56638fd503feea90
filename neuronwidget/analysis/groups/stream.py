"""Responses of units as a stream of rows, in two halves of inputs: one finds groups, the other judges them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch

from neuronwidget.analysis.groups.products import Correlations, Flags, Floats, Numbers, Products, Sampled
from neuronwidget.corpus.hashes import hashed

#: Of each half so many rows are kept, for nulls and intervals, and in place of products where units are many.
SAMPLE = 2048
#: Products of all pairs are summed up to so many units.
MOST_SUMMED = 4096
_BLOCK = 2048


@dataclass(frozen=True)
class Block:
    """Rows [rows, units] of a stream, and the number of the input that each is of [rows]."""

    rows: Floats
    inputs: Numbers


class SampledRows:
    """Rows of the inputs of lowest keys: the same, in whichever blocks the stream came."""

    def __init__(self, seed: int) -> None:
        self._seed, self._limit = seed, np.iinfo(np.int64).max
        self._rows: list[Floats] = []
        self._inputs: list[Numbers] = []
        self._keys: list[Numbers] = []

    def add(self, rows: Floats, inputs: Numbers) -> None:
        keys = keys_of(inputs, self._seed)
        chosen = np.flatnonzero(keys <= self._limit)
        if len(chosen):
            self._rows.append(rows[chosen].astype(np.float32))
            self._inputs.append(inputs[chosen])
            self._keys.append(keys[chosen])
        if sum(map(len, self._rows)) > 2 * SAMPLE:
            self._prune()

    def _prune(self) -> None:
        """Keep the rows of lowest keys; a row above all of them need not be looked at again."""
        keys = np.concatenate(self._keys)
        order = np.sort(np.argsort(keys, kind="stable")[:SAMPLE])
        self._rows = [np.concatenate(self._rows)[order]]
        self._inputs = [np.concatenate(self._inputs)[order]]
        self._keys = [keys[order]]
        if len(order) == SAMPLE:
            self._limit = int(keys[order].max())

    def read(self, units: int) -> Block:
        """The rows that are kept; those of one input stand behind each other."""
        if not self._rows:
            return Block(np.zeros((0, units), np.float32), np.zeros(0, np.int64))
        self._prune()
        order = np.argsort(self._inputs[0], kind="stable")
        return Block(self._rows[0][order], self._inputs[0][order])


@dataclass
class Half:
    """What is kept of one half of the inputs."""

    products: Products | None
    sample: SampledRows
    rows: int = 0
    inputs: int = 0


class Halves:
    """Takes in a stream of rows; inputs go to one half or the other by a hash of their number.

    Attributes
    ----------
    finite
        [units]: whether all values of a unit were finite.
    summed
        Products of all pairs are summed; else correlations are those of the sample.
    """

    def __init__(self, units: int, seed: int) -> None:
        self.units, self._seed = units, seed
        self.summed = units <= MOST_SUMMED
        self.finite = np.ones(units, bool)
        self.halves = [Half(Products(units) if self.summed else None, SampledRows(seed + number)) for number in (0, 1)]

    def take(self, blocks: Iterable[Block]) -> None:
        """Takes in all blocks of a stream; the rows of one input come in one block."""
        for block in blocks:
            names = np.unique(block.inputs)
            for half, chosen in zip(self.halves, self._parted(names), strict=True):
                half.inputs += int(chosen.sum())
            for begin in range(0, len(block.rows), _BLOCK):
                part = slice(begin, begin + _BLOCK)
                self._add(np.asarray(block.rows[part], np.float32), block.inputs[part])
        for half in self.halves:
            if half.products is not None:
                half.products.multiply()

    def _add(self, rows: Floats, inputs: Numbers) -> None:
        finite = np.isfinite(rows)
        if not finite.all():
            self.finite &= finite.all(0)
            rows = np.where(finite, rows, np.float32(0))
        for half, chosen in zip(self.halves, self._parted(inputs), strict=True):
            mine = rows[chosen]
            if half.products is not None:
                half.products.add(torch.from_numpy(mine))
            half.sample.add(mine, inputs[chosen])
            half.rows += len(mine)

    def _parted(self, inputs: Numbers) -> tuple[Flags, Flags]:
        """Which inputs belong to the first half, and which to the second."""
        second: Flags = keys_of(inputs, self._seed - 1) & 1 == 1
        return ~second, second

    def correlations(self, number: int) -> Correlations:
        """Correlations of a half; a unit that held something not finite counts as one that does not vary."""
        half = self.halves[number]
        if half.products is not None:
            correlations: Correlations = half.products.matrix()
        else:
            correlations = Sampled(half.sample.read(self.units).rows, self._seed)
        correlations.leave_out(np.flatnonzero(~self.finite))
        return correlations


def keys_of(inputs: Numbers, seed: int) -> Numbers:
    """Random numbers that follow from the numbers of inputs and a seed."""
    keys: Numbers = hashed(torch.from_numpy(np.asarray(inputs, np.int64)) + (seed << 44)).numpy()
    return keys
