"""Summary of one chunk of the data at one site: the part of a scan that looks at every value."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.atlas.count.candidates import Candidates
from neuronwidget.atlas.count.counts import Counts
from neuronwidget.atlas.count.ends import INFINITY, Ends
from neuronwidget.atlas.count.float16 import narrow
from neuronwidget.atlas.count.moments import Moments
from neuronwidget.atlas.count.peaks import Peaks, both_ends
from neuronwidget.atlas.count.sample import Sample, places
from neuronwidget.atlas.count.spread import SpreadLimits
from neuronwidget.atlas.maps import MapShape
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.row_blocks import block_rows
from neuronwidget.passes.threads import Threads

GROUPS = ("top", "bottom", "middle")


@dataclass(frozen=True)
class Limits:
    """What a document must exceed to be worth keeping: [units] each; `middle` for the intervals.

    `sample_key`: what a document's key must be below to be in the sample; `values`: the ends of all values so far.
    """

    top: Tensor
    bottom: Tensor
    middle: SpreadLimits
    sample_key: int
    values: Ends


class ChunkSummary:
    """Adds up the batches of one chunk for one site."""

    def __init__(self, units: int, width: int, chunk: int, limits: Limits | None) -> None:
        self.units, self.number = units, chunk
        self.counts = Counts(units, limits.values if limits else None)
        self.samples: list[Sample] = []
        self._width = width
        self._limits = limits
        self._batches: list[Moments] = []
        self._peaks = Ends.empty(units)
        self._best: dict[int, dict[int, Tensor]] = {1: {}, -1: {}}  # of documents with several windows
        self._candidates: dict[str, list[tuple[Tensor, Candidates]]] = {group: [] for group in GROUPS}

    def add(
        self,
        values: Tensor,
        batch: Batch,
        threads: Threads,
        bound: str | None = None,
        shape: MapShape | None = None,
    ) -> None:
        """Take in what the site did: float [windows, tokens, units]; rows beyond a window's length are padding.

        `shape`: how positions lie over a picture, where they do; kept around a peak is then a map of it.
        """
        values = values.contiguous()
        highs, lows = both_ends(values, batch, self._width if shape is None else 0, shape, threads)
        ends, holes = _ends(highs, lows), None
        if not bool((ends.high - ends.low).sum().isfinite()):
            holes = ~(torch.isfinite(ends.high) & torch.isfinite(ends.low))
            highs, lows = highs.finite(), lows.finite()
            ends = _ends(highs, lows)
        row_blocks = batch.row_blocks(block_rows(self.units))
        self._batches.append(self.counts.add(values, row_blocks, ends, holes, bound, threads).moments())
        self._choose(batch, highs, lows)
        for window, sample_key in batch.sample_keys.items():
            if self._limits is not None and sample_key > self._limits.sample_key:
                continue
            self.samples.append(_sampled(highs, window, sample_key))

    def moments(self) -> Moments:
        """Of all batches, joined in their order."""
        total = Moments.empty(self.units)
        for moments in self._batches:
            total = total.join(moments)
        return total

    @property
    def peaks(self) -> Ends:
        """Of the largest values of documents, where these are worth showing."""
        ends = self._peaks
        for values in self._best[1].values():
            ends = ends.join(_shown_ends(values[None]))
        return ends

    def candidates(self, group: str) -> list[tuple[Tensor, Candidates]]:
        """What may be worth keeping: of each document the first window in which its largest (or least) value is."""
        parts, best = self._candidates[group], self._best[-1 if group == "bottom" else 1]
        if not parts or not best:
            return parts
        numbers = torch.tensor(sorted(best))
        largest = torch.stack([best[number] for number in sorted(best)])
        chosen = []
        for units, candidates in parts:
            row = torch.searchsorted(numbers, candidates.document.long()).clamp_max(len(numbers) - 1)
            last = (numbers[row] != candidates.document) | (largest[row, units] == candidates.value)
            chosen.append((units[last], candidates[last]))
        return chosen

    # ---- exemplars -------------------------------------------------------------------------------------

    def _choose(self, batch: Batch, highs: Peaks, lows: Peaks) -> None:
        """Keep the windows whose ends are beyond the limits."""
        peaks, troughs = highs.largest, lows.largest
        alone = torch.tensor([batch.shared is not None and d not in batch.shared for d in batch.documents.tolist()])
        self._peaks = self._peaks.join(_shown_ends(peaks[alone]))
        top = middle = self._leading(1, _shows(peaks), peaks, alone, batch)
        bottom = self._leading(-1, torch.isfinite(troughs) & (troughs > 0), troughs, alone, batch)
        limits = self._limits
        if limits is not None:
            top, bottom = top & (peaks > limits.top), bottom & (troughs > limits.bottom)
            middle = middle & limits.middle.passed(peaks, batch.documents)
        either = top | middle
        if bool(either.any()):
            candidates, windows, units = _candidates(highs, either)
            for group, wanted in (("top", top), ("middle", middle)):
                here = wanted[windows, units]
                self._candidates[group].append((units[here], candidates[here]))
        if bool(bottom.any()):
            candidates, _, units = _candidates(lows, bottom)
            self._candidates["bottom"].append((units, candidates))

    def _leading(self, sign: int, wanted: Tensor, values: Tensor, alone: Tensor, batch: Batch) -> Tensor:
        """Those wanted that are beyond the earlier windows of the same document; these come in their order."""
        best = self._best[sign]
        for window in (~alone).nonzero()[:, 0].tolist():
            document = int(batch.documents[window])
            largest = best.get(document)
            if largest is None:
                best[document] = values[window].clone()
            else:
                wanted[window] &= values[window] > largest
                torch.maximum(largest, values[window], out=largest)
        return wanted


def _shows(peaks: Tensor) -> Tensor:
    """Is a unit's largest value worth showing: finite, and not that of a unit at rest?"""
    return torch.isfinite(peaks) & (peaks != 0)


