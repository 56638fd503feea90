"""Random sample of documents, the same for every unit: what units usually do, and which units go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from neuronwidget.corpus.hashes import hashed

SIZE = 50
TOKENS = 10
SHARE_BITS = 31


@dataclass
class Sample:
    """One window of each of at most 50 documents, those with the lowest hashes.

    `sample_key`, `document`, `ordinal` [documents]; `value`, `position`, `context_hash` [documents, units]: the largest
    value in the window, where it is, and a hash of what is read there; `around` [documents, units, tokens around];
    `tokens` [documents, 10, units]: what all units did at 10 places. `power`, `tokens_power` [documents, units]:
    by which powers of two these are to be multiplied.
    """

    sample_key: Tensor
    document: Tensor
    ordinal: Tensor
    value: Tensor
    position: Tensor
    context_hash: Tensor
    power: Tensor
    around: Tensor
    tokens_power: Tensor
    tokens: Tensor

    @classmethod
    def empty(cls, units: int, width: int) -> Sample:
        return cls(
            torch.zeros(0, dtype=torch.int64),
            torch.zeros(0, dtype=torch.int32),
            torch.zeros(0, dtype=torch.int32),
            torch.zeros(0, units, dtype=torch.float32),
            torch.zeros(0, units, dtype=torch.int32),
            torch.zeros(0, units, dtype=torch.int64),
            torch.zeros(0, units, dtype=torch.int8),
            torch.zeros(0, units, width, dtype=torch.float16),
            torch.zeros(0, units, dtype=torch.int8),
            torch.zeros(0, TOKENS, units, dtype=torch.float16),
        )

    @staticmethod
    def join(parts: Sequence[Sample]) -> Sample:
        """The lowest keys of all parts, sorted by key."""
        order = torch.cat([part.sample_key for part in parts]).argsort(stable=True)[:SIZE]
        return Sample(*(torch.cat([getattr(part, f.name) for part in parts])[order] for f in fields(Sample)))

    @property
    def limit(self) -> int:
        """What a document's key must be below to be drawn."""
        return int(self.sample_key[-1]) if len(self.sample_key) >= SIZE else int(torch.iinfo(torch.int64).max)


def places(ordinal: int, first: int, last: int) -> Tensor:
    """Ten positions in [first, last) of a window, chosen by its number."""
    down, _ = shares(ordinal)
    return first + (down * (last - first) >> SHARE_BITS)


def shares(ordinal: int) -> tuple[Tensor, Tensor]:
    """Ten places in a picture, chosen by the number of its window, as shares of the way down and across: int64 [10].

    Maps of all sizes are looked at in the same places.
    """
    drawn = hashed(torch.arange(TOKENS) + ordinal * TOKENS)
    most = (1 << SHARE_BITS) - 1
    return drawn >> SHARE_BITS & most, drawn & most
