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

    @classmethod
    def blank(cls, documents: int, units: int, width: int) -> Sample:
        """Of so many documents, still to be filled."""
        none = vars(cls.empty(units, width)).values()
        return cls(*(torch.empty(documents, *field.shape[1:], dtype=field.dtype) for field in none))

    def one(self, place: int) -> Sample:
        """Of a document alone; the memory is the same."""
        return Sample(*(getattr(self, field.name)[place : place + 1] for field in fields(self)))

    def after(self, place: int) -> Sample:
        """Of the documents from this place on; the memory is the same."""
        return Sample(*(getattr(self, field.name)[place:] for field in fields(self)))

    def __len__(self) -> int:
        return len(self.sample_key)

    def join(self, parts: Sequence[Sample]) -> Sample:
        """The documents of the lowest keys of all, in no order. This one is used up: its memory is used again."""
        keys = torch.cat([self.sample_key, *(part.sample_key for part in parts)])
        kept = torch.zeros(len(keys), dtype=torch.bool)
        kept[keys.argsort(stable=True)[:SIZE]] = True
        places = [(part, place) for part in parts for place in range(len(part))]
        new = [place for place, stays in zip(places, kept[len(self) :].tolist(), strict=True) if stays]
        free = (~kept[: len(self)]).nonzero()[:, 0].tolist()
        for field in fields(self):
            own = getattr(self, field.name)
            for to, (part, place) in zip(free, new, strict=False):
                own[to] = getattr(part, field.name)[place]
        more = new[len(free) :]
        if not more:
            return self
        return Sample(
            *(
                torch.cat([getattr(self, f.name), *(getattr(part, f.name)[i : i + 1] for part, i in more)])
                for f in fields(self)
            )
        )

    def sort(self) -> None:
        """By their keys."""
        order = self.sample_key.argsort(stable=True)
        if bool((order[1:] < order[:-1]).any()):
            for field in fields(self):  # one after another: together they are a third of what a scan holds
                setattr(self, field.name, getattr(self, field.name)[order])

    @property
    def limit(self) -> int:
        """What a document's key must be below to be drawn."""
        return int(self.sample_key.max()) if len(self) >= SIZE else int(torch.iinfo(torch.int64).max)


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
