"""Sink of a scan: sums up what every site did on one chunk."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from neuronwidget.atlas.count.chunk import ChunkSummary
from neuronwidget.atlas.count.summary import Summary
from neuronwidget.atlas.maps import MapShape
from neuronwidget.corpus.documents import Chunk
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads


class ChunkSink:
    """A `ChunkSummary` a site, each of which leaves out early what could not stay in the site's whole summary.

    `bounds`: of sites whose values come straight out of a tanh or sigmoid.
    """

    on_device = True  # values are counted where they are, or where the threads say

    def __init__(self, chunk: Chunk, summaries: Mapping[Site, Summary], bounds: Mapping[Site, str]) -> None:
        self.by_site: dict[Site, ChunkSummary] = {
            site: summary.start(chunk.number) for site, summary in summaries.items()
        }
        self._bounds = bounds
        self._shapes = {
            site: MapShape.of(site)
            for site, summary in summaries.items()
            if site.layout is not None and "middle" in summary.groups  # else the value alone is kept
        }

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        if threads.place is not None:
            values = values.to(threads.place)
        self.by_site[site].add(values, batch, threads, self._bounds.get(site), self._shapes.get(site))
