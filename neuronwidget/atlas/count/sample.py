"""A random sample of documents, the same for every unit: what units usually do, and which units go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from neuronwidget.atlas.count.candidates import mixed

SIZE = 50
TOKENS = 10
SHARE_BITS = 31


@dataclass
class Sample:
    """One window of each of at most 50 documents, those with the lowest hashes.

    `lot`, `document`, `ordinal` [documents]; `value`, `position`, `twin` [documents, units]: the largest value in the
    window, where it is, and a hash of what is read there; `near` [documents, units, tokens around]; `tokens`
    [documents, 10, units]: what all units did at 10 places. `power`, `tokens_power` [documents, units]: by which powers
    of two these are to be multiplied.
    """

    lot: Tensor
    document: Tensor
    ordinal: Tensor
    value: Tensor
    position: Tensor
    twin: Tensor
    power: Tensor
    near: Tensor
    tokens_power: Tensor
    tokens: Tensor

    @classmethod
    def empty(cls, units: int, near: int) -> Sample:
        return cls(
            torch.zeros(0, dtype=torch.int64),
            torch.zeros(0, dtype=torch.int32),
            torch.zeros(0, dtype=torch.int32),
            torch.zeros(0, units, dtype=torch.float32),
            torch.zeros(0, units, dtype=torch.int32),
            torch.zeros(0, units, dtype=torch.int64),
            torch.zeros(0, units, dtype=torch.int8),
            torch.zeros(0, units, near, dtype=torch.float16),
            torch.zeros(0, units, dtype=torch.int8),
            torch.zeros(0, TOKENS, units, dtype=torch.float16),
        )

    @staticmethod
    def join(parts: Sequence[Sample]) -> Sample:
        """The lowest lots of all parts, sorted by lot."""
        order = torch.cat([part.lot for part in parts]).argsort(stable=True)[:SIZE]
        return Sample(*(torch.cat([getattr(part, f.name) for part in parts])[order] for f in fields(Sample)))

    @property
    def limit(self) -> int:
        """What a lot must be below to be drawn."""
        return int(self.lot[-1]) if len(self.lot) >= SIZE else int(torch.iinfo(torch.int64).max)


def lots(documents: Tensor) -> Tensor:
    """The lots of documents: int64, no two alike."""
    return mixed(documents.long() + (1 << 40))


def places(ordinal: int, first: int, last: int) -> Tensor:
    """Ten positions in [first, last) of a window, chosen by its number."""
    down, _ = shares(ordinal)
    return first + (down * (last - first) >> SHARE_BITS)


def shares(ordinal: int) -> tuple[Tensor, Tensor]:
    """Ten places in a picture, chosen by the number of its window, as shares of the way down and across: int64 [10].

    Maps of all sizes are looked at in the same places.
    """
    drawn = mixed(torch.arange(TOKENS) + ordinal * TOKENS)
    most = (1 << SHARE_BITS) - 1
    return drawn >> SHARE_BITS & most, drawn & most
