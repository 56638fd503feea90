"""Passes without an atlas: a sink of one's own takes in what the sites do, whatever the inputs are."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import neuronwidget as nw
from neuronwidget.corpus.documents import Chunk, Cutter, chunks, read_documents
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.parallel import ParallelRunners
from neuronwidget.passes.runners import runner_of
from neuronwidget.passes.threads import Threads
from tests.hostile.atlas_victim import documents as texts
from tests.hostile.atlas_victim import live as small_text_model


class Largest:
    """The largest value of every unit in each document, of one chunk."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        self.by_document: dict[int, dict[Site, Tensor]] = {}

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        for window, (document, length) in enumerate(zip(batch.documents.tolist(), batch.lengths, strict=True)):
            largest = values[window, batch.skip : length].amax(0).float()
            of_document = self.by_document.setdefault(document, {})
            of_document[site] = torch.maximum(of_document.get(site, largest), largest)


def largest(live: nw.LiveModel, cutter: Cutter, source: Any) -> dict[int, dict[Site, Tensor]]:
    threads = Threads()
    found: dict[int, dict[Site, Tensor]] = {}
    try:
        with ParallelRunners(runner_of(live, live.choose(None), threads)) as runners:
            for chunk, sink in runners.run(chunks(read_documents(source, cutter), cutter), Largest, lambda: False):
                assert sink.chunk is chunk
                found |= sink.by_document
    finally:
        threads.close()
    return found


@pytest.mark.parametrize("kind", ["text", "image"])
def test_a_sink_takes_in_what_one_recording_after_another_says(kind: str) -> None:
    if kind == "text":
        live = small_text_model()
        source: list[Any] = texts()[:20]
        window: int | None = 512
    else:
        live = nw.demo("digits")
        source = list(np.random.default_rng(0).integers(0, 256, (70, 16, 16), dtype=np.uint8))
        window = None
    cutter = kind_of(kind).cutter(live.inputs, window, None)
    by_document = largest(live, cutter, source)
    assert sorted(by_document) == list(range(len(source)))
    for number, document in enumerate(source):
        recording = live.record(document)
        for site, values in by_document[number].items():
            torch.testing.assert_close(values, recording[site.name].amax(0), rtol=1e-4, atol=1e-5)


def test_what_was_taken_in_of_a_chunk_that_ran_out_of_memory_is_thrown_away() -> None:
    """The chunk begins anew, with another sink and fewer tokens at once."""
    live = small_text_model()
    runner = runner_of(live, live.choose(None), Threads(1))
    cutter = kind_of("text").cutter(live.inputs, 64, 8)
    chunk = next(chunks(read_documents(texts(), cutter), cutter))
    made: list[Largest] = []

    class Tight(Largest):
        def __init__(self, chunk: Chunk) -> None:
            super().__init__(chunk)
            made.append(self)

        def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
            super().add(site, values, batch, threads)
            if len(made) == 1 and len(self.by_document) > 3:
                raise MemoryError

    before = runner.tokens
    sink = runner.run(chunk, Tight)
    assert len(made) == 2
    assert sink is made[1]
    assert runner.tokens < before
    assert set(sink.by_document) == {window.document for window in chunk.windows}
