"""Finds units that do the same on the same tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.files.manifest import FILE_UNITS
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.atlas import Atlas


def similar(atlas: Atlas, unit: Unit, n: int) -> pd.DataFrame:
    """The n units of highest correlation with one, over the tokens of the sample: unit, correlation."""
    import pandas as pd

    target = _standard(atlas.read(unit.site, ("sampled",), unit.index)["sampled"])[0]
    if not np.isfinite(target).all() or not len(target):
        return pd.DataFrame({"unit": [], "correlation": []})
    names: list[Unit] = []
    values: list[float] = []
    for site in atlas.sites:
        for first in range(0, site.width, FILE_UNITS):
            block = slice(first, min(first + FILE_UNITS, site.width))
            sampled = atlas.read(site.name, ("sampled",), block)["sampled"]
            correlation = np.nan_to_num(_standard(sampled) @ target, nan=-2.0)
            best = np.argsort(-correlation, kind="stable")[: n + 1]
            names += [Unit(site.name, first + int(i)) for i in best]
            values += correlation[best].tolist()
    order = np.argsort(-np.array(values), kind="stable")
    chosen = [i for i in order if names[i] != unit and values[i] > -2][:n]
    return pd.DataFrame({"unit": [str(names[i]) for i in chosen], "correlation": [min(1.0, values[i]) for i in chosen]})


def _standard(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Rows [units, tokens] brought to mean 0 and length 1; NaN where a row does not vary."""
    rows = values.astype(np.float32)
    rows = rows - rows.mean(1, keepdims=True) if rows.shape[1] else rows
    length = np.sqrt((rows**2).sum(1, keepdims=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(length > 1e-12, rows / length, np.nan).astype(np.float32)
