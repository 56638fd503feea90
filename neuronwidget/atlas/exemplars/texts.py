"""Texts that exemplars show a part of: windows, tokens and names of documents, from the journals of a scan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.files.untrusted import understood

WINDOW_FIELDS = ("offset", "length", "document", "start", "mark")
"""Of a window: its first token among those of all windows, how many it has, the number of its document, its first
token in the document, and a hash of the content where that is no text."""
Longs = npt.NDArray[np.int64]
_TOGETHER = 1 << 16  # bytes of lines


class Texts(Protocol):
    """What exemplars refer to."""

    def windows_of(self, ordinals: Longs) -> Longs:
        """Of windows by their numbers: offset, length, document, start; int64 [n, 4]."""

    def words_of(self, places: Longs) -> Any:
        """The tokens at these places among those of all windows, as texts: an arrow array."""

    def names_of(self, documents: Longs) -> tuple[Any, Any]:
        """Ids and labels of documents by their numbers, as arrow arrays."""


class JournalTexts:
    """What the journals say of windows and documents, read from the disk as it is needed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal"
        with understood(self.path):
            self.windows = _mapped(self.path / "windows", "<i8").reshape(-1, len(WINDOW_FIELDS))
            self.pieces = _mapped(self.path / "pieces", "<i4")

    def windows_of(self, ordinals: Longs) -> Longs:
        return np.asarray(self.windows[ordinals][:, :4])

    def words_of(self, places: Longs) -> Any:
        import pyarrow as pa

        return self._words.take(pa.array(self.pieces[places]))

    def names_of(self, documents: Longs) -> tuple[Any, Any]:
        import pyarrow as pa

        ids, labels = self._names
        return ids.take(pa.array(documents)), labels.take(pa.array(documents))

    def vocabulary(self) -> Iterator[str]:
        """The texts of tokens, by their numbers."""
        return self._lines("vocabulary")

    def names(self) -> Iterator[tuple[str, str | None]]:
        """Id and label of each document, in their order."""
        return ((line[0], line[1]) for line in self._lines("documents"))

    @cached_property
    def _words(self) -> Any:
        import pyarrow as pa

        return pa.array(self.vocabulary(), pa.string())

    @cached_property
    def _names(self) -> tuple[Any, Any]:
        import pyarrow as pa

        names = list(self.names())
        return pa.array([name for name, _ in names], pa.string()), pa.array([label for _, label in names], pa.string())

    def _lines(self, name: str) -> Iterator[Any]:
        """What stands in the lines of a journal. Many short ones are read together: that is ten times as fast."""
        with open(self.path / name, "rb") as journal, understood(self.path):
            while lines := journal.readlines(_TOGETHER):
                yield from json.loads(b"[" + b",".join(lines) + b"]")


def _mapped(path: Path, kind: str) -> npt.NDArray[Any]:
    return np.memmap(path, dtype=kind, mode="r") if path.stat().st_size else np.zeros(0, kind)
