"""Takes in what units did on a batch with torch: counts, moments, and the windows that may become exemplars."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from neuronwidget.atlas.count.by_torch.peaks import Peaks, both_ends
from neuronwidget.atlas.count.candidates import Candidates
from neuronwidget.atlas.count.ends import INFINITY, Ends
from neuronwidget.atlas.count.float16 import narrow
from neuronwidget.atlas.count.records import BOTTOM, MIDDLE, TOP, Limits, Part, Records
from neuronwidget.atlas.count.totals import Totals
from neuronwidget.passes.row_blocks import block_rows
from neuronwidget.passes.threads import Threads


def take(totals: Totals, part: Part, units: slice, threads: Threads) -> list[Records]:
    """Take in the values of `units`; the records, those of largest values first, are on the CPU."""
    values, batch = part.values[..., units].contiguous(), part.batch
    if values.device.type == "cpu":
        values = values.float()
    highs, lows = both_ends(values, batch, part.width if part.shape is None else 0, part.shape, threads)
    ends, holes = _ends(highs, lows), None
    if not bool((ends.high - ends.low).sum().isfinite()):
        holes = ~(torch.isfinite(ends.high) & torch.isfinite(ends.low))
        highs, lows = highs.finite(), lows.finite()
        ends = _ends(highs, lows)
    row_blocks = batch.row_blocks(block_rows(values.shape[2]))
    sums = totals.counts.add(values, row_blocks, ends, holes, part.bound, threads, units)
    totals.join(sums.moments(), units)
    tops, bottoms = _wanted(totals, part, highs.largest, lows.largest, units)
    records = []
    if part.sampled or tops.any():
        records.append(_recorded(highs, tops, part, units, part.sampled))
    if bottoms.any():
        records.append(_recorded(lows, bottoms, part, units, []))
    return [some for some in records if len(some.units)]


def _ends(highs: Peaks, lows: Peaks) -> Ends:
    """Of each unit over all windows."""
    return Ends(-lows.largest.amax(0), highs.largest.amax(0))


def _wanted(totals: Totals, part: Part, peaks: Tensor, troughs: Tensor, units: slice) -> tuple[Tensor, Tensor]:
    """Of largest values and of least ones [windows, units] the groups that they may stay in, as bits."""
    shown, rows = shows(peaks), part.rows
    totals.peaks.take(shown_ends(peaks[rows < 0]), units)
    top = _leading(shown, peaks, rows, totals.largest.high[:, units])
    bottom = _leading(torch.isfinite(troughs) & (troughs > 0), troughs, rows, totals.largest.low[:, units])
    middle, limits = top, part.limits
    if limits is not None:
        middle = top & _passed(limits, peaks, part.batch.documents, units)
        top, bottom = top & (peaks > limits.top[units]), bottom & (troughs > limits.bottom[units])
    return (top * TOP | middle * MIDDLE) & part.groups, (bottom * BOTTOM) & part.groups


def _passed(limits: Limits, peaks: Tensor, documents: Tensor, units: slice) -> Tensor:
    return limits.middle.at(units).passed(peaks, documents.to(peaks.device))


def _leading(wanted: Tensor, values: Tensor, rows: Tensor, largest: Tensor) -> Tensor:
    """Those wanted [windows, units] that are beyond the earlier windows of the same document, in their order.

    `largest` [documents, units] is of those so far, and is kept up.
    """
    wanted = wanted.clone()
    for window, row in enumerate(rows.tolist()):
        if row >= 0:
            wanted[window] &= values[window] > largest[row]
            torch.maximum(largest[row], values[window], out=largest[row])
    return wanted


def _recorded(peaks: Peaks, groups: Tensor, part: Part, units: slice, sampled: Sequence[int]) -> Records:
    """Records of the windows that have `groups` [windows, units]; windows that are `sampled` fill the sample, too."""
    wanted = groups > 0
    wanted[sampled] = True
    windows, names = wanted.nonzero(as_tuple=True)
    value, position, around = peaks.at(windows, names)
    around, power = narrow(around)
    kinds = groups[windows, names]
    kinds, windows, names, position, value = (t.cpu() for t in (kinds, windows, names, position, value))
    batch, hashes = part.batch, part.batch.context_hashes
    candidates = Candidates(
        value,
        batch.ordinals.index_select(0, windows),
        batch.documents.index_select(0, windows),
        position.int(),
        hashes.flatten().index_select(0, windows * hashes.shape[1] + position),
        power.cpu(),
        around.cpu().contiguous(),
    )
    rows = part.rows.index_select(0, windows)
    records = Records((names + units.start).int(), windows.int(), kinds.byte(), rows, candidates)
    if not sampled:
        return records
    _fill(part, peaks, records, units)
    return records.at(kinds.nonzero()[:, 0])


def shows(peaks: Tensor) -> Tensor:
    """Is a unit's largest value worth showing: finite, and not that of a unit at rest?"""
    return torch.isfinite(peaks) & (peaks != 0)


def shown_ends(peaks: Tensor) -> Ends:
    """Of the peaks [windows, units] that are worth showing."""
    if not len(peaks):
        return Ends.empty(peaks.shape[1], peaks.device)
    shown = shows(peaks)
    low, high = torch.where(shown, peaks, INFINITY).amin(0), torch.where(shown, peaks, -INFINITY).amax(0)
    return Ends(low, high)


def _fill(part: Part, peaks: Peaks, records: Records, units: slice) -> None:
    """The windows of the sample: their largest finite values, 0 where a unit has none, and those at chosen places.

    `records` are those of all units there, and others.
    """
    sample, count = part.sample, units.stop - units.start
    places = part.places().to(peaks.values.device)
    for place, window in enumerate(part.sampled):
        first = int(torch.searchsorted(records.windows, window))
        found = records.candidates[first : first + count]
        tokens, tokens_power = narrow(peaks.values[window, places[place]].float().T)
        sample.value[place, units] = found.value.nan_to_num(0.0, 0.0, 0.0)
        for name in ("position", "context_hash", "power", "around"):
            getattr(sample, name)[place, units] = getattr(found, name)
        sample.tokens_power[place, units] = tokens_power.cpu()
        sample.tokens[place, :, units] = tokens.T.cpu()
