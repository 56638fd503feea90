"""Exemplars of atlases of the first form: a Parquet file a block of units, with the text of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.files.untrusted import row_groups, understood


def read(path: Path, units: npt.NDArray[np.int64], group: int | None) -> Any:
    """The exemplars of some units as an arrow table. `group`: the row group they are in, −1 where there are none.

    Without it whole columns are read, which is quicker than the rows of many units one by one.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if group is not None:
        table = row_groups(path, [group] if group >= 0 else [])
    else:
        with understood(path), pq.ParquetFile(path) as file:
            table = file.read()
    with understood(path):
        return table.filter(pc.is_in(table["unit"], pa.array(units, pa.int32())))
