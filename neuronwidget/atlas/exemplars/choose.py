"""Chooses the exemplars that are shown from the candidates that a summary kept.

What is chosen takes a byte an exemplar (`Choice`); `rows_of` then looks up all that is kept of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from neuronwidget.atlas.count.candidates import SHOWN, Candidates, in_order, strength
from neuronwidget.atlas.count.sample import Sample
from neuronwidget.atlas.count.summary import Summary
from neuronwidget.corpus.hashes import random_bits

GROUPS = ("top", "bottom", "intervals", "quantiles")
STRATA, EACH = 5, 5
PARTS = tuple([(0, -1), (1, -1)] + [(group, stratum) for group in (2, 3) for stratum in range(STRATA)])
"""Group and stratum of what is shown of a unit, in its order: stratum 0 (lowest) … 4, or −1 where a group has none."""
MOST = tuple(SHOWN if stratum < 0 else EACH for _, stratum in PARTS)
"""How many exemplars each part has at most."""
_LAST = torch.iinfo(torch.int64).max


@dataclass(frozen=True)
class Choice:
    """Which candidates are shown of a block of units.

    `counts` uint8 [units, 12]: how many exemplars each of `PARTS` has; `slots` uint8 [n]: the places of all of them
    among the candidates of their group, one unit after another.
    """

    counts: Tensor
    slots: Tensor


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
    """The exemplars of units first … last − 1."""
    return rows_of(summary, first, choose(summary, first, last))


def choose(summary: Summary, first: int, last: int) -> Choice:
    """Which candidates are shown of units first … last − 1, by a sample that is sorted."""
    block = slice(first, last)
    ranked = [_strongest(summary.top[block], 0), _strongest(summary.bottom[block], 1)]
    if "middle" in summary.groups:
        ranked.append(_intervals(summary.middle[block], summary.peaks.low[block], summary.peaks.high[block]))
        ranked.append(_quantiles(summary, block))
    slots, parts = (torch.cat(tensors, 1) for tensors in zip(*ranked, strict=True))
    order = in_order(parts.short() << 8 | torch.arange(parts.shape[1], dtype=torch.int16))
    parts = parts.gather(1, order)
    counts = torch.zeros(len(parts), len(PARTS) + 1, dtype=torch.int64)
    counts.scatter_add_(1, parts.long(), torch.ones_like(parts, dtype=torch.int64))
    chosen = slots.gather(1, order)[parts < len(PARTS)]
    return Choice(counts[:, : len(PARTS)].byte(), chosen)


def labelled(counts: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Of exemplars that are counted [units, 12]: unit, group, stratum and rank, int64 [n] each."""
    flat = counts.long().flatten()
    part = torch.arange(len(PARTS)).repeat(len(counts)).repeat_interleave(flat)
    rank = torch.arange(len(part)) - (flat.cumsum(0) - flat).repeat_interleave(flat)
    group, stratum = (torch.tensor(numbers).index_select(0, part) for numbers in zip(*PARTS, strict=True))
    unit = torch.arange(len(counts)).repeat_interleave(counts.sum(1, dtype=torch.int64))
    return unit, group, stratum, rank


def around_of(summary: Summary, first: int, choice: Choice) -> Tensor:
    """What the units did around chosen exemplars: [n, values around]; the units are those from `first` on."""
    unit, group, _, _ = labelled(choice.counts)
    around = torch.empty(len(unit), summary.width, dtype=torch.float16)
    for table, here, place in _looked_up(summary, unit + first, group, choice.slots):
        around.index_copy_(0, here, table.around.flatten(0, 1).index_select(0, place))
    return around


def _looked_up(
    summary: Summary, unit: Tensor, group: Tensor, slots: Tensor
) -> Iterator[tuple[Candidates | Sample, Tensor, Tensor]]:
    """Of each group the table, which exemplars are in it, and where: in what `flatten(0, 1)` makes of a field."""
    tables: tuple[Candidates | Sample, ...] = (summary.top, summary.bottom, summary.middle, summary.sample)
    for number, table in enumerate(tables):
        here = (group == number).nonzero()[:, 0]
        units, places = unit[here], slots[here].long()
        wide = table.value.shape[1]
        yield table, here, places * wide + units if number == GROUPS.index("quantiles") else units * wide + places


