"""One chunk of the data, added up: the part of a scan that looks at every value."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.atlas.batch import Batch
from neuronwidget.atlas.counts import INFINITY, Counts, Ends
from neuronwidget.atlas.crew import Crew
from neuronwidget.atlas.entries import Cells, Entries, draw, one_per_document
from neuronwidget.atlas.moments import Moments
from neuronwidget.atlas.peaks import HALF, Peaks, both_ends
from neuronwidget.atlas.pieces import piece_rows
from neuronwidget.atlas.sample import Sample, places

GROUPS = ("top", "bottom", "middle")


@dataclass(frozen=True)
class Limits:
    """What a window must exceed to be worth keeping: [units] each; `draws` [units, 16] for the cells of `peaks`.

    `lot`: what a document's lot must be below to be in the sample; `values`: the ends of all values so far.
    """

    top: Tensor
    bottom: Tensor
    peaks: Ends
    draws: Tensor
    lot: int
    values: Ends


class Tally:
    """Adds up the batches of one chunk for one site."""

    def __init__(self, units: int, near: int, chunk: int, limits: Limits | None) -> None:
        self.units, self.chunk = units, chunk
        self.counts = Counts(units, limits.values if limits else None)
        self.peaks = Ends.empty(units)
        self.samples: list[Sample] = []
        self._near = near
        self._limits = limits
        self._batches: list[Moments] = []
        self._best: dict[str, dict[int, Tensor]] = {"top": {}, "bottom": {}}
        self._cells: Cells | None = None
        self._filled: dict[int, Tensor] = {}
        self._entries: dict[str, list[tuple[Tensor, Entries]]] = {group: [] for group in GROUPS}
        self._repeats = False  # may a document come with several windows?

    def add(self, values: Tensor, batch: Batch, crew: Crew, bound: str | None = None) -> None:
        """Take in what the site did: float [windows, tokens, units]; rows beyond a window's length are padding."""
        values = values.contiguous()
        self._repeats |= batch.shared is None or bool(batch.shared)
        highs, lows = both_ends(values, batch, self._near, crew)
        ends, holes = _ends(highs, lows), None
        if not bool((ends.high - ends.low).sum().isfinite()):
            holes = ~(torch.isfinite(ends.high) & torch.isfinite(ends.low))
            highs, lows = highs.finite(), lows.finite()
            ends = _ends(highs, lows)
        pieces = batch.pieces(piece_rows(self.units))
        self._batches.append(self.counts.add(values, pieces, ends, holes, bound, crew).moments())
        self._choose(batch, highs, lows)
        for window, lot in batch.lots.items():
            if self._limits is not None and lot > self._limits.lot:
                continue
            self.samples.append(_sampled(highs, window, lot))

    def moments(self) -> Moments:
        """Of all batches, joined in their order."""
        total = Moments.empty(self.units)
        for moments in self._batches:
            total = total.join(moments)
        return total

    def entries(self, group: str) -> list[tuple[Tensor, Entries]]:
        """What may be worth keeping; of the strongest one a document."""
        parts = self._entries[group]
        if not parts or group == "middle" or not self._repeats:
            return parts
        return [one_per_document(torch.cat([units for units, _ in parts]), Entries.join([e for _, e in parts], 0))]

    # ---- exemplars -------------------------------------------------------------------------------------

    def _choose(self, batch: Batch, highs: Peaks, lows: Peaks) -> None:
        """Keep the windows whose ends are beyond the limits."""
        peaks, troughs = highs.largest, lows.largest
        shown = torch.isfinite(peaks) & (peaks != 0)
        self.peaks = self.peaks.join(
            Ends(torch.where(shown, peaks, INFINITY).amin(0), torch.where(shown, peaks, -INFINITY).amax(0))
        )
        top, middle = shown.clone(), self._drawn(peaks, shown, batch)
        bottom = torch.isfinite(troughs) & (troughs > 0)
        if self._limits is not None:
            top, bottom = top & (peaks > self._limits.top), bottom & (troughs > self._limits.bottom)
        top, bottom = self._leading("top", top, peaks, batch), self._leading("bottom", bottom, troughs, batch)
        either = top | middle
        if bool(either.any()):
            entries, windows, units = _entries(highs, either)
            for group, wanted in (("top", top), ("middle", middle)):
                here = wanted[windows, units]
                self._entries[group].append((units[here], entries[here]))
        if bool(bottom.any()):
            entries, _, units = _entries(lows, bottom)
            self._entries["bottom"].append((units, entries))

    def _leading(self, group: str, wanted: Tensor, values: Tensor, batch: Batch) -> Tensor:
        """Those wanted that are beyond the earlier windows of the same document; these come in their order."""
        best = self._best[group]
        some = wanted.any(1).tolist()
        for window, document in enumerate(batch.documents.tolist()):
            if not some[window] or (batch.shared is not None and document not in batch.shared):
                continue
            known = best.get(document)
            if known is None:
                best[document] = values[window]
            else:
                wanted[window] &= values[window] > known
                best[document] = torch.maximum(known, values[window])
        return wanted

    def _drawn(self, peaks: Tensor, shown: Tensor, batch: Batch) -> Tensor:
        """Which of the peaks `shown` could enter their cell, [windows, units]."""
        if self._cells is None:
            # Cells of a part of the values lie within cells of all: what is too much for the one is for the other.
            self._cells = Cells.between(self._limits.peaks if self._limits is not None else self.peaks)
        cell = self._cells.of(peaks)
        inside = shown & (peaks >= self._cells.low) & (peaks <= self._cells.high)
        drawn = inside
        if self._limits is not None:
            drawn = inside & (draw(batch.documents)[:, None] < self._limits.draws.T.gather(0, cell))
        kept = drawn.clone()
        some = drawn.any(1).tolist()
        for window, document in enumerate(batch.documents.tolist()):
            if not some[window] or (batch.shared is not None and document not in batch.shared):
                continue
            # Of a document's windows in a cell the first one stands for all.
            bit = torch.where(drawn[window], 1 << cell[window], 0)
            filled = self._filled.get(document)
            if filled is not None:
                bit &= ~filled
                filled |= bit
                kept[window] = bit != 0
            else:
                self._filled[document] = bit
        return kept | (shown & ~inside)


