"""Plain properties of rows: their columns; and which columns a unit goes by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.kinds.registry import probe_of
from neuronwidget.analysis.which.shortcuts.kinds.kind import Looks, Measured, PropertyKind
from neuronwidget.live.structure.sites import Site

_SHOWN, _ROWS, _VALUES = 8, 8, 12


class TableProperties(PropertyKind):
    """Properties of rows."""

    tried = "single columns"

    def measured(self, contents: Sequence[Any], first: NDArray[np.bool_]) -> Measured:
        names: list[str] = []
        columns: list[list[float]] = []
        for name in contents[0] if len(contents) else ():
            cells = [row.get(name) for row in contents]
            if any(isinstance(cell, str) for cell in cells):
                for value in sorted({str(cell) for cell in cells})[:_VALUES]:
                    names.append(f"{name} is {value}")
                    columns.append([float(str(cell) == value) for cell in cells])
            else:
                names.append(str(name))
                columns.append([float("nan") if cell is None else float(cell) for cell in cells])
        values = np.array(columns, np.float64).reshape(len(names), len(contents)).T
        return Measured(names, np.nan_to_num(values))

    def looks(self, live: Any, inputs: Sequence[Any], site: Site, unit: int) -> Looks:
        if site.layout is None:
            return Looks()
        total: Any = 0.0
        names: list[str] = []
        for x in inputs[:_ROWS]:
            probe = probe_of(live, x)
            names = list(probe.names)
            without = [probe.given, *(probe.without([part]) for part in range(len(names)))]
            values = live.sweep(without, {site: [unit]})[0][site][:, :, 0].max(1)
            total = total + np.abs(values[0] - values[1:])
        if not np.sum(total) > 0:
            return Looks()
        shares = total / total.sum()
        order = np.argsort(-shares, kind="stable")[:_SHOWN]
        return Looks("columns", [(names[place], float(shares[place])) for place in order if shares[place] > 0])
