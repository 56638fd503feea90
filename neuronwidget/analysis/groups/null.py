"""Nulls for groups: the same rows with the inputs of each unit permuted, and the same rows in a random basis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from neuronwidget.analysis.groups.linkage import link, mean_correlation
from neuronwidget.analysis.groups.products import Floats, Numbers, Sampled

#: A random basis is drawn evenly up to so many units; beyond, it is made of signs, permutations and cosines.
_EVEN = 1024
_ROUNDS = 3
#: The spread of correlations is that of so many units, spread over all.
_LOOKED_AT = 512
_NEARLY = 1 - 1e-9


@dataclass(frozen=True)
class NullDraw:
    """What is grouped in one draw: "permuted" or "rotated", and of each group its size and mean |correlation|.

    `pairs`: of how many pairs of units the draw is; `spread`: how their correlations spread, as Fisher's z.
    """

    null: str
    groups: tuple[tuple[int, float], ...]
    pairs: int = 0
    spread: float = 0.0

    def at_least(self, size: int, correlation: float) -> float:
        """How many groups as large and as tight are to be expected.

        Those of the draw; of two units also as many as its spread lets expect: the nearest of many pairs is near by
        chance, though in one draw none may have come above the cut.
        """
        there = float(sum(units >= size and tight >= correlation for units, tight in self.groups))
        if size > 2 or self.spread <= 0:
            return there
        beyond = float(ndtr(-np.arctanh(np.clip(correlation, 0.0, _NEARLY)) / self.spread))
        return max(there, 2 * beyond * self.pairs)


def draws(
    rows: Floats,
    inputs: Numbers,
    n: int,
    cut: float,
    least: int,
    method: str,
    seed: int,
    step: Callable[[], None] = lambda: None,
) -> list[NullDraw]:
    """`n` draws of each kind; `rows` float32 [rows, units], `inputs` [rows]: of which input each is."""
    source = np.random.default_rng(seed)
    null_draws: list[NullDraw] = []
    for name, draw in (("permuted", permuted), ("rotated", rotated)):
        for _ in range(n):
            correlations = Sampled(draw(rows, inputs, source), seed)
            groups = link(correlations, cut, least, method).groups
            sizes = tuple((len(group), mean_correlation(correlations, group)) for group in groups)
            null_draws.append(NullDraw(name, sizes, *_pairs(correlations)))
            step()
    return null_draws


def _pairs(correlations: Sampled) -> tuple[int, float]:
    """How many pairs there are, and how their correlations spread."""
    units = np.flatnonzero(correlations.varies)
    some = units[:: max(1, len(units) // _LOOKED_AT)]
    if len(some) < 2:
        return 0, 0.0
    values = correlations.between(some, some)[np.triu_indices(len(some), 1)].astype(np.float64)
    spread = np.sqrt(np.mean(np.arctanh(np.clip(values, -_NEARLY, _NEARLY)) ** 2))
    return len(units) * (len(units) - 1) // 2, float(spread)


def permuted(rows: Floats, inputs: Numbers, source: np.random.Generator) -> Floats:
    """Each unit's rows moved on by another number, after the inputs were put into a random order.

    Rows of one input stay together, so that a unit is as like itself from row to row as it was.
    """
    names, place = np.unique(inputs, return_inverse=True)
    order = np.argsort(source.permutation(len(names))[place], kind="stable")
    offsets = source.integers(0, len(rows), rows.shape[1])
    moved = (np.arange(len(rows))[:, None] + offsets) % len(rows)
    drawn: Floats = np.take_along_axis(rows[order], moved, axis=0)
    return drawn


def rotated(rows: Floats, inputs: Numbers, source: np.random.Generator) -> Floats:
    """The same rows, each unit brought to one variance, in a random basis: what is there without being units'."""
    standard = Sampled(rows)
    values: Floats = standard.rows[:, standard.varies]
    units = values.shape[1]
    if units <= _EVEN:
        basis, triangle = np.linalg.qr(source.standard_normal((units, units)))
        even: Floats = values @ (basis * np.sign(np.diag(triangle))).astype(np.float32)
        return even
    from scipy.fft import dct

    for _ in range(_ROUNDS):
        signs = source.choice(np.array([-1, 1], np.float32), units)
        values = np.asarray(dct(values[:, source.permutation(units)] * signs, norm="ortho", axis=1), np.float32)
    return values


def as_table(null_draws: Sequence[NullDraw]) -> Any:
    """One row a draw: null, draw, groups, units (in them), largest."""
    import pandas as pd

    numbers: dict[str, int] = {}
    entries = []
    for draw in null_draws:
        numbers[draw.null] = numbers.get(draw.null, -1) + 1
        sizes = [size for size, _ in draw.groups]
        entries.append((draw.null, numbers[draw.null], len(sizes), sum(sizes), max(sizes, default=0)))
    return pd.DataFrame(entries, columns=["null", "draw", "groups", "units", "largest"])
