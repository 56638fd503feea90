"""Counts in how many documents what an exemplar shows stands: over all that a scan has read, when it is finished."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from neuronwidget.atlas.files.journal_texts import JournalTexts
from neuronwidget.corpus import contexts
from neuronwidget.corpus.contexts import BEFORE

Longs = npt.NDArray[np.int64]
BLOCK = 1 << 20  # tokens that are looked at together
_BITS = 24


class Copies:
    """How many documents hold what is read of exemplars.

    `after`: tokens behind a peak that are read; `overlap`: first tokens of a window that belong to the one before;
    `of_texts`: are the documents texts, and not pictures or rows?
    """

    def __init__(self, texts: JournalTexts, after: int, overlap: int, *, of_texts: bool) -> None:
        self._texts, self._after, self._overlap, self._of_texts = texts, after, overlap, of_texts
        self._wanted: dict[bool, Longs] = {whole: np.zeros(0, np.int64) for whole in (False, True)}
        self._counts: dict[bool, Longs] = {}

    def want(self, ordinal: Longs, position: Longs, *, whole: bool) -> None:
        """These places in windows, or these `whole` windows, will be asked for."""
        self._wanted[whole] = np.union1d(self._wanted[whole], self._read(ordinal, position, whole))

    def count(self) -> None:
        """Go through all documents."""
        for whole, wanted in self._wanted.items():
            self._counts[whole] = _counted(wanted, self._all(whole) if len(wanted) else iter(()))

    def of(self, ordinal: Longs, position: Longs, *, whole: bool) -> Longs:
        """In how many documents the same stands. What is asked for must have been wanted and counted."""
        read = self._read(ordinal, position, whole)
        return self._counts[whole][np.searchsorted(self._wanted[whole], read)]

    # ---- what is read ----------------------------------------------------------------------------------

    def _read(self, ordinal: Longs, position: Longs, whole: bool) -> Longs:
        """What is read at these places: the same numbers as `_all` gives."""
        if not len(ordinal):
            return np.zeros(0, np.int64)
        windows = self._texts.windows[ordinal]
        if not self._of_texts:
            return np.ascontiguousarray(windows[:, 4])
        if whole:
            names, back = np.unique(ordinal, return_inverse=True)
            return np.array([self._windows(int(name), int(name) + 1, True)[0] for name in names], np.int64)[back]
        place = position[:, None] + np.arange(-BEFORE, self._after + 1)
        inside = (place >= 0) & (place < windows[:, 1:2])
        hashes = np.full(place.shape, contexts.NOTHING, np.int64)
        hashes[inside] = self._texts.pieces[(windows[:, :1] + place)[inside]]
        return contexts.context_hashes(torch.from_numpy(hashes), self._after)[:, BEFORE].numpy()

    def _all(self, whole: bool) -> Iterator[tuple[Longs, Longs]]:
        """All that can be read, with the document of each, a block of windows at a time, in their order."""
        windows = self._texts.windows
        first = 0
        while first < len(windows):
            ends = windows[first : first + BLOCK, 1].cumsum()
            last = first + max(1, int(np.searchsorted(ends, BLOCK, side="right")))
            documents = np.ascontiguousarray(windows[first:last, 2])
            if not self._of_texts:
                yield documents, np.ascontiguousarray(windows[first:last, 4])
            elif whole:
                yield documents, self._windows(first, last, True)
            else:
                counted = self._counted_tokens(first, last)
                yield np.repeat(documents, windows[first:last, 1])[counted], self._windows(first, last, False)[counted]
            first = last

    def _windows(self, first: int, last: int, whole: bool) -> Longs:
        """What is read of whole windows, or around all of their tokens one after another."""
        windows = self._texts.windows[first:last]
        lengths = torch.from_numpy(np.array(windows[:, 1]))
        begin = int(windows[0, 0])
        pieces = torch.from_numpy(self._texts.pieces[begin : begin + int(lengths.sum())].astype(np.int64))
        within = torch.arange(len(pieces)) - (lengths.cumsum(0) - lengths).repeat_interleave(lengths)
        if whole:
            row = torch.arange(len(lengths)).repeat_interleave(lengths)
            hashes = torch.full((len(lengths), max(1, int(lengths.max()))), contexts.NOTHING)
            hashes[row, within] = pieces
            return contexts.window_hashes(hashes)[:, 0].numpy()
        # As one row: there is nothing between two windows, as far as what is around a token reaches.
        gap = max(BEFORE, self._after)
        place = torch.arange(len(pieces)) + gap * torch.arange(len(lengths)).repeat_interleave(lengths)
        hashes = torch.full((len(pieces) + gap * len(lengths),), contexts.NOTHING)
        hashes[place] = pieces
        return contexts.context_hashes(hashes, self._after)[place].numpy()

    def _counted_tokens(self, first: int, last: int) -> npt.NDArray[np.bool_]:
        """Which tokens of these windows were not counted in the window before."""
        windows = self._texts.windows[first:last]
        lengths = windows[:, 1]
        within = np.arange(lengths.sum()) - np.repeat(lengths.cumsum() - lengths, lengths)
        counted: npt.NDArray[np.bool_] = within >= np.repeat(np.where(windows[:, 3] > 0, self._overlap, 0), lengths)
        return counted


def _counted(wanted: Longs, blocks: Iterator[tuple[Longs, Longs]]) -> Longs:
    """How many documents have each of the `wanted`; blocks of (documents, what is read), sorted by document."""
    counts, last = np.zeros(len(wanted), np.int64), np.full(len(wanted), -1, np.int64)
    low = (1 << _BITS) - 1
    maybe = np.zeros(1 << _BITS, np.bool_)  # most of what is read is nobody's: a look here is quicker than a search
    maybe[wanted & low] = True
    for documents, read in blocks:
        some = maybe[read & low].nonzero()[0]
        place = np.searchsorted(wanted, read[some]).clip(0, len(wanted) - 1)
        right = wanted[place] == read[some]
        pairs = np.unique(np.stack([place[right], documents[some[right]]], 1), axis=0)
        if not len(pairs):
            continue
        place, document = pairs.T
        fresh = last[place] != document  # a document may go on from the block before
        np.add.at(counts, place[fresh], 1)
        last[place] = document
    return counts
