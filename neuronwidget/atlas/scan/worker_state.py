"""State of a worker: chunks go in, summaries come out epoch by epoch, and what came out may be lost.

A scan that is spread over workers is cut into epochs, runs of consecutive chunks that any workers take in any order.
When all chunks of an epoch are done the workers hand in what they made of it; only when that is safe they forget it.
So a worker that dies takes with it no more than its chunks of the epochs at work, and those can be done again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from neuronwidget.atlas.count.chunk import ChunkSummary
from neuronwidget.atlas.count.moments import MomentTree
from neuronwidget.atlas.count.records import GROUPS
from neuronwidget.atlas.count.summary import Summary
from neuronwidget.atlas.scan.chunk_sink import ChunkSink
from neuronwidget.corpus.documents import Chunk
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.runner import Runner

State = dict[str, Tensor]


class EpochSummary(Summary):
    """Of one epoch. What could not stay beside that which the same worker handed in before is left out early."""

    def __init__(self, whole: Summary) -> None:
        self._known = whole.limits if whole._last_chunk >= 0 else None
        super().__init__(whole.units, whole.width, whole.groups)
        # The limits hold for later chunks only; for one that is done again `start` then uses none.
        self._last_chunk = whole._last_chunk

    def add(self, chunk: ChunkSummary) -> None:
        super().add(chunk)
        self._join_limits()

    def _set_limits(self) -> None:
        super()._set_limits()
        self._join_limits()

    def _join_limits(self) -> None:
        own, whole = self.limits, self._known
        if whole is not None:
            self.limits = replace(
                own,
                top=torch.maximum(own.top, whole.top),
                bottom=torch.maximum(own.bottom, whole.bottom),
                middle=whole.middle,
                sample_key=min(own.sample_key, whole.sample_key),
            )


class WorkerState:
    """What a worker holds: a part an epoch, and the tables that say what is not worth keeping any more."""

    def __init__(self, runner: Runner, widths: Mapping[Site, int], groups: tuple[str, ...] = GROUPS) -> None:
        self.runner = runner
        self._known = {site: Summary(site.width, widths[site], groups) for site in runner.sites}
        self._parts: dict[int, dict[Site, EpochSummary]] = {}

    def take(self, epoch: int, chunk: Chunk) -> None:
        """Run a chunk through the model."""
        parts = self._parts.get(epoch)
        if parts is None:
            parts = self._parts[epoch] = {site: EpochSummary(whole) for site, whole in self._known.items()}
        counted = self.runner.run(chunk, lambda chunk: ChunkSink(chunk, parts, self.runner.bounds))
        self.runner.threads.map(lambda site: parts[site].add(counted.by_site[site]), self.runner.sites)

    def state(self, epoch: int) -> State:
        """All of an epoch as named tensors: "site|field"."""
        return flat({site.name: part for site, part in self._parts[epoch].items()})

    def forget(self, epoch: int) -> None:
        """The epoch is safe elsewhere: only what limits later ones is kept of it."""
        for site, part in self._parts.pop(epoch).items():
            part.tree = MomentTree()
            self._known[site].merge(part)


def flat(summaries: Mapping[str, Summary]) -> State:
    """As named tensors: "site|field"."""
    return {
        f"{name}|{field}": tensor for name, summary in summaries.items() for field, tensor in summary.state().items()
    }


def summaries(state: Mapping[str, Tensor]) -> dict[str, Summary]:
    """By site. They use the tensors of `state`, which must be nobody else's."""
    states: dict[str, State] = {}
    for name, tensor in state.items():
        site, _, field = name.partition("|")
        states.setdefault(site, {})[field] = tensor
    return {site: Summary.from_state(fields) for site, fields in states.items()}
