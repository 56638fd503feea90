"""Sources of rows for groups: positions of inputs while the model runs, responses to inputs, an atlas' sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.analysis.groups.products import Floats
from neuronwidget.analysis.groups.stream import Block
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.responses.run import run_over
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.atlas.count.sample import TOKENS
from neuronwidget.corpus.documents import Chunk, read_documents
from neuronwidget.corpus.hashes import hashed
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

#: So many positions of a window are looked at, drawn at random; all of them where it has no more.
POSITIONS = 32
_BLOCK = 2048
_SHARE_BITS = 31


class PositionRows:
    """A sink: of each window of a chunk what the sites do at some positions, the same at all sites."""

    def __init__(self, chunk: Chunk) -> None:
        self.chunk = chunk
        self._rows: dict[Site, dict[int, Tensor]] = {}
        self._documents: dict[int, int] = {}

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        rows = self._rows.setdefault(site, {})
        windows = zip(batch.ordinals.tolist(), batch.documents.tolist(), batch.lengths, strict=True)
        for place, (ordinal, document, length) in enumerate(windows):
            chosen = batch.skip + positions_of(ordinal, length - batch.skip)
            if len(chosen):
                rows[ordinal], self._documents[ordinal] = values[place, chosen].float(), document

    def block(self, sites: Sequence[Site]) -> Block:
        """The rows of the chunk, those of all sites beside each other."""
        parts, inputs = [], []
        for ordinal in sorted(self._documents):
            rows = [self._rows.get(site, {}).get(ordinal) for site in sites]
            counts = {0 if row is None else len(row) for row in rows}
            if len(counts) > 1:
                raise ValueError(
                    f"{', '.join(site.name for site in sites)} have different numbers of positions: compare them "
                    'with how="mean" or how="max", one number an input.'
                )
            parts.append(torch.cat([row for row in rows if row is not None], 1))
            inputs += [self._documents[ordinal]] * counts.pop()
        if not parts:
            return Block(np.zeros((0, sum(site.width for site in sites)), np.float32), np.zeros(0, np.int64))
        return Block(torch.cat(parts).numpy(), np.array(inputs, np.int64))


def positions_of(ordinal: int, length: int) -> Tensor:
    """Some positions of a window that has so many, chosen by its number; all of them where they are few.

    >>> positions_of(3, 4).tolist(), len(positions_of(3, 500))
    ([0, 1, 2, 3], 32)
    """
    if length <= POSITIONS:
        return torch.arange(max(length, 0))
    keys = hashed(torch.arange(length) + (ordinal << 20))
    return keys.argsort()[:POSITIONS].sort().values


def of_positions(
    live: Any,
    data: Any,
    sites: Sequence[Site],
    progress: Callable[[int], object] | None,
    overtaken: Callable[[], bool] | None,
    described: dict[str, Any],
) -> Iterator[Block]:
    """Runs a data set through the model, a chunk at a time. What the data is goes into `described` at the end."""
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    documents = 0
    with run_over(live, read_documents(data, cutter), cutter, sites, PositionRows, overtaken) as run:
        for chunk, sink in run:
            documents += len(chunk.documents)
            described.update(documents=documents, digest=chunk.digest.hex())
            yield sink.block(sites)
            if progress is not None:
                progress(documents)


def of_responses(responses: Responses, sites: Sequence[str]) -> Iterator[Block]:
    """One row an input."""
    values = [responses.of(site) for site in sites]
    for start in range(0, len(responses), _BLOCK):
        part = slice(start, start + _BLOCK)
        yield Block(np.concatenate([rows[part] for rows in values], 1), responses.documents[part])


def of_atlas(atlas: AtlasBase, sites: Sequence[Site]) -> Iterator[Block]:
    """What all units did at up to ten places of each of up to fifty documents."""
    read: Any = getattr(atlas, "read", None)
    if "similar" in atlas.lacks or read is None:
        raise ValueError(f"This atlas cannot tell which units go together: {atlas.lacks.get('similar', '')}")
    sampled: Mapping[str, Any] = {site.name: read(site.name, ("sampled",))["sampled"] for site in sites}
    rows: Floats = np.concatenate([sampled[site.name].T for site in sites], 1)
    yield Block(rows, np.arange(len(rows), dtype=np.int64) // TOKENS)
