"""Mean, variance, skewness and kurtosis that do not depend on how the data were cut.

Adding floating-point numbers in another order gives other last bits. So the order is fixed: every chunk of the data has
a number, and `MomentTree` only ever joins two neighbours that make up a node of the binary tree over those numbers. Who
computed a chunk, and when, makes no difference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.atlas.count.histogram import scaled
from neuronwidget.passes.row_blocks import FOLD
from neuronwidget.passes.threads import scratch


@dataclass(frozen=True)
class Moments:
    """Counts and central sums of powers, one entry a unit: float64 [units] each.

    >>> a, b = Moments.of(torch.tensor([[1.0], [2.0]])), Moments.of(torch.tensor([[6.0]]))
    >>> a.join(b).mean, a.join(b).variance
    (tensor([3.], dtype=torch.float64), tensor([4.6667], dtype=torch.float64))
    """

    n: Tensor
    mean: Tensor
    m2: Tensor
    m3: Tensor
    m4: Tensor

    @classmethod
    def empty(cls, units: int) -> Moments:
        return cls(*(torch.zeros(units, dtype=torch.float64) for _ in range(5)))

    @classmethod
    def of(cls, x: Tensor) -> Moments:
        """Moments of finite float32 values [rows, units]."""
        return Sums.of(x).moments()

    def join(self, other: Moments) -> Moments:
        """Moments of both together (Pébay 2008)."""
        na, nb = self.n, other.n
        n = na + nb
        safe = n.clamp_min(1)
        d = other.mean - self.mean
        share_a, share_b = na / safe, nb / safe
        step = d * share_b
        cross = d * d * na * share_b
        m2 = self.m2 + other.m2 + cross
        m3 = self.m3 + other.m3 + cross * d * (share_a - share_b) + 3 * d * (share_a * other.m2 - share_b * self.m2)
        m4 = (
            self.m4
            + other.m4
            + cross * d * d * (share_a**2 - share_a * share_b + share_b**2)
            + 6 * d * d * (share_a**2 * other.m2 + share_b**2 * self.m2)
            + 4 * d * (share_a * other.m3 - share_b * self.m3)
        )
        # A side without data must not leave a trace, not even in the last bit.
        empty_a, empty_b = na == 0, nb == 0

        def pick(both: Tensor, a: Tensor, b: Tensor) -> Tensor:
            return torch.where(empty_a, b, torch.where(empty_b, a, both))

        return Moments(
            n,
            pick(self.mean + step, self.mean, other.mean),
            pick(m2, self.m2, other.m2),
            pick(m3, self.m3, other.m3),
            pick(m4, self.m4, other.m4),
        )

    @property
    def variance(self) -> Tensor:
        """Of the population: divided by n."""
        return self.m2 / self.n.clamp_min(1)

    @property
    def skew(self) -> Tensor:
        """NaN where nothing varies."""
        return torch.where(self.m2 > 0, self.m3 / self.n.clamp_min(1) / self.variance**1.5, torch.nan)

    @property
    def kurtosis(self) -> Tensor:
        """In excess of a normal distribution's; NaN where nothing varies."""
        return torch.where(self.m2 > 0, self.m4 / self.n.clamp_min(1) / self.variance**2 - 3, torch.nan)

    def tensors(self) -> list[Tensor]:
        return [self.n, self.mean, self.m2, self.m3, self.m4]


@dataclass(frozen=True)
class Basis:
    """From where and in which unit deviations are measured: (x − pivot) · scale lies in [−1, 1].

    `reach`: the scale is 2^−reach, so that powers neither overflow nor vanish; `offset` = −pivot · scale. [units] each.
    """

    pivot: Tensor
    reach: Tensor
    scale: Tensor
    offset: Tensor

    @classmethod
    def around(cls, center: Tensor, low: Tensor, high: Tensor) -> Basis:
        """For values in [low, high] that are often near `center`; any numbers for units without values."""
        some = low <= high
        low, high = (torch.where(some, end, 0.0).double() for end in (low, high))
        pivot = center.double().clamp(low, high)
        size = torch.frexp(torch.maximum(high - pivot, pivot - low)).exponent
        # A round pivot: what has few digits (counts, zeros) keeps them, and its sums come out exact. What does not vary
        # deviates by nothing at all, else the square of a tiny value would vanish where its cube does not.
        grid = scaled(torch.ones_like(pivot), size - 8)
        pivot = torch.where(low < high, torch.round(pivot / grid) * grid, low).float()
        reach = size.clamp(-126, 126)
        scale = scaled(torch.ones_like(low), -reach).float()
        return cls(pivot, reach, scale, -pivot * scale)

    def of(self, units: slice) -> Basis:
        return Basis(self.pivot[units], self.reach[units], self.scale[units], self.offset[units])


