"""Acts of edits, with all that they need looked up: rows of one input in, rows out.

`rows` are a copy [positions, units] in the model's own type and may be written to; `stretch` says which positions of
the input they are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.edits.scope import UNKNOWN, Stretch
from neuronwidget.live.replica.random_numbers import PrivateDraws


class Act(Protocol):
    """What an edit makes of the rows of one input."""

    def __call__(self, rows: Tensor, stretch: Stretch, /) -> Tensor: ...


@dataclass(frozen=True, eq=False)
class Put:
    """Values in the place of units: [units], or [n, units] in turn along the positions."""

    units: list[int]
    values: Tensor

    def __call__(self, rows: Tensor, stretch: Stretch) -> Tensor:
        values = self.values.to(rows.device, rows.dtype)
        if values.ndim > 1:
            values = values[stretch.numbers(rows.device).clamp_min(0) % len(values)]
        rows[:, self.units] = values
        return rows


@dataclass(frozen=True, eq=False)
class Multiply:
    """Units times a factor."""

    units: list[int]
    factor: float

    def __call__(self, rows: Tensor, stretch: Stretch) -> Tensor:
        rows[:, self.units] = rows[:, self.units] * self.factor
        return rows


@dataclass(frozen=True, eq=False)
class Lengthen:
    """Heads brought to a length: `units` are those of a few heads, `width` of each. One that says nothing stays so."""

    units: list[int]
    width: int
    length: float

    def __call__(self, rows: Tensor, stretch: Stretch) -> Tensor:
        heads = rows[:, self.units].view(len(rows), -1, self.width)
        now = torch.linalg.vector_norm(heads.float(), dim=2, keepdim=True)
        factor = torch.where(now > 0, self.length / now.clamp_min(1e-30), torch.ones_like(now))
        rows[:, self.units] = (heads * factor).to(rows.dtype).flatten(1)
        return rows


@dataclass(frozen=True, eq=False)
class Add:
    """A vector on top of each row."""

    vector: Tensor

    def __call__(self, rows: Tensor, stretch: Stretch) -> Tensor:
        return rows + self.vector.to(rows.device, rows.dtype)


@dataclass(frozen=True, eq=False)
class Copy:
    """What stood at the same positions of another input: `values` [its positions, units], for some units or all.

    `positions`: where alone; without them the inputs must be equally long.
    """

    units: list[int] | None
    values: Tensor
    positions: tuple[int, ...] | None

    def __call__(self, rows: Tensor, stretch: Stretch) -> Tensor:
        length = len(self.values)
        if self.positions is None and stretch.prompt not in (length, UNKNOWN):
            raise EditError(
                f"the source has {length} positions here and this input {stretch.prompt}. Take inputs of one length, "
                "or say with positions= which ones are patched."
            )
        at = stretch.numbers(rows.device)
        wanted = (at >= 0) & (at < length)
        if self.positions is not None:
            chosen = [number + length * (number < 0) for number in self.positions]
            wanted &= torch.isin(at, torch.tensor(chosen, device=rows.device))
        values = self.values.to(rows.device, rows.dtype)[at.clamp(0, length - 1)]
        values = torch.where(wanted[:, None], values, rows)
        if self.units is None:
            return values
        rows[:, self.units] = values[:, self.units]
        return rows


@dataclass(frozen=True, eq=False)
class Call:
    """A function of one's own, whose random numbers are drawn from a seed of ours."""

    change: Callable[[Tensor], Tensor]

    def __call__(self, rows: Tensor, stretch: Stretch) -> Tensor:
        with PrivateDraws():
            return self.change(rows)
