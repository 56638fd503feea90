"""Takes in windows one after another in one compiled loop: each is looked at again while it is near the core.

What a site did on a batch is larger than the memory that is near, and brought there anew for each question it takes as
long as the answer. So all that is asked of a window is asked before the next one comes.
"""

from __future__ import annotations

import numba
import numpy as np

from neuronwidget.atlas.count.by_numba.choosing import choose, record, sample
from neuronwidget.atlas.count.by_numba.counting import BINS, TILE, add_counts, count, find_ends
from neuronwidget.atlas.count.by_numba.numbers import COMPILED


@numba.njit(**COMPILED)
def take_in(  # type: ignore[no-untyped-def]
    values, flat, start, skip, before, batch, counted, limits, choice, sampled_fields, records, room, record_count
):
    """Takes in groups of windows of values [windows, tokens, all units], the units from `start`, and records of them.

    `flat`: the same [all rows, all units]; `batch`: see `BatchArrays`; `counted`: bound, ends, grid, bins, moments and
    truths, see `counting.count`; `limits`, `choice`: see `choosing.choose`; `sampled_fields`: fields, powers and values
    of a sample, see `choosing.sample`; `records`: places and fields, see `choosing.record`; `room`: highs and lows
    [windows, segments, some units], groups [windows, some units], scales [some units] and counts [some units · 64],
    which are 0. Fills `record_count` [1] with the number of records. Returns the first group that has values that are
    not finite, which is not taken in, or how many groups there are.
    """
    lengths, rows, groups, rows_of, drawn, ordinals, documents, hashes, sampled, places = batch
    bound, ends, grid, bins, moments, truths = counted
    fields, tokens_power, tokens = sampled_fields
    record_places, record_fields = records
    all_highs, all_lows, all_chosen, scales, counts = room
    few = np.zeros(TILE * BINS, np.uint8)
    n, group = 0, 0
    while group < len(groups) - 1:
        (first, begin), (last, end) = groups[group], groups[group + 1]
        here, its_lengths, its_hashes, its_places = (
            values[first:last],
            lengths[first:last],
            hashes[first:last],
            sampled[first:last],
        )
        highs, lows, chosen = all_highs[: last - first], all_lows[: last - first], all_chosen[: last - first]
        its_rows = rows_of[first:last]
        if not find_ends(here, its_lengths, skip, start, highs, lows):
            break
        if begin < end:
            count(
                flat, rows[begin:end], start, highs, lows, bound, ends, grid, bins, scales, counts, moments, truths, few
            )
        sample(
            here, its_lengths, skip, before, start, highs, its_hashes, its_places, places, fields, tokens_power, tokens
        )
        if choose(highs, lows, start, its_rows, drawn[first:last], limits, choice, chosen):
            n = record(
                here,
                its_lengths,
                skip,
                before,
                start,
                highs,
                lows,
                chosen,
                (ordinals[first:last], documents[first:last], its_rows),
                its_hashes,
                its_places,
                fields,
                record_places,
                record_fields,
                first,
                n,
            )
        group += 1
    add_counts(counts, start, bins)
    record_count[0] = n
    return group
