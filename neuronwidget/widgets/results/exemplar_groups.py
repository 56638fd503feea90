"""Exemplars as groups of inputs to compare: those that a person picked and the others, or those of two units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from neuronwidget.corpus.kinds.registry import kind_of

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.base import AtlasBase
    from neuronwidget.live.structure.sites import Unit


def exemplar_groups(atlas: AtlasBase, unit: Unit, picked: Sequence[int], other: Unit | None) -> dict[str, list[Any]]:
    """Documents by the name of their group, as `nw.compare` takes them: one exemplar a document.

    Without another unit the picked exemplars and the rest of this unit's; else the strongest of both units.
    """
    column, table = kind_of(atlas.input).column, atlas.exemplars(unit)
    if other is not None:
        both = {str(unit): table, str(other): atlas.exemplars(other)}
        return {name: _contents(rows[rows["group"] == "top"], column) for name, rows in both.items()}
    if not picked:
        raise ValueError("No exemplar is picked: click some in the page, set .picked, or name another unit.")
    mine = table.loc[list(picked)]
    rest = table[~table.index.isin(mine.index)]
    rest = rest[~(rest["document"].isin(mine["document"]) & rest["document"].notna())]
    return {"picked": _contents(mine, column), "others": _contents(rest, column)}


def _contents(rows: pd.DataFrame, column: str) -> list[Any]:
    """What the exemplars are, one of each document; where documents are not told, all."""
    numbered = rows["document"].notna()
    contents: list[Any] = rows[~(rows["document"].duplicated() & numbered)][column].tolist()
    return contents