def rows_of(summary: Summary, first: int, choice: Choice, *, around: bool = True) -> ExemplarRows:
    """All that is kept of chosen exemplars; the units are those from `first` on. `around`: also what is around them."""
    unit, group, stratum, rank = labelled(choice.counts)
    unit = unit + first
    n = len(unit)
    rows = ExemplarRows(
        unit,
        group,
        stratum,
        rank,
        torch.empty(n),
        torch.empty(n, dtype=torch.int32),
        torch.empty(n, dtype=torch.int32),
        torch.empty(n, dtype=torch.int8),
        around_of(summary, first, choice) if around else torch.empty(n, 0, dtype=torch.float16),
    )
    for table, here, place in _looked_up(summary, unit, group, choice.slots):
        for name in ("value", "position", "power"):
            getattr(rows, name).index_copy_(0, here, getattr(table, name).flatten().index_select(0, place))
        by_window = table is summary.sample  # one window of a document for all units
        ordinals = table.ordinal[choice.slots[here].long()] if by_window else table.ordinal.flatten()[place]
        rows.ordinal.index_copy_(0, here, ordinals)
        if table is summary.bottom:
            rows.value[here] *= -1
    return rows


Ranked = tuple[Tensor, Tensor]
"""Of a group's candidates [units, n], those of each part by rank: their places, and the number of the part that each is
shown in, 12 for none; uint8."""


def _strongest(candidates: Candidates, part: int) -> Ranked:
    order = in_order(~strength(candidates.value, candidates.ordinal))
    parts = torch.where(candidates.used, part, len(PARTS)).byte()
    return order.byte(), parts.gather(1, order)


def _intervals(candidates: Candidates, low: Tensor, high: Tensor) -> Ranked:
    """Five intervals of equal width between the smallest and the largest value; up to five documents of each."""
    width = high.double() - low.double()
    place = (candidates.value.double() - low[:, None].double()) * STRATA / width.clamp_min(1e-300)[:, None]
    stratum = torch.where(width[:, None] > 0, place.floor().clamp(0, STRATA - 1), STRATA - 1.0).long()
    key = (stratum << 58) | (random_bits(candidates.document) << 31) | candidates.ordinal.long()
    order = in_order(torch.where(candidates.used, key, _LAST))
    stratum, used = stratum.gather(1, order), candidates.used.gather(1, order)
    used = used & ~_read_before(candidates.context_hash.gather(1, order), stratum)
    return _ranked(candidates.value.gather(1, order), order, used & (_numbers(used, stratum) < EACH), stratum, 2)


def _quantiles(summary: Summary, block: slice) -> Ranked:
    """Fifths of a random sample of documents by rank; the five documents in the middle of each that read otherwise."""
    sample = summary.sample
    value = sample.value[:, block].T
    n = value.shape[1]
    order = in_order(strength(value, n - torch.arange(n)))
    value = value.gather(1, order)
    stratum = (torch.arange(n) * STRATA // max(1, n)).expand_as(order)
    used = ~_read_before(sample.context_hash[:, block].T.gather(1, order), stratum)
    size = torch.stack([(used & (stratum == i)).sum(1) for i in range(STRATA)], 1).gather(1, stratum)
    offset = _numbers(used, stratum) - (size - EACH).clamp_min(0) // 2
    return _ranked(value, order, used & (offset >= 0) & (offset < EACH), stratum, 3)


def _read_before(context_hash: Tensor, stratum: Tensor) -> Tensor:
    """Does one before it in the same stratum read the same? [units, n], sorted by stratum as far as they are used."""
    before = torch.zeros_like(context_hash, dtype=torch.bool)
    ordered = np.sort(context_hash.numpy(), 1)
    some = torch.from_numpy((ordered[:, 1:] == ordered[:, :-1]).any(1).nonzero()[0])  # mostly few or none
    alike, order = context_hash[some].sort(dim=1, stable=True)
    strata = stratum[some].gather(1, order)
    again = torch.zeros_like(alike, dtype=torch.bool)
    again[:, 1:] = (alike[:, 1:] == alike[:, :-1]) & (strata[:, 1:] == strata[:, :-1])
    before[some] = torch.zeros_like(again).scatter_(1, order, again)
    return before


def _numbers(used: Tensor, stratum: Tensor) -> Tensor:
    """The number of each used entry in its stratum, [units, n], counted from 0; strata of used ones are sorted."""
    count = used.cumsum(1, dtype=torch.int32)
    first = torch.ones_like(used)
    first[:, 1:] = stratum[:, 1:] != stratum[:, :-1]
    before = torch.where(first, count - used.int(), 0)  # how many there are in lower strata
    return count - 1 - torch.from_numpy(np.maximum.accumulate(before.numpy(), 1))


def _ranked(value: Tensor, slots: Tensor, used: Tensor, stratum: Tensor, group: int) -> Ranked:
    """The used ones of candidates, ranked in each stratum from the largest value down."""
    parts = torch.where(used, stratum + PARTS.index((group, 0)), len(PARTS))
    order = in_order(~strength(value, torch.arange(value.shape[1])))
    return slots.gather(1, order).byte(), parts.gather(1, order).byte()
