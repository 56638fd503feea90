"""Reads windows, tokens and names of documents from the journals of a scan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from neuronwidget.atlas.files.untrusted import understood

WINDOW_FIELDS = ("offset", "length", "document", "start", "mark")
"""Of a window: its first token among those of all windows, how many it has, the number of its document, its first
token in the document, and a hash of the content where that is no text."""


class JournalTexts:
    """What the journals say of windows and documents, read from the disk as it is needed."""

    def __init__(self, folder: Path) -> None:
        journal = folder / "journal"
        with understood(journal):
            self._read(journal)

    def _read(self, journal: Path) -> None:
        import pyarrow as pa

        self.windows = _mapped(journal / "windows", "<i8").reshape(-1, len(WINDOW_FIELDS))
        self.pieces = _mapped(journal / "pieces", "<i4")
        with open(journal / "vocabulary", "rb") as lines:
            self.words = pa.array([json.loads(line) for line in lines], pa.string())
        with open(journal / "documents", "rb") as lines:
            names = [json.loads(line)[:2] for line in lines]
        self.ids = pa.array([name for name, _ in names], pa.string())
        self.labels = pa.array([label for _, label in names], pa.string())


def _mapped(path: Path, kind: str) -> np.ndarray[Any, Any]:
    return np.memmap(path, dtype=kind, mode="r") if path.stat().st_size else np.zeros(0, kind)
