"""Preview of a scan that is still running: its exemplars so far."""

from __future__ import annotations

from typing import Any

from neuronwidget.atlas.exemplars.choose import shown
from neuronwidget.atlas.exemplars.table import exemplar_table
from neuronwidget.atlas.exemplars.texts import JournalTexts
from neuronwidget.atlas.scan.checkpoint import ScanState
from neuronwidget.live.structure.sites import SiteTable


class Preview:
    """`preview("mlp.2", 417, 5)`: the five strongest exemplars of what was taken in so far.

    Mappings with value, id and label of the document, position, pieces and values of the tokens around, and the place
    of the peak among them. To be called between two chunks only.
    """

    def __init__(self, progress: ScanState, sites: SiteTable) -> None:
        self._progress, self._sites = progress, sites

    def __call__(self, site: str, unit: int, n: int) -> list[dict[str, Any]]:
        summary = self._progress.summaries[self._sites.resolve(site)]
        if not 0 <= unit < summary.units:
            raise IndexError(f"{site} has {summary.units} units.")
        exemplars = shown(summary, unit, unit + 1)
        exemplars = exemplars[(exemplars.group == 0) & (exemplars.rank < n)]
        self._progress.flush()
        rows: list[dict[str, Any]] = exemplar_table(exemplars, JournalTexts(self._progress.folder.path)).to_pylist()
        return rows
