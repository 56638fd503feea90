"""From what a summary kept to the exemplars that are shown."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from neuronwidget.atlas.entries import SHOWN, Entries, draw, known_copies
from neuronwidget.atlas.summary import Summary

GROUPS = ("top", "bottom", "intervals", "quantiles")
STRATA, EACH = 5, 5
_LAST = torch.iinfo(torch.int64).max


@dataclass
class Shown:
    """Exemplars of a block of units, flat [n] (`near` [n, tokens around]), sorted by unit, group, stratum and rank.

    `group` numbers `GROUPS`; `stratum` is 0 (lowest) … 4, or −1; `copies` is 0 where it is not known.
    """

    unit: Tensor
    group: Tensor
    stratum: Tensor
    rank: Tensor
    value: Tensor
    copies: Tensor
    ordinal: Tensor
    position: Tensor
    near: Tensor

    def __getitem__(self, index: object) -> Shown:
        return Shown(*(getattr(self, field.name)[index] for field in fields(self)))


def shown(summary: Summary, first: int, last: int) -> Shown:
    """The exemplars of units first … last − 1. `summary` must be settled."""
    block = slice(first, last)
    top, bottom = summary.top[block], summary.bottom[block]
    parts = [
        _flat(top[:, :SHOWN], 0, known_copies(top)),
        _flat(bottom[:, :SHOWN], 1, known_copies(bottom), sign=-1),
        _intervals(summary.middle[block], summary.peaks.low[block], summary.peaks.high[block]),
        _quantiles(summary, block),
    ]
    together = Shown(*(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(Shown)))
    order = ((together.unit.long() * len(GROUPS) + together.group) * STRATA + together.stratum.clamp_min(0)) * 64
    together = together[(order + together.rank).argsort(stable=True)]
    together.unit += first
    return together


def _flat(entries: Entries, group: int, copies: Tensor, sign: int = 1) -> Shown:
    unit, rank = entries.used.nonzero(as_tuple=True)
    chosen = entries[unit, rank]
    none = torch.full_like(rank, -1)
    return Shown(
        unit,
        torch.full_like(rank, group),
        none,
        rank,
        chosen.value * sign,
        copies[unit, rank],
        chosen.ordinal,
        chosen.position,
        chosen.near,
    )


def _intervals(entries: Entries, low: Tensor, high: Tensor) -> Shown:
    """Five intervals of equal width between the smallest and the largest peak; up to five documents of each."""
    width = (high - low).double()
    share = (entries.value.double() - low[:, None]) / width.clamp_min(1e-300)[:, None]
    stratum = torch.where(width[:, None] > 0, (share * STRATA).floor().clamp(0, STRATA - 1), STRATA - 1.0).long()
    key = (stratum << 58) | (draw(entries.document) << 31) | entries.ordinal.long()
    key, order = torch.where(entries.used, key, _LAST).sort(1)
    entries, stratum, used = entries.along(order), stratum.gather(1, order), key != _LAST
    again = torch.zeros_like(used)
    again[:, 1:] = (stratum[:, 1:] == stratum[:, :-1]) & (entries.document[:, 1:] == entries.document[:, :-1])
    used = used & ~again
    before = torch.zeros_like(stratum)
    for i in range(STRATA):
        here = used & (stratum == i)
        before = torch.where(here, here.long().cumsum(1) - 1, before)
    used = used & (before < EACH)
    return _ranked(entries, used, stratum, 2)


def _quantiles(summary: Summary, block: slice) -> Shown:
    """Fifths of a random sample of documents by rank; the five documents in the middle of each."""
    sample = summary.sample
    value = sample.value[:, block].T
    n = value.shape[1]
    value, order = value.sort(dim=1, stable=True)
    entries = Entries(
        value,
        sample.ordinal.expand_as(value).gather(1, order),
        sample.document.expand_as(value).gather(1, order),
        sample.position[:, block].T.gather(1, order),
        torch.zeros_like(value, dtype=torch.int64),
        torch.ones_like(value, dtype=torch.int32),
        sample.near[:, block].transpose(0, 1).gather(1, order[..., None].expand(-1, -1, summary.near)),
    )
    place = torch.arange(n)
    stratum = place * STRATA // max(1, n)
    begin = -(-stratum * n // STRATA)
    size = -(-(stratum + 1) * n // STRATA) - begin
    offset = place - begin - (size - EACH).clamp_min(0) // 2
    used = (offset >= 0) & (offset < EACH)
    return _ranked(entries, used.expand_as(value), stratum.expand_as(value), 3)


def _ranked(entries: Entries, used: Tensor, stratum: Tensor, group: int) -> Shown:
    """The used entries, ranked in each stratum from the largest value down."""
    if not entries.value.shape[1]:
        return _flat(entries, group, entries.copies)
    order = entries.value.argsort(dim=1, descending=True, stable=True)
    entries, used, stratum = entries.along(order), used.gather(1, order), stratum.gather(1, order)
    rank = torch.zeros_like(stratum)
    for i in range(STRATA):
        here = used & (stratum == i)
        rank = torch.where(here, here.long().cumsum(1) - 1, rank)
    unit, place = used.nonzero(as_tuple=True)
    chosen = entries[unit, place]
    return Shown(
        unit,
        torch.full_like(unit, group),
        stratum[unit, place],
        rank[unit, place],
        chosen.value,
        chosen.copies,
        chosen.ordinal,
        chosen.position,
        chosen.near,
    )
