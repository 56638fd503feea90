"""One chunk of the data, added up: the part of a scan that looks at every value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from neuronwidget.atlas.counts import INFINITY, Counts, Ends
from neuronwidget.atlas.crew import Crew
from neuronwidget.atlas.entries import Cells, Entries, draw, one_per_document
from neuronwidget.atlas.moments import Moments
from neuronwidget.atlas.pieces import Piece, cut, piece_rows
from neuronwidget.atlas.sample import Sample, places

GROUPS = ("top", "bottom", "middle")
BEFORE, AFTER = 16, 8
SEGMENT = 16
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
    _pieces: dict[int, list[Piece]] = field(default_factory=dict, repr=False, compare=False)

    def pieces(self, rows: int) -> list[Piece]:
        """All tokens that count, in pieces of so many rows."""
        if rows not in self._pieces:
            self._pieces[rows] = cut(self.lengths, self.skip, rows)
        return self._pieces[rows]

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
        self._cells: Cells | None = None
        self._filled: dict[int, Tensor] = {}
        self._entries: dict[str, list[tuple[Tensor, Entries]]] = {group: [] for group in GROUPS}

    def add(self, values: Tensor, batch: Batch, crew: Crew, bound: str | None = None) -> None:
        """Take in what the site did: float [windows, tokens, units]; rows beyond a window's length are padding."""
        values = values.contiguous()
        highs, lows = _extremes(values, batch, crew)
        ends, holes = Ends(lows.amin((0, 1)), highs.amax((0, 1))), None
        if not bool((ends.high - ends.low).sum().isfinite()):
            holes = ~(torch.isfinite(ends.high) & torch.isfinite(ends.low))
            highs, lows = self._without_holes(values, batch, highs), -self._without_holes(-values, batch, lows)
            ends = Ends(lows.amin((0, 1)), highs.amax((0, 1)))
        pieces = batch.pieces(piece_rows(self.units))
        self._batches.append(self.counts.add(values, pieces, ends, holes, bound, crew).moments())
        self._choose(values, batch, highs, lows)
        for window, lot in batch.lots.items():
            if self._limits is not None and lot > self._limits.lot:
                continue
            self.samples.append(self._sampled(values, batch, window, lot))

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
        top, middle = shown.clone(), self._drawn(peaks, shown, batch)
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


def _extremes(values: Tensor, batch: Batch, crew: Crew) -> tuple[Tensor, Tensor]:
    """The largest and the least value of every 16 tokens that count: float32 [windows, segments, units] each."""
    windows, tokens, units = values.shape
    segments = -(-(tokens - batch.skip) // SEGMENT)
    highs, lows = torch.empty(windows, segments, units), torch.empty(windows, segments, units)
    even = all(length == tokens for length in batch.lengths)
    step = max(1, piece_rows(units) // tokens) if even else 1

    def look(first: int) -> None:
        rows = values[first : first + step, batch.skip : batch.lengths[first]]
        highs[first : first + step] = _segments(rows, segments, largest=True)
        lows[first : first + step] = _segments(rows, segments, largest=False)

    crew.map(look, range(0, windows, step))
    return highs, lows


def _segments(rows: Tensor, segments: int, *, largest: bool) -> Tensor:
    """Ends of every 16 positions: [windows, positions, units] → [windows, segments, units]."""
    take = torch.amax if largest else torch.amin
    windows, positions, units = rows.shape
    whole = positions // SEGMENT
    parts = []
    if whole:
        parts.append(take(rows[:, : whole * SEGMENT].unflatten(1, (whole, SEGMENT)), dim=2))
    if positions % SEGMENT:
        parts.append(take(rows[:, whole * SEGMENT :], dim=1, keepdim=True))
    missing = segments - sum(part.shape[1] for part in parts)
    if missing:
        parts.append(rows.new_full((windows, missing, units), -INFINITY if largest else INFINITY))
    return torch.cat(parts, 1) if len(parts) > 1 else parts[0]
