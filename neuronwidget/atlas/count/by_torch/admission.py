"""Takes the records of a chunk into the tables of a summary with numpy and torch: only what changes is touched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from neuronwidget.atlas.count.by_torch.cells import CellTable, rows_of
from neuronwidget.atlas.count.candidates import NONE, Candidates, in_order, leave_one, strength
from neuronwidget.atlas.count.ends import INFINITY, Ends
from neuronwidget.atlas.count.records import Largest, Records
from neuronwidget.atlas.count.spread import SpreadLimits


def admit(
    records: Sequence[Records], largest: Largest, top: Candidates, bottom: Candidates, middle: CellTable, ends: Ends
) -> None:
    """Take records into the tables. `ends`: of all values that are shown, with these."""
    middle.widen(ends)
    if not records:
        middle.finish(Candidates.empty(0, width=middle.table.around.shape[2]))
        return
    some = Records.joined(records)
    for group, table in (("top", top), ("bottom", bottom)):
        if table.value.shape[1]:
            _take_strongest(table, some, some.chosen(group, largest))
    if middle.table.value.shape[1]:
        chosen = some.chosen("middle", largest)
        middle.take(some.units[chosen].long().numpy(), some.candidates, chosen)
        middle.finish(some.candidates)


def _take_strongest(table: Candidates, records: Records, chosen: Tensor) -> None:
    """Take chosen ones of the records into a table of the strongest, which is in no order."""
    if not len(chosen):
        return
    keep, count, candidates = table.value.shape[1], torch.arange(len(chosen)), records.candidates
    order = in_order(records.units.index_select(0, chosen).long() << 32 | count)
    chosen = chosen.index_select(0, order)
    units = records.units.index_select(0, chosen).long()
    names, row, counts = torch.unique_consecutive(units, return_inverse=True, return_counts=True)
    wide = keep + int(counts.max())
    place = row * wide + (keep + count - (counts.cumsum(0) - counts).index_select(0, row))
    keys, hashes = torch.full((len(names), wide), NONE), torch.zeros(len(names), wide, dtype=torch.int64)
    value, ordinal, context_hash = (
        tensor.index_select(0, names) for tensor in (table.value, table.ordinal, table.context_hash)
    )
    keys[:, :keep], hashes[:, :keep] = strength(value, ordinal), context_hash
    value, ordinal, context_hash = (
        tensor.index_select(0, chosen) for tensor in (candidates.value, candidates.ordinal, candidates.context_hash)
    )
    keys.view(-1).index_copy_(0, place, strength(value, ordinal))
    hashes.view(-1).index_copy_(0, place, context_hash)
    free = keys[:, :keep] == NONE
    leave_one(keys, hashes)
    # What goes first: who reads as a stronger one does, then places that were free, from the first on.
    room = torch.arange(keep) + (NONE + 1)
    keys[:, :keep] = torch.where(keys[:, :keep] == NONE, torch.where(free, room + keep, room), keys[:, :keep])
    weakest = torch.from_numpy(np.partition(keys.numpy(), wide - keep, 1)[:, wide - keep])
    enters = keys.view(-1).index_select(0, place) >= weakest.index_select(0, row)
    unit, slot = (keys[:, :keep] < weakest[:, None]).nonzero(as_tuple=True)
    _put(table, names.index_select(0, unit) * keep + slot, candidates, chosen[enters])


def _put(table: Candidates, places: Tensor, candidates: Candidates, chosen: Tensor) -> None:
    """Chosen candidates take these places of the table, which are counted over all units."""
    for name, more in vars(candidates).items():
        rows_of(getattr(table, name))[places.numpy()] = rows_of(more).take(chosen.numpy())


def limits_of(
    top: Candidates, bottom: Candidates, middle: CellTable, ends: Ends
) -> tuple[Tensor, Tensor, SpreadLimits]:
    """What a document must exceed for the tables, in whatever order these are: [units] each, and of the intervals."""
    return _least(top), _least(bottom), middle.limits(ends)


def _least(table: Candidates) -> Tensor:
    """What exceeds it comes among the strongest: −∞ where there is room, ∞ where none are kept."""
    if not table.value.shape[1]:
        return torch.full((len(table),), INFINITY)
    return torch.where(table.used.all(1), table.value.amin(1), -INFINITY)