def _ends(highs: Peaks, lows: Peaks) -> Ends:
    """Of each unit over all windows."""
    return Ends(-lows.largest.amax(0), highs.largest.amax(0))


def _entries(peaks: Peaks, wanted: Tensor) -> tuple[Entries, Tensor, Tensor]:
    """Entries of the wanted [windows, units], flat, with their windows and units."""
    batch = peaks.batch
    windows, units = wanted.nonzero(as_tuple=True)
    value, position, near = peaks.at(windows, units)
    entries = Entries(
        value,
        batch.ordinals[windows],
        batch.documents[windows],
        position.int(),
        batch.twins[windows, position],
        torch.ones_like(value, dtype=torch.int32),
        near,
    )
    return entries, windows, units


def _sampled(peaks: Peaks, window: int, lot: int) -> Sample:
    """One window for the sample of documents: its largest finite values, 0 where a unit has none."""
    batch, units = peaks.batch, torch.arange(peaks.values.shape[2])
    value, position, near = peaks.at(torch.full_like(units, window), units)
    ordinal = int(batch.ordinals[window])
    chosen = places(ordinal, batch.skip, batch.lengths[window]) if batch.near is None else batch.near.places(ordinal)
    return Sample(
        torch.tensor([lot]),
        batch.documents[window : window + 1],
        batch.ordinals[window : window + 1],
        value.nan_to_num(0.0, 0.0, 0.0)[None],
        position.int()[None],
        near[None],
        peaks.values[window, chosen].float().nan_to_num(0.0, 0.0, 0.0).clamp(-HALF, HALF).half()[None],
    )
