"""Texts by reference, in one file of an atlas: windows, the tokens of those that are shown, words, names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.exemplars.stored import smallest
from neuronwidget.atlas.exemplars.texts import JournalTexts, Longs
from neuronwidget.atlas.files import tensors
from neuronwidget.atlas.files.tensors import Array, Blocks, Tensors
from neuronwidget.atlas.files.untrusted import AtlasError, understood

_TOGETHER = 1 << 12  # windows
_FEW = 1 << 12
Flags = npt.NDArray[np.bool_]


def write(texts: JournalTexts, shown: Flags, file: IO[bytes]) -> None:
    """All windows and names, and of the windows that are `shown` [windows] the tokens."""
    windows = texts.windows
    lengths = np.where(shown, windows[:, 1], 0)
    table = np.array(windows[:, :4])
    table[:, 0] = np.where(shown, lengths.cumsum() - lengths, -1)
    words, word_ends = _joined(texts.vocabulary())
    names = list(texts.names())
    ids, id_ends = _joined(id_ for id_, _ in names)
    labels, label_ends = _joined(label or "" for _, label in names)
    labelled = np.array([label is not None for _, label in names], np.bool_)
    kind = smallest(max(0, len(word_ends) - 1))

    def pieces() -> Iterator[Array]:
        for first in range(0, len(windows), _TOGETHER):
            part = slice(first, first + _TOGETHER)
            offset, length = windows[part, 0], lengths[part]
            within = np.arange(length.sum()) - np.repeat(length.cumsum() - length, length)
            yield texts.pieces[np.repeat(offset, length) + within].astype(kind)

    tensors.write(
        file,
        {
            "windows": table,
            "tokens": Blocks(kind, (int(lengths.sum()),), pieces),
            "words": words,
            "word_ends": word_ends,
            "ids": ids,
            "id_ends": id_ends,
            "labels": labels,
            "label_ends": label_ends,
            "labelled": labelled,
        },
        checked=True,
    )


def _joined(texts: Iterable[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Texts one behind another as bytes, and where each ends."""
    joined, ends = bytearray(), []
    for text in texts:
        joined += text.encode()
        ends.append(len(joined))
    return np.frombuffer(bytes(joined), np.uint8), np.array(ends, np.int64)


class StoredTexts:
    """What `write` wrote; a person who is shown an exemplar, or a finder, asks for some of it."""

    def __init__(self, path: Path) -> None:
        self._tensors = Tensors(path)
        if self._tensors.shape("windows")[1:] != (4,):
            raise self._strange("windows")

    def windows_of(self, ordinals: Longs) -> Longs:
        few, back = _distinct(ordinals, self._tensors.shape("windows")[0])
        windows = self._tensors.some("windows", few).astype(np.int64)
        offset, length, _, start = windows.T
        ends = offset + length
        inside = (offset >= 0) & (ends >= offset) & (ends <= self._tensors.shape("tokens")[0])
        if not (inside & (length >= 0) & (start >= 0) & (start < 1 << 53)).all():
            raise self._strange("windows")
        return windows[back]

    def words_of(self, places: Longs) -> Any:
        few, back = _distinct(places, self._tensors.shape("tokens")[0])
        numbers = self._tensors.some("tokens", few).astype(np.int64)
        return self._texts("words", "word_ends", numbers[back])

    def names_of(self, documents: Longs) -> tuple[Any, Any]:
        import pyarrow as pa
        import pyarrow.compute as pc

        ids = self._texts("ids", "id_ends", documents)
        labels = self._texts("labels", "label_ends", documents)
        few, back = _distinct(documents, self._tensors.shape("labelled")[0])
        labelled = self._tensors.some("labelled", few)[back]
        return ids, pc.if_else(pa.array(labelled), labels, pa.scalar(None, pa.string()))

    def _texts(self, name: str, ends: str, numbers: Longs) -> Any:
        """Texts by their numbers, as an arrow array."""
        import pyarrow as pa

        few, back = _distinct(numbers, self._tensors.shape(ends)[0])
        last = self._tensors.some(ends, few).astype(np.int64)
        first = np.where(few > 0, self._tensors.some(ends, np.maximum(few - 1, 0)), 0).astype(np.int64)
        lengths = last - first
        if (lengths < 0).any() or (first < 0).any() or lengths.sum() > 1 << 30:
            raise self._strange(ends)
        edges = np.concatenate([[0], lengths.cumsum()])
        content = self._tensors.some(name, np.arange(edges[-1]) + np.repeat(first - edges[:-1], lengths))
        with understood(self._tensors.path):
            parts = (edges.astype(np.int32), content.astype(np.uint8))
            texts = pa.StringArray.from_buffers(len(few), *(pa.py_buffer(part.tobytes()) for part in parts))
            texts.validate(full=True)
            return texts.take(pa.array(back))

    def _strange(self, name: str) -> AtlasError:
        return AtlasError(f"{self._tensors.path} holds other {name} than a scan writes.")


def _distinct(numbers: Longs, total: int) -> tuple[Longs, Longs]:
    """Numbers below `total` once each, ascending, and where in that each of them is."""
    if len(numbers) < _FEW or len(numbers) * 8 < total or numbers.min() < 0 or numbers.max() >= total:
        return np.unique(numbers, return_inverse=True)
    there = np.zeros(total, np.bool_)
    there[numbers] = True
    return np.flatnonzero(there), (there.cumsum() - 1)[numbers]
