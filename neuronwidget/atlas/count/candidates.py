"""Candidates for exemplars: inputs that are kept for what a unit did on them, and the choice of the strongest.

*Strongest* are the 20 documents of largest value, each with the window in which it is. Of documents whose peaks read
the same (`neuronwidget.corpus.contexts`) the strongest stands for all. Ties go to the earlier document, then to the
earlier position. So the same stay whatever the order in which documents come or tables are merged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from neuronwidget.corpus.hashes import hashed

SHOWN = 20
NONE = torch.iinfo(torch.int64).min


@dataclass
class Candidates:
    """Candidates side by side, each field [...] (and `around` [..., tokens around]); an unused place has ordinal −1.

    `ordinal` is the number of the window in the data, `position` the token in the window, `context_hash` a hash of
    what is read there, `around` what the unit did around it, to be multiplied by 2^`power`.
    """

    value: Tensor
    ordinal: Tensor
    document: Tensor
    position: Tensor
    context_hash: Tensor
    power: Tensor
    around: Tensor

    @classmethod
    def empty(cls, *shape: int, width: int) -> Candidates:
        return cls(
            torch.zeros(shape, dtype=torch.float32),
            torch.full(shape, -1, dtype=torch.int32),
            torch.full(shape, -1, dtype=torch.int32),
            torch.zeros(shape, dtype=torch.int32),
            torch.zeros(shape, dtype=torch.int64),
            torch.zeros(shape, dtype=torch.int8),
            torch.zeros(*shape, width, dtype=torch.float16),
        )

    def each(self, change: Callable[[Tensor], Tensor]) -> Candidates:
        return Candidates(*(change(getattr(self, field.name)) for field in fields(self)))

    def __getitem__(self, index: object) -> Candidates:
        return self.each(lambda tensor: tensor[index])  # type: ignore[index]

    def __setitem__(self, index: object, other: Candidates) -> None:
        for field in fields(self):
            getattr(self, field.name)[index] = getattr(other, field.name)

    def __len__(self) -> int:
        return len(self.value)

    @property
    def used(self) -> Tensor:
        return self.ordinal >= 0

    def along(self, order: Tensor) -> Candidates:
        """Picks places along the second dimension: `order` [units, n]."""

        def pick(tensor: Tensor) -> Tensor:
            return tensor.gather(1, order if tensor.ndim == 2 else order[..., None].expand(-1, -1, tensor.shape[2]))

        return self.each(pick)

    @staticmethod
    def join(parts: Sequence[Candidates], dim: int) -> Candidates:
        return Candidates(*(torch.cat([getattr(p, f.name) for p in parts], dim) for f in fields(Candidates)))


def strength(value: Tensor, ordinal: Tensor) -> Tensor:
    """An integer that orders by value and, among equal values, puts the earlier window first."""
    bits = (value + 0.0).view(torch.int32).long()  # −0.0 becomes 0.0
    rising = torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    return torch.where(ordinal >= 0, (rising << 32) | (0xFFFFFFFF - ordinal.long()), NONE)


def in_order(keys: Tensor) -> Tensor:
    """Places in the order of integers along the last dimension; of equal short ones the earlier first, else any.

    numpy is several times as fast as torch: the processor's vectors sort numbers of four and eight bytes, and those of
    two are sorted by their digits.
    """
    return torch.from_numpy(keys.numpy().argsort(-1, kind="stable" if keys.dtype == torch.int16 else None))


def strongest(candidates: Candidates, keep: int = SHOWN) -> Candidates:
    """The candidates that stay, strongest first: [units, n] → [units, keep]. What reads the same comes once."""
    key = strength(candidates.value, candidates.ordinal)
    leave_one(key, candidates.context_hash)
    order = in_order(~key)[:, :keep]
    return select(candidates, order, key.gather(1, order) != NONE, keep)


def leave_one(key: Tensor, context_hash: Tensor, block: int = 2048) -> None:
    """Of a unit's candidates that read the same the strongest keeps its key, `strength` [units, n]; others get `NONE`.

    Those that have `NONE` already are unused, whatever their hashes.
    """
    alone = hashed(torch.arange(key.shape[1]) + NONE)
    same = torch.where(key != NONE, context_hash, alone)
    ordered = np.sort(same.numpy(), 1)
    some = torch.from_numpy((ordered[:, 1:] == ordered[:, :-1]).any(1).nonzero()[0])
    for units in torch.split(some, block):
        alike = same[units][:, :, None] == same[units][:, None, :]
        better = key[units][:, None, :] > key[units][:, :, None]
        key[units] = torch.where((alike & better).any(2), NONE, key[units])


def select(candidates: Candidates, order: Tensor, used: Tensor, width: int) -> Candidates:
    """Places of each unit in this order [units, n], of which some stay `used`, as [units, width]."""
    chosen = candidates.along(order)
    for field in fields(chosen):
        getattr(chosen, field.name)[~used] = -1 if field.name in ("ordinal", "document") else 0
    rows, have = chosen.value.shape
    return Candidates.join([chosen, Candidates.empty(rows, width - have, width=candidates.around.shape[-1])], 1)
