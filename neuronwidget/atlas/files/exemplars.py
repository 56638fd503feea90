"""Chooses the exemplars that are shown from the candidates that a summary kept."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from neuronwidget.atlas.count.candidates import Candidates
from neuronwidget.atlas.count.summary import Summary
from neuronwidget.corpus.hashes import random_bits

GROUPS = ("top", "bottom", "intervals", "quantiles")
STRATA, EACH = 5, 5
_LAST = torch.iinfo(torch.int64).max


@dataclass
class ExemplarRows:
    """Exemplars of a block of units, flat [n] (`around` [n, tokens around]), sorted by unit, group, stratum and rank.

    `group` numbers `GROUPS`; `stratum` is 0 (lowest) … 4, or −1; `around` is to be multiplied by 2^`power`.
    """

    unit: Tensor
    group: Tensor
    stratum: Tensor
    rank: Tensor
    value: Tensor
    ordinal: Tensor
    position: Tensor
    power: Tensor
    around: Tensor

    def __getitem__(self, index: object) -> ExemplarRows:
        return ExemplarRows(*(getattr(self, field.name)[index] for field in fields(self)))


def shown(summary: Summary, first: int, last: int) -> ExemplarRows:
    """The exemplars of units first … last − 1. `summary` must be settled."""
    block = slice(first, last)
    top, bottom = summary.top[block], summary.bottom[block]
    parts = [
        _flat(top, 0),
        _flat(bottom, 1, sign=-1),
        _intervals(summary.middle[block], summary.peaks.low[block], summary.peaks.high[block]),
        _quantiles(summary, block),
    ]
    together = ExemplarRows(
        *(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(ExemplarRows))
    )
    order = ((together.unit.long() * len(GROUPS) + together.group) * STRATA + together.stratum.clamp_min(0)) * 64
    together = together[(order + together.rank).argsort(stable=True)]
    together.unit += first
    return together


def _flat(candidates: Candidates, group: int, sign: int = 1) -> ExemplarRows:
    unit, rank = candidates.used.nonzero(as_tuple=True)
    chosen = candidates[unit, rank]
    none = torch.full_like(rank, -1)
    return ExemplarRows(
        unit,
        torch.full_like(rank, group),
        none,
        rank,
        chosen.value * sign,
        chosen.ordinal,
        chosen.position,
        chosen.power,
        chosen.around,
    )


def _intervals(candidates: Candidates, low: Tensor, high: Tensor) -> ExemplarRows:
    """Five intervals of equal width between the smallest and the largest value; up to five documents of each."""
    width = high.double() - low.double()
    place = (candidates.value.double() - low[:, None].double()) * STRATA / width.clamp_min(1e-300)[:, None]
    stratum = torch.where(width[:, None] > 0, place.floor().clamp(0, STRATA - 1), STRATA - 1.0).long()
    key = (stratum << 58) | (random_bits(candidates.document) << 31) | candidates.ordinal.long()
    key, order = torch.where(candidates.used, key, _LAST).sort(1)
    candidates, stratum, used = candidates.along(order), stratum.gather(1, order), key != _LAST
    used = used & ~_read_before(candidates, used, stratum)
    return _ranked(candidates, used & (_numbers(used, stratum) < EACH), stratum, 2)


def _read_before(candidates: Candidates, used: Tensor, stratum: Tensor) -> Tensor:
    """Does a used entry before it in the same stratum read the same? [units, n]."""
    n = used.shape[1]
    same = (candidates.context_hash[:, :, None] == candidates.context_hash[:, None, :]) & (
        stratum[:, :, None] == stratum[:, None, :]
    )
    return (same & used[:, None, :] & torch.ones(n, n, dtype=torch.bool).tril(-1)).any(2)


def _numbers(used: Tensor, stratum: Tensor) -> Tensor:
    """The number of each used entry in its stratum, [units, n], counted from 0."""
    number = torch.zeros_like(stratum)
    for i in range(STRATA):
        here = used & (stratum == i)
        number = torch.where(here, here.long().cumsum(1) - 1, number)
    return number


def _quantiles(summary: Summary, block: slice) -> ExemplarRows:
    """Fifths of a random sample of documents by rank; the five documents in the middle of each that read otherwise."""
    sample = summary.sample
    value = sample.value[:, block].T
    n = value.shape[1]
    value, order = value.sort(dim=1, stable=True)
    candidates = Candidates(
        value,
        sample.ordinal.expand_as(value).gather(1, order),
        sample.document.expand_as(value).gather(1, order),
        sample.position[:, block].T.gather(1, order),
        sample.context_hash[:, block].T.gather(1, order),
        sample.power[:, block].T.gather(1, order),
        sample.around[:, block].transpose(0, 1).gather(1, order[..., None].expand(-1, -1, summary.width)),
    )
    stratum = (torch.arange(n) * STRATA // max(1, n)).expand_as(order)
    every = torch.ones_like(order, dtype=torch.bool)
    used = ~_read_before(candidates, every, stratum)
    size = torch.stack([(used & (stratum == i)).sum(1) for i in range(STRATA)], 1).gather(1, stratum)
    offset = _numbers(used, stratum) - (size - EACH).clamp_min(0) // 2
    return _ranked(candidates, used & (offset >= 0) & (offset < EACH), stratum, 3)


def _ranked(candidates: Candidates, used: Tensor, stratum: Tensor, group: int) -> ExemplarRows:
    """The used candidates, ranked in each stratum from the largest value down."""
    if not candidates.value.shape[1]:
        return _flat(candidates, group)
    order = candidates.value.argsort(dim=1, descending=True, stable=True)
    candidates, used, stratum = candidates.along(order), used.gather(1, order), stratum.gather(1, order)
    rank = _numbers(used, stratum)
    unit, place = used.nonzero(as_tuple=True)
    chosen = candidates[unit, place]
    return ExemplarRows(
        unit,
        torch.full_like(unit, group),
        stratum[unit, place],
        rank[unit, place],
        chosen.value,
        chosen.ordinal,
        chosen.position,
        chosen.power,
        chosen.around,
    )
