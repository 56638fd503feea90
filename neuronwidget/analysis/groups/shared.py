"""Likeness within a group: inputs among the strongest exemplars of many of its units, and a word for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from neuronwidget.analysis.inspect.common_word import common_word
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

#: So many units of a group are asked for their exemplars, and so many inputs of each group are kept.
_ASKED, _KEPT = 8, 6
_COLUMNS = ("document", "position", "id", "label", "pieces", "values", "peak")


def common_exemplars(atlas: AtlasBase, group: int, units: Sequence[Unit]) -> tuple[pd.DataFrame, str, float]:
    """Inputs that many units of a group have among their strongest, the word for them, and the share that it is of.

    The word is the token at the peaks of texts, else the label of the inputs, or the name of the commonest one; blank
    where nothing comes twice.
    """
    import pandas as pd

    frames = [atlas.exemplars(unit, "top") for unit in units[:_ASKED]]
    shown = [frame.assign(_unit=number) for number, frame in enumerate(frames) if len(frame)]
    if not shown:
        return pd.DataFrame(), "", 0.0
    together = pd.concat(shown, ignore_index=True)
    word, share = common_word(together)
    keys = [name for name in ("document", "position") if name in together]
    if not keys:
        return pd.DataFrame(), word, share
    counted = together.groupby(keys, sort=False, dropna=False)
    together["units"] = counted["_unit"].transform("nunique")
    together = together.sort_values(["units", "value"], ascending=False, kind="stable").drop_duplicates("document")
    names = [*keys, "units", "value", *(c for c in (*_COLUMNS, atlas.kind.column) if c in together and c not in keys)]
    kept = together.head(_KEPT)[list(dict.fromkeys(names))].reset_index(drop=True)
    kept.insert(0, "group", group)
    return kept, word, share
