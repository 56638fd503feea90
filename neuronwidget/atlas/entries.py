"""Inputs that are kept for what a unit did on them, and the two rules by which they are kept.

Both rules give the same entries whatever the order in which documents come or tables are merged:

- *strongest*: the 20 windows of largest value, one a document. Ties go to the earlier document, then to the earlier
  position. Windows that read the same and have the same value (to 16 bits of mantissa) count as one, with the number
  of `copies`. One entry more than is shown is kept: where it ties with the last one shown, the number of copies of
  tied windows is not known, and `copies` says 0.
- *spread*: up to 4 windows in each of at most 16 cells of equal width between the smallest and the largest value; in
  each cell those whose documents have the lowest hashes: a random choice that is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from neuronwidget.atlas.counts import Ends
from neuronwidget.atlas.histogram import cells, exponents

SHOWN = 20
KEPT = SHOWN + 1
CELLS = 16
PER_CELL = 4
SPREAD = CELLS * PER_CELL
_NONE = torch.iinfo(torch.int64).min
_LAST = torch.iinfo(torch.int64).max
_EQUAL_BITS = ~0xFF


@dataclass
class Entries:
    """Entries side by side, each field [...] (and `near` [..., tokens around]); an unused place has ordinal −1.

    `ordinal` is the number of the window in the data, `position` the token in the window, `twin` a hash of the tokens
    around it, `near` what the unit did on them.
    """

    value: Tensor
    ordinal: Tensor
    document: Tensor
    position: Tensor
    twin: Tensor
    copies: Tensor
    near: Tensor

    @classmethod
    def empty(cls, *shape: int, near: int) -> Entries:
        return cls(
            torch.zeros(shape, dtype=torch.float32),
            torch.full(shape, -1, dtype=torch.int32),
            torch.full(shape, -1, dtype=torch.int32),
            torch.zeros(shape, dtype=torch.int32),
            torch.zeros(shape, dtype=torch.int64),
            torch.zeros(shape, dtype=torch.int32),
            torch.zeros(*shape, near, dtype=torch.float16),
        )

    def each(self, change: Callable[[Tensor], Tensor]) -> Entries:
        return Entries(*(change(getattr(self, field.name)) for field in fields(self)))

    def __getitem__(self, index: object) -> Entries:
        return self.each(lambda tensor: tensor[index])  # type: ignore[index]

    def __setitem__(self, index: object, other: Entries) -> None:
        for field in fields(self):
            getattr(self, field.name)[index] = getattr(other, field.name)

    def __len__(self) -> int:
        return len(self.value)

    @property
    def used(self) -> Tensor:
        return self.ordinal >= 0

    def along(self, order: Tensor) -> Entries:
        """Picks places along the second dimension: `order` [units, n]."""

        def pick(tensor: Tensor) -> Tensor:
            return tensor.gather(1, order if tensor.ndim == 2 else order[..., None].expand(-1, -1, tensor.shape[2]))

        return self.each(pick)

    @staticmethod
    def join(parts: Sequence[Entries], dim: int) -> Entries:
        return Entries(*(torch.cat([getattr(p, f.name) for p in parts], dim) for f in fields(Entries)))


def strength(value: Tensor, ordinal: Tensor) -> Tensor:
    """An integer that orders by value and, among equal values, puts the earlier window first."""
    bits = (value + 0.0).view(torch.int32).long()  # −0.0 becomes 0.0
    rising = torch.where(bits < 0, bits ^ 0x7FFFFFFF, bits)
    return torch.where(ordinal >= 0, (rising << 32) | (0xFFFFFFFF - ordinal.long()), _NONE)


def mixed(number: Tensor) -> Tensor:
    """A hash of integers (splitmix64): int64."""
    x = number.long() * -7046029254386353131 + 7046029254386353131
    x = (x ^ (x >> 30 & 0x3FFFFFFFF)) * -4658895280553007687
    x = (x ^ (x >> 27 & 0x1FFFFFFFFF)) * -7723592293110705685
    return x ^ (x >> 31 & 0x1FFFFFFFF)


def draw(document: Tensor) -> Tensor:
    """A document's lot: 27 random bits. Low ones are kept."""
    return mixed(document) >> 37 & 0x7FFFFFF


def kin(entries: Entries) -> Tensor:
    """Entries with equal numbers here show the same: int64, different for each unused place."""
    bits = ((entries.value + 0.0).view(torch.int32) & _EQUAL_BITS).long()
    alone = torch.arange(entries.value.shape[-1], device=bits.device).expand_as(bits)
    return torch.where(entries.used, mixed(entries.twin ^ mixed(bits)), mixed(alone + _NONE))


def strongest(entries: Entries, keep: int = KEPT, block: int = 2048) -> Entries:
    """The entries that stay, strongest first: [units, n] → [units, keep]. Each document comes once."""
    key = strength(entries.value, entries.ordinal)
    same = kin(entries)
    ordered = same.sort(1).values
    for units in torch.split((ordered[:, 1:] == ordered[:, :-1]).any(1).nonzero()[:, 0], block):
        alike = same[units][:, :, None] == same[units][:, None, :]
        entries.copies[units] = (alike * entries.copies[units][:, None, :]).sum(2, dtype=torch.int32)
        better = key[units][:, None, :] > key[units][:, :, None]
        key[units] = torch.where((alike & better).any(2), _NONE, key[units])
    found, order = key.topk(min(keep, key.shape[1]), dim=1)
    chosen = entries.along(order)
    _clear(chosen, found == _NONE)
    return chosen if chosen.value.shape[1] == keep else _padded(chosen, keep)