def powers(x: Tensor, basis: Basis, spare: Tensor, sums: Sequence[Tensor] | Tensor) -> None:
    """Sums over 32 rows at a time of the first four powers of deviations of x [rows, units].

    `spare` is written over: [rows up to the next multiple of 32, units], 0 where x has no rows. `sums` [4 or more,
    sums, units] takes the result.
    """
    first, second = spare, scratch("second", *spare.shape)
    torch.addcmul(basis.offset, x, basis.scale, out=first[: len(x)])
    torch.mul(first, first, out=second)
    _fold(first, sums[0])
    _fold(second, sums[1])
    _fold(first.mul_(second), sums[2])
    _fold(second.mul_(second), sums[3])


def _fold(x: Tensor, out: Tensor) -> None:
    torch.sum(x.view(-1, FOLD, x.shape[1]), 1, out=out)


@dataclass(frozen=True)
class Sums:
    """Sums of powers of deviations, as a `Basis` measures them: what `Moments` are made of.

    They are added up as float32 over 32 rows at a time and as float64 from there on.
    """

    n: Tensor
    pivot: Tensor
    reach: Tensor
    powers: Tensor

    @classmethod
    def of(cls, x: Tensor) -> Sums:
        """Of finite float32 values [rows, units]."""
        rows, units = x.shape
        basis = Basis.around(x.double().mean(0).float(), x.amin(0), x.amax(0))
        sums = torch.empty(4, -(-rows // FOLD), units)
        powers(x, basis, torch.zeros(sums.shape[1] * FOLD, units), sums)
        return cls(torch.full((units,), float(rows)).double(), basis.pivot.double(), basis.reach, sums.double().sum(1))

    @classmethod
    def of_masked(cls, x: Tensor, mask: Tensor) -> Sums:
        """Of those values [rows, units] where `mask` is true: slow, for data with holes."""
        values = torch.where(mask, x.double(), 0.0)
        n = mask.sum(0).double()
        mean = values.sum(0) / n.clamp_min(1)
        d = torch.where(mask, values - mean, 0.0)
        return cls(n, mean, torch.zeros_like(n, dtype=torch.int32), torch.stack([(d**p).sum(0) for p in (1, 2, 3, 4)]))

    @staticmethod
    def side_by_side(parts: Sequence[Sums]) -> Sums:
        """Of neighbouring blocks of units as one."""
        return Sums(
            torch.cat([p.n for p in parts]),
            torch.cat([p.pivot for p in parts]),
            torch.cat([p.reach for p in parts]),
            torch.cat([p.powers for p in parts], 1),
        )

    def moments(self) -> Moments:
        n = self.n.clamp_min(1)
        s1, s2, s3, s4 = self.powers
        shift = s1 / n
        m2 = (s2 - n * shift**2).clamp_min(0)
        m3 = s3 - 3 * shift * s2 + 2 * n * shift**3
        m4 = (s4 - 4 * shift * s3 + 6 * shift**2 * s2 - 3 * n * shift**4).clamp_min(0)
        unit = scaled(torch.ones_like(shift), self.reach)
        return Moments(self.n, self.pivot + shift * unit, m2 * unit**2, m3 * unit**3, m4 * unit**4)


class MomentTree:
    """Moments of numbered chunks, joined in the order of a binary tree over the numbers.

    Node (level, i) holds the chunks i·2^level … (i+1)·2^level − 1. For n chunks in a row at most log2(n) + 1 nodes are
    kept.
    """

    def __init__(self, nodes: Mapping[tuple[int, int], Moments] | None = None) -> None:
        self.nodes: dict[tuple[int, int], Moments] = {}
        for place, moments in (nodes or {}).items():
            self.put(place, moments)

    def add(self, chunk: int, moments: Moments) -> None:
        """Take in a chunk that was not there yet."""
        self.put((0, chunk), moments)

    def put(self, place: tuple[int, int], moments: Moments) -> None:
        level, index = place
        if any((level + up, index >> up) in self.nodes for up in range(64 - level)):
            raise ValueError(f"chunk {index << level} was added twice")
        while (sibling := self.nodes.pop((level, index ^ 1), None)) is not None:
            moments = sibling.join(moments) if index & 1 else moments.join(sibling)
            level, index = level + 1, index >> 1
        self.nodes[level, index] = moments

    def merge(self, other: MomentTree) -> None:
        for place, moments in other.nodes.items():
            self.put(place, moments)

    def total(self, units: int) -> Moments:
        """All chunks together: the nodes from the last to the first."""
        result = Moments.empty(units)
        for _, _, moments in sorted(((i << level, level, m) for (level, i), m in self.nodes.items()), reverse=True):
            result = moments.join(result)
        return result
