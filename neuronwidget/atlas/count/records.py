"""Records of the windows of a batch that are worth keeping, and what a site did on that batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from neuronwidget.atlas.count.candidates import Candidates
from neuronwidget.atlas.count.ends import INFINITY, Ends
from neuronwidget.atlas.count.sample import TOKENS, Sample, places
from neuronwidget.atlas.count.spread import SpreadLimits
from neuronwidget.atlas.maps import MapShape
from neuronwidget.passes.batch import Batch

GROUPS = ("top", "bottom", "middle")
TOP, BOTTOM, MIDDLE = 1, 2, 4
BITS = {"top": TOP, "bottom": BOTTOM, "middle": MIDDLE}


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

    def to(self, device: torch.device) -> Limits:
        """For values that are elsewhere."""
        if self.top.device == device:
            return self
        top, bottom, middle, values = (part.to(device) for part in (self.top, self.bottom, self.middle, self.values))
        return Limits(top, bottom, middle, self.sample_key, values)  # type: ignore[arg-type]


class Largest:
    """The largest values so far, and the least turned round, of documents with several windows in a chunk.

    `high`, `low` float32 [documents, units]; −∞ where there is none yet.
    """

    def __init__(self, units: int, device: torch.device | None = None) -> None:
        self.high, self.low = (torch.full((0, units), -INFINITY, device=device) for _ in range(2))
        self._rows: dict[int, int] = {}

    def rows(self, batch: Batch) -> Tensor:
        """Where the documents of a batch stand, int64 [windows]; −1 for those known to have one window."""
        rows = []
        for document in batch.documents.tolist():
            if batch.shared is not None and document not in batch.shared:
                rows.append(-1)
                continue
            rows.append(self._rows.setdefault(document, len(self._rows)))
        more = max(len(batch.shared or ()), len(self._rows)) - len(self.high)
        if more > 0:
            none = self.high.new_full((more, self.high.shape[1]), -INFINITY)
            self.high, self.low = torch.cat([self.high, none]), torch.cat([self.low, none])
        return torch.tensor(rows, dtype=torch.int64)


@dataclass(frozen=True)
class Part:
    """What a site did on a batch, and how it is taken in.

    `values` [windows, positions, units], without gaps in memory; `bound`: "tanh" or "sigmoid", where they come out of
    one; `shape`: how positions lie over a picture, where they do; `width`: values kept around a peak, where they do
    not; `groups`: bits of those that are kept; `rows`: see `Largest.rows`; `sample`: of the windows `sampled`, to be
    filled.
    """

    values: Tensor
    batch: Batch
    bound: str | None
    shape: MapShape | None
    width: int
    groups: int
    limits: Limits | None
    rows: Tensor
    sampled: list[int]
    sample: Sample

    def places(self) -> Tensor:
        """The positions that are kept of the windows in the sample, int64 [documents, 10]."""
        batch, of_picture = self.batch, None if self.shape is None else self.shape.places
        chosen = [
            places(int(batch.ordinals[window]), batch.skip, batch.lengths[window])
            if of_picture is None
            else of_picture(int(batch.ordinals[window]))
            for window in self.sampled
        ]
        return torch.stack(chosen) if chosen else torch.empty(0, TOKENS, dtype=torch.int64)

    def after(self, window: int) -> Part:
        """The same of the windows from this one on."""
        first = sum(sampled < window for sampled in self.sampled)
        return replace(
            self,
            values=self.values[window:],
            batch=self.batch.after(window),
            rows=self.rows[window:],
            sampled=[sampled - window for sampled in self.sampled[first:]],
            sample=self.sample.after(first),
        )

    def as_float32(self) -> Part:
        return self if self.values.dtype == torch.float32 else replace(self, values=self.values.float())


@dataclass(frozen=True)
class Records:
    """Windows that are worth keeping for units, flat [n], in the order of windows, then of units.

    `units`, `windows` (numbers in the batch) int32, `groups` uint8, bits of those it may stay in; `rows`: see
    `Largest.rows`. One of a window's least value is turned round, as in the table `bottom`.
    """

    units: Tensor
    windows: Tensor
    groups: Tensor
    rows: Tensor
    candidates: Candidates

    def from_window(self, first: int) -> Records:
        """The same where the first window has this number."""
        return replace(self, windows=self.windows + first)

    @staticmethod
    def joined(parts: Sequence[Records]) -> Records:
        """All of them, one behind another."""
        if len(parts) == 1:
            return parts[0]
        units, windows, groups, rows = (
            torch.cat([getattr(part, name) for part in parts]) for name in ("units", "windows", "groups", "rows")
        )
        return Records(units, windows, groups, rows, Candidates.join([part.candidates for part in parts], 0))

    def at(self, places: Tensor) -> Records:
        """Some of them."""
        units, windows, groups, rows = (
            tensor.index_select(0, places) for tensor in (self.units, self.windows, self.groups, self.rows)
        )
        return Records(units, windows, groups, rows, self.candidates.each(lambda field: field.index_select(0, places)))

    def chosen(self, group: str, largest: Largest) -> Tensor:
        """Which are of a group: of each document the first window that has its largest (or least) value."""
        best = largest.low if group == "bottom" else largest.high
        here = (self.groups & BITS[group]).nonzero()[:, 0]
        rows = self.rows.index_select(0, here)
        last = rows < 0
        several = (~last).nonzero()[:, 0]
        some = here[several]
        last[several] = best[rows[several], self.units[some].long()] == self.candidates.value[some]
        return here[last]