def known_copies(entries: Entries) -> Tensor:
    """`copies` of the entries shown [units, 20], 0 where it could not be counted."""
    bits = (entries.value + 0.0).view(torch.int32) & _EQUAL_BITS
    tied = entries.used[:, SHOWN:] & (bits[:, :SHOWN] == bits[:, SHOWN:])
    return torch.where(tied, 0, entries.copies[:, :SHOWN])


def spread(entries: Entries, low: Tensor, high: Tensor) -> Entries:
    """The entries that stay: [units, n] → [units, 64], by cell. `low`, `high` [units] are the ends of all values."""
    key, order = _spread_key(entries, low, high).sort(1)
    cell, document = key >> 58, entries.document.gather(1, order)
    used = key != _LAST
    fresh, again = torch.ones_like(used), torch.zeros_like(used)
    fresh[:, 1:] = cell[:, 1:] != cell[:, :-1]
    again[:, 1:] = ~fresh[:, 1:] & (document[:, 1:] == document[:, :-1])
    stays = used & ~again
    number = stays.cumsum(1)
    before = torch.where(fresh, number - stays.long(), 0).cummax(1).values  # how many stay of lower cells
    key = torch.where(stays & (number - before <= PER_CELL), key, _LAST)
    found, best = key.topk(min(SPREAD, key.shape[1]), dim=1, largest=False)
    chosen = entries.along(order.gather(1, best))
    _clear(chosen, found == _LAST)
    return chosen if chosen.value.shape[1] == SPREAD else _padded(chosen, SPREAD)


def _spread_key(entries: Entries, low: Tensor, high: Tensor) -> Tensor:
    exponent = exponents(low, high, CELLS)[:, None]
    first = cells(low[:, None], exponent)
    cell = (cells(entries.value, exponent) - first).clamp(0, CELLS - 1)
    key = (cell << 58) | (draw(entries.document) << 31) | entries.ordinal.long()
    return torch.where(entries.used, key, _LAST)


@dataclass(frozen=True)
class Cells:
    """The 16 cells between two ends [units], to look up many values. float64, as is what they are found by."""

    low: Tensor
    high: Tensor
    scale: Tensor
    first: Tensor

    @classmethod
    def between(cls, ends: Ends) -> Cells:
        some = ends.low <= ends.high
        low, high = (torch.where(some, end, 0.0) for end in (ends.low, ends.high))
        exponent = exponents(low, high, CELLS)
        scale = torch.ldexp(torch.ones_like(low, dtype=torch.float64), -exponent)
        return cls(ends.low, ends.high, scale, cells(low, exponent).double())

    def of(self, values: Tensor) -> Tensor:
        """The cell of each value [..., units]: int64, the nearest one for values beyond the ends, any for NaN."""
        found = torch.floor(values.double() * self.scale) - self.first
        return found.clamp_(0, CELLS - 1).nan_to_num_(0.0).long()


def spread_limits(entries: Entries, low: Tensor, high: Tensor) -> Tensor:
    """What a document must draw less than to be kept in a cell: int64 [units, 16]."""
    limits = torch.full((len(entries), CELLS), 1 << 27, dtype=torch.int64)
    key = _spread_key(entries, low, high)  # sorted already
    cell = torch.where(entries.used, key >> 58, CELLS)
    full = torch.zeros_like(entries.used)
    full[:, PER_CELL - 1 :] = (cell[:, PER_CELL - 1 :] == cell[:, : 1 - PER_CELL]) & (cell[:, PER_CELL - 1 :] < CELLS)
    units, places = full.nonzero(as_tuple=True)
    limits[units, cell[units, places]] = key[units, places] >> 31 & 0x7FFFFFF
    return limits


def one_per_document(units: Tensor, entries: Entries) -> tuple[Tensor, Entries]:
    """Of flat entries [n] of `units` [n] the strongest of each unit and document, sorted by unit."""
    order = strength(entries.value, entries.ordinal).argsort(descending=True)
    order = order[(units[order] << 32 | entries.document[order].long()).argsort(stable=True)]
    units, entries = units[order], entries[order]
    first = torch.ones_like(units, dtype=torch.bool)
    first[1:] = (units[1:] != units[:-1]) | (entries.document[1:] != entries.document[:-1])
    return units[first], entries[first]


def by_unit(units: Tensor, entries: Entries, most: int = 64) -> list[tuple[Tensor, Entries]]:
    """Flat entries [n] of `units` [n] as rectangles: units [m], entries [m, ≤ most]."""
    order = units.argsort(stable=True)
    names, row, counts = torch.unique_consecutive(units[order], return_inverse=True, return_counts=True)
    column = torch.arange(len(units)) - (counts.cumsum(0) - counts)[row]
    tables = []
    for start in range(0, int(counts.max()) if len(counts) else 0, most):
        here = (column >= start) & (column < start + most)
        present, inverse = row[here].unique(return_inverse=True)
        width = min(most, int(column[here].max()) - start + 1)
        table = Entries.empty(len(present), width, near=entries.near.shape[-1])
        table[inverse, column[here] - start] = entries[order[here]]
        tables.append((names[present], table))
    return tables


def _clear(entries: Entries, where: Tensor) -> None:
    for field in fields(entries):
        getattr(entries, field.name)[where] = -1 if field.name in ("ordinal", "document") else 0


def _padded(entries: Entries, width: int) -> Entries:
    rows, have = entries.value.shape
    return Entries.join([entries, Entries.empty(rows, width - have, near=entries.near.shape[-1])], 1)
