"""The exemplars of a scan that is still running."""

from __future__ import annotations

from typing import Any

from neuronwidget.atlas.exemplars import shown
from neuronwidget.atlas.finish import Texts, exemplar_table
from neuronwidget.atlas.progress import Progress


class Peek:
    """`peek("mlp.2", 417, 5)`: the five strongest exemplars of what was taken in so far.

    Mappings with value, id and label of the document, position, pieces and values of the tokens around, and the place
    of the peak among them. To be called between two chunks only.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._names = {site.name: site for site in progress.sites}

    def __call__(self, site: str, unit: int, n: int) -> list[dict[str, Any]]:
        summary = self._progress.summaries[self._names[site]]
        summary.settle()
        found = shown(summary, unit, unit + 1)
        found = found[(found.group == 0) & (found.rank < n)]
        self._progress.flush()
        rows: list[dict[str, Any]] = exemplar_table(found, Texts(self._progress.folder.path)).to_pylist()
        return rows
