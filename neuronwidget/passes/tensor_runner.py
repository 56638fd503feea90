"""Runs inputs of one size, such as pictures and rows, through a live model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from neuronwidget.corpus.documents import Window
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.bounds import find_bounds
from neuronwidget.passes.listen import as_inputs, listen_to
from neuronwidget.passes.runner import TOLERANCE, Runner, sample_keys_of
from neuronwidget.passes.sink import Sink, where
from neuronwidget.passes.threads import Threads

#: How many values of one site may be held at once, at the first try.
_VALUES = 1 << 24
_MOST = 256


class TensorRunner(Runner):
    """Runs inputs of one size whole, as many of them in one pass as give the same numbers as one by one."""

    live: TensorModel

    def __init__(self, live: TensorModel, sites: Sequence[Site], threads: Threads, tokens: int = 0) -> None:
        self.live, self.sites, self.threads = live, list(sites), threads
        largest = max((site.width * self._positions(site) for site in sites), default=1)
        self.tokens = tokens or max(1, min(_MOST, _VALUES // largest))
        samples = [live.inputs.prepare(value) for value in live.inputs.samples()]
        self.bounds = find_bounds(live, sites, lambda: live.feed(samples[:1]))
        self.together = live.takes_many and self._same_inputs(samples)

    @staticmethod
    def _positions(site: Site) -> int:
        return site.layout.positions if site.layout is not None else 1

    def batches(self, windows: Sequence[Window]) -> Iterator[list[Window]]:
        step = self.tokens if self.together else 1
        for start in range(0, len(windows), step):
            yield list(windows[start : start + step])

    def _run_together(self, windows: list[Window], sink: Sink, shared: frozenset[int]) -> None:
        ordinals = torch.tensor([window.ordinal for window in windows], dtype=torch.int32)
        documents = torch.tensor([window.document for window in windows], dtype=torch.int32)
        hashes = torch.tensor([window.hashes[0] for window in windows])[:, None]
        sample_keys = sample_keys_of(windows)

        def take(site: Site, tensor: Tensor) -> None:
            values = where(sink, as_inputs(site, tensor, len(windows)))
            positions = values.shape[1]
            lengths = [positions] * len(windows)
            batch = Batch(ordinals, documents, lengths, 0, hashes.expand(-1, positions), sample_keys, shared)
            sink.add(site, values, batch, self.threads)

        prepared = [window.prepared for window in windows]
        listen_to(self.live, lambda: self.live.feed(prepared), self.sites, take)

    def _same_inputs(self, samples: list[Any]) -> bool:
        """Do inputs give the same numbers together as one by one?"""
        try:
            together, alone = self._values_of(samples), [self._values_of([sample]) for sample in samples]
            for site in self.sites:
                for row, one in zip(together[site], alone, strict=True):
                    scale = one[site].abs().max().clamp_min(1e-30)
                    if not bool((row - one[site][0]).abs().max() <= TOLERANCE * scale):
                        return False
        except Exception:
            return False
        return True

    def sample(self) -> dict[Site, Tensor]:
        return self._values_of([self.live.inputs.prepare(value) for value in self.live.inputs.samples()[:1]])

    def _values_of(self, prepared: list[Any]) -> dict[Site, Tensor]:
        values: dict[Site, Tensor] = {}

        def take(site: Site, tensor: Tensor) -> None:
            values[site] = as_inputs(site, tensor, len(prepared)).float().cpu().clone()

        listen_to(self.live, lambda: self.live.feed(prepared), self.sites, take)
        return values
