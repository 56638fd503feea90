"""Takes in what units did on a batch with torch: counts, moments, and the windows that may become exemplars."""

from __future__ import annotations

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


def take(totals: Totals, part: Part, units: slice, threads: Threads) -> Records | None:
    """Take in the values of `units`; the records are on the CPU, None where there are none."""
    values, batch = part.values[..., units].contiguous(), part.batch
    if values.device.type == "cpu":
        values = values.float()
    highs, lows = both_ends(values, batch, part.width, part.shape, threads)
    ends, holes = _ends(highs, lows), None
    if not bool((ends.high - ends.low).sum().isfinite()):
        holes = ~(torch.isfinite(ends.high) & torch.isfinite(ends.low))
        highs, lows = highs.finite(), lows.finite()
        ends = _ends(highs, lows)
    row_blocks = batch.row_blocks(block_rows(values.shape[2]))
    sums = totals.counts.add(values, row_blocks, ends, holes, part.bound, threads, units)
    totals.join(sums.moments(), units)
    if part.sampled:
        _fill(part, highs, units)
    return _records(totals, part, highs, lows, units)


def _ends(highs: Peaks, lows: Peaks) -> Ends:
    """Of each unit over all windows."""
    return Ends(-lows.largest.amax(0), highs.largest.amax(0))


def _records(totals: Totals, part: Part, highs: Peaks, lows: Peaks, units: slice) -> Records | None:
    """The windows whose ends are beyond the limits."""
    peaks, troughs, rows = highs.largest, lows.largest, part.rows
    shown = shows(peaks)
    totals.peaks.take(shown_ends(peaks[rows < 0]), units)
    top = _leading(shown, peaks, rows, totals.largest.high[:, units])
    bottom = _leading(torch.isfinite(troughs) & (troughs > 0), troughs, rows, totals.largest.low[:, units])
    middle, limits = top, part.limits
    if limits is not None:
        middle = top & _passed(limits, peaks, part.batch.documents, units)
        top, bottom = top & (peaks > limits.top[units]), bottom & (troughs > limits.bottom[units])
    kinds = (top * TOP | middle * MIDDLE) & part.groups, (bottom * BOTTOM) & part.groups
    records = [
        _recorded(ends, groups, part, units.start)
        for ends, groups in zip((highs, lows), kinds, strict=True)
        if bool(groups.any())
    ]
    return Records.in_order(records) if records else None


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


def _recorded(peaks: Peaks, groups: Tensor, part: Part, first: int) -> Records:
    """Records of the windows that have `groups` [windows, units], bits; the first unit has this number."""
    batch = part.batch
    windows, units = groups.nonzero(as_tuple=True)
    value, position, around = peaks.at(windows, units)
    around, power = narrow(around)
    kinds, windows, units, position = (t.cpu() for t in (groups[windows, units], windows, units, position))
    candidates = Candidates(
        value.cpu(),
        batch.ordinals[windows],
        batch.documents[windows],
        position.int(),
        batch.context_hashes[windows, position],
        power.cpu(),
        around.cpu(),
    )
    return Records((units + first).int(), windows.int(), kinds.byte(), part.rows[windows], candidates)


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


def _fill(part: Part, peaks: Peaks, units: slice) -> None:
    """The windows of the sample: their largest finite values, 0 where a unit has none, and those at chosen places."""
    sample, device, count = part.sample, peaks.values.device, peaks.values.shape[2]
    sampled = torch.tensor(part.sampled, device=device)
    windows, every = sampled.repeat_interleave(count), torch.arange(count, device=device).repeat(len(sampled))
    value, position, around = peaks.at(windows, every)
    around, power = narrow(around)
    position = position.cpu()
    hashes = peaks.batch.context_hashes[windows.cpu(), position]
    tokens = peaks.values[sampled[:, None], part.places().to(device)].float()
    tokens, tokens_power = narrow(tokens.transpose(1, 2))
    sample.value[:, units] = value.nan_to_num(0.0, 0.0, 0.0).cpu().view(-1, count)
    sample.position[:, units] = position.int().view(-1, count)
    sample.context_hash[:, units] = hashes.view(-1, count)
    sample.power[:, units] = power.cpu().view(-1, count)
    sample.around[:, units] = around.cpu().view(len(sampled), count, -1)
    sample.tokens_power[:, units] = tokens_power.cpu()
    sample.tokens[:, :, units] = tokens.transpose(1, 2).cpu()
