"""Rows as probes: their parts are columns, and a column's typical value takes the place of one."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from typing import Any

from neuronwidget.analysis.kinds.tensors import TensorProbe


class TableProbe(TensorProbe):
    """A row. A column gets the median of the example rows (of words the most frequent), or what it is in `instead`."""

    part, parts = "column", "columns"

    def __init__(self, live: Any, x: Any, *, instead: Any = None, seed: int = 0) -> None:
        self._inputs, self._row = live.inputs, live.inputs.read(x)
        super().__init__(live, live.inputs.prepare(self._row))
        self.names = list(self._row)
        self._typical = live.inputs.read(instead) if instead is not None else _typical(live.inputs)

    def without(self, chosen: Collection[int], draw: int = 0) -> Any:
        changed = {self.names[part]: self._typical[self.names[part]] for part in chosen}
        return self._inputs.prepare({**self._row, **changed})


def _typical(inputs: Any) -> dict[str, float | str]:
    """For each column the value in the middle of the example rows; without rows that of the column's range."""
    return {
        column.name: _middle([row[column.name] for row in inputs.rows] or column.points(3)) for column in inputs.columns
    }


def _middle(values: Sequence[float | str]) -> float | str:
    if any(isinstance(value, str) for value in values):
        return statistics.mode(values)
    return statistics.median_low([float(value) for value in values])
