"""One chunk of the data, added up: the part of a scan that looks at every value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from neuronwidget.atlas.counts import INFINITY, Counts, Ends
from neuronwidget.atlas.crew import Crew, scratch
from neuronwidget.atlas.entries import CELLS, Entries, draw, one_per_document
from neuronwidget.atlas.histogram import cells, exponents
from neuronwidget.atlas.moments import Moments, Sums
from neuronwidget.atlas.sample import Sample, places

GROUPS = ("top", "bottom", "middle")
BEFORE, AFTER = 16, 8
SEGMENT = 16
_BLOCK = 1 << 18  # values looked at together: with its temporaries a block stays in a core's cache, and the bins of
_BLOCK_UNITS = 64  # 64 units in the fastest one
_HALF = 65504.0


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


class Near(Protocol):
    """What is kept with an exemplar, and which positions of a window are drawn for the sample."""

    def __call__(self, values: Tensor, windows: Tensor, units: Tensor) -> Tensor:
        """Of values [windows, positions, units], for flat windows and units [n]: [n, near]."""

    def places(self, ordinal: int) -> Tensor:
        """Ten positions of the window of this number."""


@dataclass(frozen=True)
class Batch:
    """Windows that run through the model together.

    `ordinals`, `documents` int32 [windows]: numbers in the whole data; `lengths`: tokens of each window; the first
    `skip` tokens are there for what follows them only, and were counted in the window before; `twins` int64
    [windows, tokens]: a hash of what stands around each token; `lots`: of the windows drawn for the
    sample; `shared`: documents with more than one window, None where that is not known; `near`: what is kept
    around a peak, where that is not the tokens before and after it.
    """

    ordinals: Tensor
    documents: Tensor
    lengths: list[int]
    skip: int
    twins: Tensor
    lots: dict[int, int] = field(default_factory=dict)
    shared: frozenset[int] | None = None
    near: Near | None = None

    @property
    def rows(self) -> int:
        return sum(self.lengths) - self.skip * len(self.lengths)

    def of_whole_inputs(self) -> Batch:
        """The same for a site that has one row a window."""
        return Batch(
            self.ordinals, self.documents, [1] * len(self.lengths), 0, self.twins[:, :1], self.lots, self.shared
        )


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
        self._filled: dict[int, Tensor] = {}
        self._entries: dict[str, list[tuple[Tensor, Entries]]] = {group: [] for group in GROUPS}

    def add(self, values: Tensor, batch: Batch, crew: Crew, bound: str | None = None) -> None:
        """Take in what the site did: float [windows, tokens, units]; rows beyond a window's length are padding."""
        values = values.contiguous()
        width = max(16, min(_BLOCK_UNITS, _BLOCK // max(1, batch.rows)))
        blocks = [slice(u, min(u + width, self.units)) for u in range(0, self.units, width)]
        done = crew.map(lambda block: self._block(values, batch, block, bound), blocks)
        self._batches.append(Sums.side_by_side([sums for sums, _, _ in done]).moments())
        highs, lows = torch.cat([part for _, part, _ in done], 2), torch.cat([part for _, _, part in done], 2)
        if not bool((highs.amax(1) - lows.amin(1)).sum().isfinite()):
            highs, lows = self._without_holes(values, batch, highs), -self._without_holes(-values, batch, lows)
        self.counts.reach(Ends(lows.amin((0, 1)), highs.amax((0, 1))))
        self._choose(values, batch, highs, lows)
        for window, lot in batch.lots.items():
            if self._limits is not None and lot > self._limits.lot:
                continue
            self.samples.append(self._sampled(values, batch, window, lot))

    def _block(self, values: Tensor, batch: Batch, block: slice, bound: str | None) -> tuple[Sums, Tensor, Tensor]:
        """Count a block of units; returns also the largest and least value of each segment [windows, segments, …]."""
        part = values[:, batch.skip :, block]
        even = all(length == values.shape[1] for length in batch.lengths)
        windows = [part] if even else [part[i : i + 1, : n - batch.skip] for i, n in enumerate(batch.lengths)]
        flat = scratch("values", batch.rows, part.shape[2])
        pieces = torch.split(flat, [window.shape[0] * window.shape[1] for window in windows])
        windows = [rows.view(w.shape).copy_(w) for rows, w in zip(pieces, windows, strict=True)]
        segments = -(-part.shape[1] // SEGMENT)
        highs = torch.cat([_segments(window, segments, largest=True) for window in windows])
        lows = torch.cat([_segments(window, segments, largest=False) for window in windows])
        ends = Ends(lows.amin((0, 1)), highs.amax((0, 1)))
        return self.counts.add_block(block, flat, ends, bound), highs, lows

    def moments(self) -> Moments:
        """Of all batches, joined in their order."""
        total = Moments.empty(self.units)
        for moments in self._batches:
            total = total.join(moments)
        return total

    def entries(self, group: str) -> list[tuple[Tensor, Entries]]:
        """What may be worth keeping; of the strongest one a document."""
        parts = self._entries[group]
        if not parts or group == "middle":
            return parts
        return [one_per_document(torch.cat([units for units, _ in parts]), Entries.join([e for _, e in parts], 0))]

    # ---- exemplars -------------------------------------------------------------------------------------

    def _choose(self, values: Tensor, batch: Batch, highs: Tensor, lows: Tensor) -> None:
        """Keep the windows whose peak [windows, units] is beyond the limits."""
        peaks, troughs = highs.amax(1), lows.amin(1)
        finite = torch.isfinite(peaks)
        shown = finite & (peaks != 0)
        self.peaks = self.peaks.join(
            Ends(torch.where(shown, peaks, INFINITY).amin(0), torch.where(shown, peaks, -INFINITY).amax(0))
        )
        top, middle = shown.clone(), shown & self._drawn(peaks, batch)
        bottom = torch.isfinite(troughs) & (troughs < 0)
        if self._limits is not None:
            top, bottom = top & (peaks > self._limits.top), bottom & (-troughs > self._limits.bottom)
        top, bottom = self._leading("top", top, peaks, batch), self._leading("bottom", bottom, -troughs, batch)
        either = top | middle
        if bool(either.any()):
            entries, windows, units = self._gather(values, batch, highs, either)
            for group, wanted in (("top", top), ("middle", middle)):
                here = wanted[windows, units]
                self._entries[group].append((units[here], entries[here]))
        if bool(bottom.any()):
            entries, _, units = self._gather(values, batch, lows, bottom, sign=-1)
            self._entries["bottom"].append((units, entries))

    def _leading(self, group: str, wanted: Tensor, values: Tensor, batch: Batch) -> Tensor:
        """Those wanted that are beyond the earlier windows of the same document; these come in their order."""
        best = self._best[group]
        documents = batch.documents.tolist()
        for window, document in enumerate(documents):
            if batch.shared is not None and document not in batch.shared:
                continue
            known = best.get(document)
            if known is None:
                best[document] = values[window]
            else:
                wanted[window] &= values[window] > known
                best[document] = torch.maximum(known, values[window])
        return wanted

    def _drawn(self, peaks: Tensor, batch: Batch) -> Tensor:
        """Which peaks could enter their cell, [windows, units]."""
        if self._limits is None:
            return torch.ones_like(peaks, dtype=torch.bool)
        ends = self._limits.peaks
        exponent = exponents(ends.low, ends.high, CELLS)
        inside = (peaks >= ends.low) & (peaks <= ends.high)
        cell = cells(torch.where(inside, peaks, ends.low.clamp(-1e30, 1e30)), exponent)
        cell = (cell - cells(ends.low.clamp(-1e30, 1e30), exponent)).clamp(0, CELLS - 1)
        limit = self._limits.draws.gather(1, cell.T).T
        drawn = draw(batch.documents)[:, None] < limit
        for window, document in enumerate(batch.documents.tolist()):
            if (
                batch.shared is None or document in batch.shared
            ):  # of the windows in a cell its first one stands for all
                bit = torch.where(inside[window], 1 << cell[window], 0)
                filled = self._filled.get(document, torch.zeros_like(bit))
                drawn[window] &= (filled & bit) == 0
                self._filled[document] = filled | bit
        return ~inside | drawn

    def _gather(
        self, values: Tensor, batch: Batch, ends: Tensor, wanted: Tensor, sign: int = 1
    ) -> tuple[Entries, Tensor, Tensor]:
        """Entries of the wanted [windows, units], flat, with their windows and units. `ends`: of each segment."""
        _, tokens, width = values.shape
        windows, units = wanted.nonzero(as_tuple=True)
        lengths = torch.tensor(batch.lengths)[windows]
        flat = values.view(-1)
        extremes = ends[windows, :, units] * sign
        segment = extremes.argmax(1)
        value = extremes.gather(1, segment[:, None])[:, 0]
        inside = batch.skip + segment[:, None] * SEGMENT + torch.arange(SEGMENT)
        inside = torch.minimum(inside, lengths[:, None] - 1)
        start = windows[:, None] * tokens
        found = flat[(start + inside) * width + units[:, None]].float() * sign
        position = inside.gather(1, (found == value[:, None]).byte().argmax(1, keepdim=True))
        near = self._around(values, batch, windows, units, position)
        position = position[:, 0]
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

    def _around(self, values: Tensor, batch: Batch, windows: Tensor, units: Tensor, position: Tensor) -> Tensor:
        """What units [n] did in windows [n] around positions [n, 1]: float16 [n, near], 0 beyond a window's ends."""
        if batch.near is not None:
            near = batch.near(values, windows, units).float()
            return near.nan_to_num(0.0).clamp(-_HALF, _HALF).half()
        _, tokens, width = values.shape
        lengths = torch.tensor(batch.lengths)[windows][:, None]
        around = position + torch.arange(-BEFORE, AFTER + 1) if self._near > 1 else position
        known = (around >= 0) & (around < lengths)
        around = torch.minimum(around.clamp_min(0), lengths - 1)
        near = values.view(-1)[(windows[:, None] * tokens + around) * width + units[:, None]].float()
        return torch.where(known, near.nan_to_num(0.0).clamp(-_HALF, _HALF), 0.0).half()

    def _without_holes(self, values: Tensor, batch: Batch, ends: Tensor) -> Tensor:
        """The largest finite value of each segment, −∞ where there is none; `ends` are those of all values."""
        part = values[:, batch.skip :].float()
        part = torch.where(torch.isfinite(part), part, -INFINITY)
        for window, length in enumerate(batch.lengths):
            part[window, length - batch.skip :] = -INFINITY
        return _segments(part, ends.shape[1], largest=True)

    def _sampled(self, values: Tensor, batch: Batch, window: int, lot: int) -> Sample:
        """One window for the sample of documents."""
        rows = values[window, : batch.lengths[window]].float().nan_to_num(0.0, 0.0, 0.0)
        peaks, position = rows[batch.skip :].max(0)
        position += batch.skip
        units = torch.arange(self.units)
        near = self._around(values, batch, torch.full_like(units, window), units, position[:, None])
        ordinal = int(batch.ordinals[window])
        chosen = places(ordinal, batch.skip, len(rows)) if batch.near is None else batch.near.places(ordinal)
        return Sample(
            torch.tensor([lot]),
            batch.documents[window : window + 1],
            batch.ordinals[window : window + 1],
            peaks[None],
            position.int()[None],
            near[None],
            rows[chosen].clamp(-_HALF, _HALF).half()[None],
        )


def _segments(rows: Tensor, segments: int, *, largest: bool) -> Tensor:
    """Ends of every 16 positions: [windows, positions, units] → [windows, segments, units]."""
    take = torch.amax if largest else torch.amin
    windows, positions, units = rows.shape
    whole = positions // SEGMENT
    parts = []
    if whole:
        parts.append(take(rows[:, : whole * SEGMENT].view(windows, whole, SEGMENT, units), dim=2))
    if positions % SEGMENT:
        parts.append(take(rows[:, whole * SEGMENT :], dim=1, keepdim=True))
    missing = segments - sum(part.shape[1] for part in parts)
    if missing:
        parts.append(rows.new_full((windows, missing, units), -INFINITY if largest else INFINITY))
    return torch.cat(parts, 1) if len(parts) > 1 else parts[0]
