"""Runs pictures and rows through a live model and hands what the sites do to tallies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from neuronwidget.atlas.count.chunk import ChunkSummary
from neuronwidget.atlas.count.maps import MapShape
from neuronwidget.corpus.documents import Window
from neuronwidget.live.capture import CaptureError
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.runner import TOLERANCE, Runner, find_bounds, listen_to
from neuronwidget.passes.threads import Threads

#: How many values of one site may be held at once, at the first try.
_VALUES = 1 << 24
_MOST = 256


def rows_of(site: Site, tensor: Tensor, inputs: int) -> Tensor:
    """A site's tensor as [inputs, positions, units]."""
    if site.layout is None:
        raise CaptureError(f"{site.name} has no layout: it was not found on inputs of one size.")
    found = site.layout.rows(tensor, inputs)
    if site.read is not None:
        found = torch.stack([site.read(one) for one in found])
    if found.shape[2] != site.width:
        raise CaptureError(f"{site.name} gave {found.shape[2]} units where it gave {site.width} before.")
    return found


class TensorRunner(Runner):
    """The same as `Runner` for inputs of one size; `tokens` is how many of them run together."""

    live: TensorModel

    def __init__(self, live: TensorModel, sites: Sequence[Site], threads: Threads, tokens: int = 0) -> None:
        self.live, self.sites, self.threads = live, list(sites), threads
        self.maps = {site: MapShape.of(site) for site in sites}
        largest = max((site.width * self._positions(site) for site in sites), default=1)
        self.tokens = tokens or max(1, min(_MOST, _VALUES // largest))
        samples = [live.inputs.prepare(value) for value in live.inputs.samples()]
        self.bounds = find_bounds(live, sites, lambda: live.feed(samples[:1]))
        self.together = live.takes_many and self._same_inputs(samples)
        self.looks_back = False

    @staticmethod
    def _positions(site: Site) -> int:
        return site.layout.positions if site.layout is not None else 1

    def batches(self, windows: Sequence[Window]) -> Iterator[list[Window]]:
        step = self.tokens if self.together else 1
        for start in range(0, len(windows), step):
            yield list(windows[start : start + step])

    def _run(self, windows: list[Window], tallies: dict[Site, ChunkSummary], shared: frozenset[int]) -> None:
        ordinals = torch.tensor([window.ordinal for window in windows], dtype=torch.int32)
        documents = torch.tensor([window.document for window in windows], dtype=torch.int32)
        marks = torch.tensor([window.marks[0] for window in windows])[:, None]
        lots = {i: window.lot for i, window in enumerate(windows) if window.lot is not None}

        def take(site: Site, tensor: Tensor) -> None:
            rows = rows_of(site, tensor, len(windows)).to("cpu")
            positions = rows.shape[1]
            twins = marks.expand(-1, positions)
            lengths = [positions] * len(windows)
            batch = Batch(ordinals, documents, lengths, 0, twins, lots, shared, self.maps[site])
            tallies[site].add(rows, batch, self.threads, self.bounds.get(site))

        prepared = [window.prepared for window in windows]
        listen_to(self.live, lambda: self.live.feed(prepared), self.sites, take)

    def _same_inputs(self, samples: list[Any]) -> bool:
        """Do inputs give the same numbers together as one by one?"""
        try:
            together, alone = self._heard(samples), [self._heard([sample]) for sample in samples]
            for site in self.sites:
                for row, one in zip(together[site], alone, strict=True):
                    scale = one[site].abs().max().clamp_min(1e-30)
                    if not bool((row - one[site][0]).abs().max() <= TOLERANCE * scale):
                        return False
        except Exception:
            return False
        return True

    def sample(self) -> dict[Site, Tensor]:
        return self._heard([self.live.inputs.prepare(value) for value in self.live.inputs.samples()[:1]])

    def _heard(self, prepared: list[Any]) -> dict[Site, Tensor]:
        found: dict[Site, Tensor] = {}

        def take(site: Site, tensor: Tensor) -> None:
            found[site] = rows_of(site, tensor, len(prepared)).float().cpu().clone()

        listen_to(self.live, lambda: self.live.feed(prepared), self.sites, take)
        return found


def runner_of(live: Any, sites: Sequence[Site], threads: Threads, tokens: int) -> Runner:
    """What runs windows of this model."""
    made: Callable[..., Runner] = TensorRunner if isinstance(live, TensorModel) else Runner
    return made(live, sites, threads, tokens)