def _shown_ends(peaks: Tensor) -> Ends:
    """Of the peaks [windows, units] that are worth showing."""
    if not len(peaks):
        return Ends.empty(peaks.shape[1])
    shown = _shows(peaks)
    low, high = torch.where(shown, peaks, INFINITY).amin(0), torch.where(shown, peaks, -INFINITY).amax(0)
    return Ends(low, high)


def _ends(highs: Peaks, lows: Peaks) -> Ends:
    """Of each unit over all windows."""
    return Ends(-lows.largest.amax(0), highs.largest.amax(0))


def _candidates(peaks: Peaks, wanted: Tensor) -> tuple[Candidates, Tensor, Tensor]:
    """Candidates of the wanted [windows, units], flat, with their windows and units."""
    batch = peaks.batch
    windows, units = wanted.nonzero(as_tuple=True)
    value, position, around = peaks.at(windows, units)
    around, power = narrow(around)
    candidates = Candidates(
        value,
        batch.ordinals[windows],
        batch.documents[windows],
        position.int(),
        batch.context_hashes[windows, position],
        power,
        around,
    )
    return candidates, windows, units


def _sampled(peaks: Peaks, window: int, sample_key: int) -> Sample:
    """One window for the sample of documents: its largest finite values, 0 where a unit has none."""
    batch, units = peaks.batch, torch.arange(peaks.values.shape[2])
    value, position, around = peaks.at(torch.full_like(units, window), units)
    ordinal = int(batch.ordinals[window])
    shape = peaks.shape
    chosen = places(ordinal, batch.skip, batch.lengths[window]) if shape is None else shape.places(ordinal)
    around, power = narrow(around)
    tokens, tokens_power = narrow(peaks.values[window, chosen].float().T)
    return Sample(
        torch.tensor([sample_key]),
        batch.documents[window : window + 1],
        batch.ordinals[window : window + 1],
        value.nan_to_num(0.0, 0.0, 0.0)[None],
        position.int()[None],
        batch.context_hashes[window, position][None],
        power[None],
        around[None],
        tokens_power[None],
        tokens.T[None],
    )
