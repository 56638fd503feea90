"""What is shown, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from neuronwidget.live.recording import Recording
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd


def shown_table(recording: Recording, sites: Sequence[str], units: Sequence[Unit]) -> pd.DataFrame:
    """Units of sites whose positions differ, one below the other; all units of the site where none is chosen."""
    import pandas as pd

    parts = []
    for name in sites:
        chosen = [unit.index for unit in units if unit.site == name]
        table = recording.table(name, units=chosen if units else None)
        keys = [column for column in ("position", "y", "x", "text") if column in table]
        parts.append(table.melt(id_vars=keys, var_name="unit", value_name="value"))
    columns = [column for column in ("unit", "position", "y", "x", "text", "value") if any(column in p for p in parts)]
    return pd.concat(parts, ignore_index=True)[columns]
