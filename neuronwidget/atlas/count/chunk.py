"""Summary of one chunk of the data at one site: the part of a scan that looks at every value."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from neuronwidget.atlas.count.by_torch import block as by_torch
from neuronwidget.atlas.count.counts import Counts
from neuronwidget.atlas.count.ends import Ends
from neuronwidget.atlas.count.moments import Moments
from neuronwidget.atlas.count.records import BITS, GROUPS, Limits, Part, Records
from neuronwidget.atlas.count.sample import Sample
from neuronwidget.atlas.count.totals import Totals
from neuronwidget.atlas.maps import MapShape
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads


class ChunkSummary:
    """Adds up the batches of one chunk for one site.

    `groups`: the tables for which candidates are looked for; a sample of documents belongs to "middle".

    Attributes
    ----------
    compiled
        Were compiled loops at it? Then its records go into tables by such a loop, too.
    records
        Windows that are worth keeping, by batch and block of units.
    """

    def __init__(
        self, units: int, width: int, chunk: int, limits: Limits | None, groups: Sequence[str] = GROUPS
    ) -> None:
        self.units, self.number = units, chunk
        self.compiled = False
        self.samples: list[Sample] = []
        self.records: list[list[Records]] = []
        self._width, self._limits = width, limits
        self._groups, self._draws = sum(BITS[group] for group in groups), "middle" in groups
        self._totals = Totals(units, limits)

    @property
    def totals(self) -> Totals:
        """On the CPU from the first question for it on."""
        self._totals.to_cpu()
        return self._totals

    def add(
        self,
        values: Tensor,
        batch: Batch,
        threads: Threads,
        bound: str | None = None,
        shape: MapShape | None = None,
    ) -> None:
        """Take in what the site did: float [windows, tokens, units]; rows beyond a window's length are padding.

        `shape`: how positions lie over a picture, where they do; kept around a peak is then a map of it. Values on
        another device than the CPU are counted there.
        """
        self._move(values.device)
        sampled = [window for window, key in batch.sample_keys.items() if self._wants(key)]
        rows = self._totals.largest.rows(batch)
        part = Part(
            values.contiguous(),
            batch,
            bound,
            shape,
            self._width,
            self._groups,
            self._limits,
            rows,
            sampled,
            self._sample(batch, sampled),
        )
        self.compiled = threads.compiled and values.device.type == "cpu"
        if self.compiled:
            self._add_compiled(part, threads)
        else:
            self.records.append(by_torch.take(self._totals, part, slice(0, self.units), threads))

    def _add_compiled(self, part: Part, threads: Threads) -> None:
        """As many units at once as leave each thread some, and stay near the core."""
        from neuronwidget.atlas.count.by_numba.block import BLOCK, NEAR, BatchArrays, cut, take

        part = part.as_float32()
        arrays = BatchArrays(part)
        most = min(-(-self.units // max(1, threads.size)), -(-NEAR // part.values.shape[1]))
        spans = cut(slice(0, self.units), -(-most // BLOCK) * BLOCK)
        records = threads.map(lambda span: take(self._totals, part, arrays, span), spans)
        self.records.append([some for of_span in records for some in of_span])

    def _move(self, device: torch.device) -> None:
        """Before the first batch: to where the values are."""
        if self._totals.powers.device != device:
            self._limits = None if self._limits is None else self._limits.to(device)
            self._totals = Totals(self.units, self._limits, device)

    def _wants(self, sample_key: int) -> bool:
        return self._draws and (self._limits is None or sample_key <= self._limits.sample_key)

    def _sample(self, batch: Batch, windows: list[int]) -> Sample:
        """A sample of these windows, still to be filled."""
        sample = Sample.blank(len(windows), self.units, self._width)
        sample.sample_key[:] = torch.tensor([batch.sample_keys[window] for window in windows], dtype=torch.int64)
        chosen = torch.tensor(windows, dtype=torch.int64)
        sample.document[:], sample.ordinal[:] = batch.documents[chosen], batch.ordinals[chosen]
        self.samples += [sample.one(place) for place in range(len(windows))]
        return sample

    # ---- what came of it -------------------------------------------------------------------------------

    @property
    def counts(self) -> Counts:
        return self.totals.counts

    def moments(self) -> Moments:
        """Of all batches, joined in their order."""
        return self.totals.moments

    @property
    def peaks(self) -> Ends:
        """Of the largest values of documents, where these are worth showing."""
        totals = self.totals
        return totals.peaks.join(by_torch.shown_ends(totals.largest.high))

    def clear(self) -> None:
        """Forget it: it was taken in."""
        self.records, self.samples, self._totals = [], [], Totals(0, None)
