"""Takes the records of a chunk into the tables of a summary, without copies of either."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from neuronwidget.atlas.count.by_numba import loops
from neuronwidget.atlas.count.by_numba.block import bits_of, rulers_of
from neuronwidget.atlas.count.candidates import Candidates
from neuronwidget.atlas.count.ends import Ends
from neuronwidget.atlas.count.records import Largest, Records
from neuronwidget.atlas.count.spread import CELLS, SpreadLimits


def admit(
    records: Sequence[Records],
    largest: Largest,
    top: Candidates,
    bottom: Candidates,
    middle: Candidates,
    before: Ends,
    ends: Ends,
) -> None:
    """Take records into the tables. `before`, `ends`: of the values that are shown, without and with this chunk.

    All of a chunk's together, so that the tables of a unit are looked at once.
    """
    into = _fields(top), _fields(bottom), _fields(middle)
    loops.widen_cells(*(end.numpy() for end in (before.low, before.high, ends.low, ends.high)), into[2])
    if not records:
        return
    some, best = Records.joined(records), (largest.high.numpy(), largest.low.numpy())
    kinds = some.units.numpy(), some.groups.numpy(), some.rows.numpy()
    loops.take(*kinds, *best, _fields(some.candidates), *into, *rulers_of(ends))


def limits_of(top: Candidates, bottom: Candidates, middle: Candidates, ends: Ends) -> tuple[Any, Any, SpreadLimits]:
    """What a document must exceed for the tables, in whatever order these are: [units] each, and of the intervals."""
    units = len(top)
    least = [torch.empty(units), torch.empty(units)]
    for table, limit in zip((top, bottom), least, strict=True):
        loops.find_least(_fields(table), limit.numpy())
    draws = torch.empty(units, CELLS, dtype=torch.int32)
    low, high = torch.empty(units, CELLS), torch.empty(units, CELLS)
    scale, base = rulers_of(ends)
    loops.find_cell_limits(_fields(middle), scale, base, draws.numpy(), low.numpy(), high.numpy())
    return least[0], least[1], SpreadLimits(ends, draws, low, high)


def _fields(candidates: Candidates) -> tuple[Any, ...]:
    """Its fields as arrays, the values around as bits."""
    plain = [candidates.value, candidates.ordinal, candidates.document, candidates.position, candidates.context_hash]
    return *(tensor.numpy() for tensor in plain), candidates.power.numpy(), bits_of(candidates.around)
