"""Counts in how many documents what an exemplar shows stands: over all that a scan has read, when it is finished."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch

from neuronwidget.atlas.exemplars.texts import JournalTexts, Longs
from neuronwidget.corpus import contexts
from neuronwidget.corpus.contexts import BEFORE

BLOCK = 1 << 18  # tokens that are looked at together
_MOST_BITS = 24
_FEW_GAPS = 4
_DOCUMENT = (1 << 32) - 1


class Copies:
    """How many documents hold what is read of exemplars.

    `after`: tokens behind a peak that are read; `overlap`: first tokens of a window that belong to the one before;
    `of_texts`: are the documents texts, and not pictures or rows?
    """

    def __init__(self, texts: JournalTexts, after: int, overlap: int, *, of_texts: bool) -> None:
        self._texts, self._after, self._overlap, self._of_texts = texts, after, overlap, of_texts
        self._wanted: dict[bool, list[Longs]] = {whole: [] for whole in (False, True)}
        self._counted: dict[bool, _Counts] = {}

    def want(self, ordinal: Longs, position: Longs, *, whole: bool) -> None:
        """These places in windows, or these `whole` windows, will be asked for."""
        self._wanted[whole].append(_once(self._places(ordinal, position, whole)))

    def count(self) -> None:
        """Go through all documents."""
        for whole, wanted in self._wanted.items():
            places = _once(np.concatenate([np.zeros(0, np.int64), *wanted]))
            wanted.clear()
            if len(places):
                read = self._read(places, whole)
                different = _once(read)
                counts = _counted(different, self._all(whole))
                self._counted[whole] = _Counts(places, counts[np.searchsorted(different, read)])
            else:
                self._counted[whole] = _Counts(places, places)

    def of(self, ordinal: Longs, position: Longs, *, whole: bool) -> Longs:
        """In how many documents the same stands. What is asked for must have been wanted and counted."""
        return self._counted[whole].of(self._places(ordinal, position, whole))

    # ---- what is read ----------------------------------------------------------------------------------

    def _places(self, ordinal: Longs, position: Longs, whole: bool) -> Longs:
        """Numbers of tokens among those of all windows; where all of a window is read, of windows."""
        if whole or not self._of_texts:
            return np.asarray(ordinal, np.int64)
        return np.asarray(self._texts.windows[:, 0])[ordinal] + position

    def _read(self, places: Longs, whole: bool) -> Longs:
        """What is read at these places, which are sorted: the same numbers as `_all` gives."""
        if not self._of_texts:
            return np.asarray(self._texts.windows[places][:, 4])
        together = BLOCK // 256 if whole else BLOCK // 32
        blocks = [places[first : first + together] for first in range(0, len(places), together)]
        if whole:
            return np.concatenate([np.zeros(0, np.int64), *map(self._of_windows, blocks)])
        begins = np.ascontiguousarray(self._texts.windows[:, 0])
        return np.concatenate([np.zeros(0, np.int64), *(self._around(block, begins) for block in blocks)])

    def _around(self, places: Longs, begins: Longs) -> Longs:
        """What is read around tokens; `begins` are the first ones of all windows."""
        window = np.searchsorted(begins, places, side="right") - 1  # a window without tokens holds no place
        first, length = begins[window], self._texts.windows[:, 1][window]
        place = (places - first)[:, None] + np.arange(-BEFORE, self._after + 1)
        inside = (place >= 0) & (place < length[:, None])
        hashes = np.full(place.shape, contexts.NOTHING, np.int64)
        hashes[inside] = self._texts.pieces[(first[:, None] + place)[inside]]
        return contexts.hashes_around(torch.from_numpy(hashes)).numpy()

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
                yield documents, self._of_windows(np.arange(first, last))
            else:
                counted = self._counted_tokens(first, last)
                yield np.repeat(documents, windows[first:last, 1])[counted], self._of_tokens(first, last)[counted]
            first = last

    def _of_windows(self, numbers: Longs) -> Longs:
        """What is read of whole windows."""
        windows = self._texts.windows[numbers]
        lengths = windows[:, 1]
        row = np.repeat(np.arange(len(lengths)), lengths)
        within = np.arange(len(row)) - np.repeat(lengths.cumsum() - lengths, lengths)
        hashes = np.full((len(lengths), max(1, int(lengths.max(initial=0)))), contexts.NOTHING, np.int64)
        hashes[row, within] = self._texts.pieces[windows[row, 0] + within]
        return contexts.window_hashes(torch.from_numpy(hashes))[:, 0].numpy()

    def _of_tokens(self, first: int, last: int) -> Longs:
        """What is read around all tokens of neighbouring windows, one after another."""
        windows = self._texts.windows[first:last]
        lengths = torch.from_numpy(np.array(windows[:, 1]))
        begin = int(windows[0, 0])
        pieces = torch.from_numpy(self._texts.pieces[begin : begin + int(lengths.sum())].astype(np.int64))
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


class _Counts:
    """Counts of places, which are sorted; side by side where most places up to the last one have one."""

    def __init__(self, places: Longs, counts: Longs) -> None:
        self._places, self._counts = places, counts
        self._by_place: Longs | None = None
        if len(places) and places[-1] < _FEW_GAPS * len(places):
            self._by_place = np.zeros(int(places[-1]) + 1, np.int64)
            self._by_place[places] = counts

    def of(self, places: Longs) -> Longs:
        """Of some of the places."""
        if self._by_place is not None:
            return self._by_place[places]
        return self._counts[np.searchsorted(self._places, places)]


def _once(numbers: Longs) -> Longs:
    """Each of the numbers once, sorted. Places lie close together, and marked where they are they need no sorting."""
    if len(numbers) and numbers.min() >= 0 and numbers.max() < _FEW_GAPS * len(numbers):
        there = np.zeros(int(numbers.max()) + 1, np.bool_)
        there[numbers] = True
        return there.nonzero()[0]
    ordered = np.sort(numbers)
    different = np.ones(len(ordered), np.bool_)
    different[1:] = ordered[1:] != ordered[:-1]
    return ordered[different]


def _counted(wanted: Longs, blocks: Iterator[tuple[Longs, Longs]]) -> Longs:
    """How many documents have each of the `wanted`; blocks of (documents, what is read), sorted by document."""
    counts, last = np.zeros(len(wanted), np.int64), np.full(len(wanted), -1, np.int64)
    low = (1 << min(_MOST_BITS, len(wanted).bit_length() + 4)) - 1
    maybe = np.zeros(low + 1, np.bool_)  # most of what is read is nobody's: a look here is quicker than a search
    maybe[wanted & low] = True
    for documents, read in blocks:
        some = maybe[read & low].nonzero()[0]
        place = np.searchsorted(wanted, read[some]).clip(0, len(wanted) - 1)
        right = wanted[place] == read[some]
        pairs = _once(place[right] << 32 | documents[some[right]])
        place, document = pairs >> 32, pairs & _DOCUMENT
        fresh = last[place] != document  # a document may go on from the block before
        np.add.at(counts, place[fresh], 1)
        last[place] = document
    return counts
