"""What sites do on each document of a data set, as one vector a document: collected while the model runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from neuronwidget.corpus.documents import Chunk, chunks, read_documents
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.capture import Overtaken
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.parallel import ParallelRunners
from neuronwidget.passes.runners import runner_of
from neuronwidget.passes.threads import Threads

Floats = np.ndarray[Any, np.dtype[np.float64]]
AT = ("mean", "last")


@dataclass(frozen=True)
class DocumentVectors:
    """One vector a document [documents, units] for each site, and the typical length of a position's there.

    `numbers`, `names`: of the documents that have a position; `digest`: of all that were read.
    """

    vectors: dict[Site, Floats]
    lengths: dict[Site, float]
    numbers: list[int]
    names: list[str]
    digest: str


class _Vectors:
    """A sink: sums and last rows of each document of a chunk, float64."""

    def __init__(self, chunk: Chunk) -> None:
        self.names = {chunk.first_document + i: document[0] for i, document in enumerate(chunk.documents)}
        self.digest = chunk.digest
        self.sums: dict[Site, dict[int, Tensor]] = {}
        self.last: dict[Site, dict[int, tuple[int, Tensor]]] = {}
        self.counts: dict[Site, dict[int, int]] = {}
        self.norms: dict[Site, list[float]] = {}

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        sums, last = self.sums.setdefault(site, {}), self.last.setdefault(site, {})
        counts, norms = self.counts.setdefault(site, {}), self.norms.setdefault(site, [])
        whole = zip(batch.documents.tolist(), batch.ordinals.tolist(), batch.lengths, strict=True)
        for window, (document, ordinal, length) in enumerate(whole):
            rows = values[window, batch.skip : length].double()
            if not len(rows):
                continue
            sums[document] = sums.get(document, 0.0) + rows.sum(0)
            counts[document] = counts.get(document, 0) + len(rows)
            norms.append(float(rows.norm(dim=1).mean()))
            if ordinal >= last.get(document, (-1, rows[-1]))[0]:
                last[document] = ordinal, rows[-1].clone()


def document_vectors(
    live: Any,
    source: Any,
    sites: Sequence[Site],
    at: str = "mean",
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> DocumentVectors:
    """What sites do on each document: the mean over its positions, or its last one. `progress`: documents so far."""
    if at not in AT:
        raise ValueError(f"at= is one of {', '.join(AT)}, not {at!r}.")
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    vectors: dict[Site, list[Floats]] = {site: [] for site in sites}
    norms: dict[Site, list[float]] = {site: [] for site in sites}
    numbers: list[int] = []
    names: list[str] = []
    digest, threads = b"", Threads()
    try:
        with ParallelRunners(runner_of(live, list(sites), threads)) as runners:
            pieces = chunks(read_documents(source, cutter), cutter)
            for _, sink in runners.run(pieces, _Vectors, lambda: False):
                if overtaken is not None and overtaken():
                    raise Overtaken
                digest = sink.digest
                present = sorted(sink.counts.get(sites[0], {}))
                numbers += present
                names += [sink.names[document] for document in present]
                for site in sites:
                    norms[site] += sink.norms.get(site, [])
                    vectors[site] += [_vector(sink, site, document, at) for document in present]
                if progress is not None:
                    progress(len(names))
    finally:
        threads.close()
    stacked = {site: np.stack(rows) if rows else np.zeros((0, site.width)) for site, rows in vectors.items()}
    lengths = {site: float(np.mean(values)) if values else 0.0 for site, values in norms.items()}
    return DocumentVectors(stacked, lengths, numbers, names, digest.hex())


def _vector(sink: _Vectors, site: Site, document: int, at: str) -> Floats:
    if at == "last":
        return sink.last[site][document][1].numpy()
    mean: Floats = (sink.sums[site][document] / sink.counts[site][document]).numpy()
    return mean
