"""Sink of candidates: of each window where the unit is strongest at either end, and a place drawn at random."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from neuronwidget.analysis.labels.blind.example import Candidate, Floats
from neuronwidget.corpus.contexts import AFTER, BEFORE
from neuronwidget.corpus.documents import Chunk, Window
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

#: Characters shown before and behind a place, where that is more than so many tokens.
CHARACTERS_BEFORE, CHARACTERS_AFTER = 72, 36
#: Of a wide site so many units say how alike two places are.
COLUMNS = 4096


class Peaks:
    """Candidates of each window of a chunk, up to three; `candidates` has all of them."""

    def __init__(self, chunk: Chunk, unit: int, lead: int, seed: int) -> None:
        self.chunk, self._unit, self._lead, self._seed = chunk, unit, lead, seed
        self.candidates: list[Candidate] = []

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        others = [unit for unit in _spread(values.shape[2]) if unit != self._unit]
        for row, ordinal in enumerate(batch.ordinals.tolist()):
            window = self.chunk.windows[ordinal - self.chunk.first_window]
            rows = values[row, self._lead : batch.lengths[row]]
            own = rows[:, self._unit].double().numpy()
            if len(own) and np.isfinite(own).all():
                vectors = rows[:, others].float()
                self.candidates += self._of(window, own, vectors)

    def _of(self, window: Window, own: Floats, vectors: Tensor) -> list[Candidate]:
        """The candidates of a window; one of a place that is all there is."""
        drawn = int(np.random.default_rng([self._seed, window.document, window.start]).integers(len(own)))
        places = dict.fromkeys([int(own.argmax()), int(own.argmin()), drawn])
        name = self.chunk.documents[window.document - self.chunk.first_document][0]
        listed = []
        for place in places:
            first, last, pieces = 0, len(own), tuple(window.pieces)
            if len(pieces) == len(own):
                first, last = around(pieces, place)
                pieces = pieces[first:last]
            key = "".join(pieces) if pieces else str(window.hashes[0])
            vector = torch.nan_to_num(vectors[place]).numpy().copy()
            values = own[first:last].copy()
            listed.append(Candidate(window.document, name, key, pieces, values, place - first, place == drawn, vector))
        return listed


def _spread(width: int) -> Sequence[int]:
    """All units of a site, or so many of a wide one, evenly spread."""
    return range(width) if width <= COLUMNS else np.linspace(0, width - 1, COLUMNS).astype(int).tolist()


def around(pieces: Sequence[str], place: int) -> tuple[int, int]:
    """First and last token that are shown around a place: as an atlas shows them, more where tokens are short.

    >>> around(["a"] * 200, 100)
    (28, 137)
    """
    first = max(0, place - BEFORE)
    room = CHARACTERS_BEFORE - sum(map(len, pieces[first:place]))
    while first > 0 and room >= len(pieces[first - 1]):
        first -= 1
        room -= max(1, len(pieces[first]))
    last = min(len(pieces), place + 1 + AFTER)
    room = CHARACTERS_AFTER - sum(map(len, pieces[place + 1 : last]))
    while last < len(pieces) and room >= len(pieces[last]):
        room -= max(1, len(pieces[last]))
        last += 1
    return first, last
