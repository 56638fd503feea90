"""Frames of rows of a table: units as bars, and what a unit and the classes do as one column goes over its range."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.fixed import FixedModel
from neuronwidget.live.inputs.table import Row, TableInputs
from neuronwidget.stream.protocol import Ask, SweepWant
from neuronwidget.stream.raster import strongest
from neuronwidget.widgets.picture_fixed import FixedPainter

_Curves = dict[str, NDArray[Any]]


class TablePainter(FixedPainter):
    """Makes frames of rows. The last sweep is kept: it does not change while its own column does."""

    def __init__(self, live: FixedModel) -> None:
        super().__init__(live)
        assert isinstance(live.inputs, TableInputs)
        self.inputs = live.inputs
        self._swept: tuple[Hashable, tuple[list[float | str], _Curves]] | None = None

    def forget(self) -> None:
        super().forget()  # the sweep has a key of its own, and outlives the row that it was made for

    def value_of(self, ask: Ask) -> Row:
        """The row that came with the request; what it lacks is as in the row that the view began with."""
        return self.inputs.read({**self.inputs.start(), **(ask.row or {})})

    def key_of(self, value: Row) -> Hashable:
        return tuple(value.items())

    def add(self, ask: Ask, value: Row, header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> None:
        if ask.sweep is None:
            return
        points, curves = self._sweep(ask.sweep, value, header["unit"])
        header["sweep"] = {"column": ask.sweep.column, "xs": points}
        arrays.update(curves)

    def _sweep(self, want: SweepWant, row: Row, unit: str | None) -> tuple[list[float | str], _Curves]:
        column = self.inputs.column(want.column)
        others = tuple(item for item in row.items() if item[0] != column.name)
        key = (want, others, unit, self.live.signature())
        if self._swept is not None and self._swept[0] == key:
            return self._swept[1]
        points = column.points(want.points)
        prepared = [self.inputs.prepare({**row, column.name: point}) for point in points]
        site, index = self.live.unit_of(unit) if unit is not None else (None, 0)
        values, said = self.live.sweep(prepared, site)
        curves: _Curves = {}
        if values is not None:
            curves["sweep_unit"] = strongest(values[:, :, index], np.zeros(1, np.intp), axis=1)[:, 0].astype(np.float32)
        if said is not None:
            curves["sweep_classes"] = said.astype(np.float32)
        self._swept = (key, (points, curves))
        return points, curves
