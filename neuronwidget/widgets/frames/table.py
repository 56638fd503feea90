"""Frames of rows of a table: units as bars, and what a unit and the classes do as one column goes over its range."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.inputs.table import Row, TableInputs
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.stream.protocol.answers import FrameHeader
from neuronwidget.stream.protocol.asks import Ask, SweepWant
from neuronwidget.stream.raster import strongest
from neuronwidget.widgets.frames.build_tensors import FixedPainter, Floats

_Curves = dict[str, NDArray[Any]]


class TablePainter(FixedPainter):
    """Makes frames of rows. The last sweep is kept: it does not change while its own column does."""

    def __init__(self, live: TensorModel) -> None:
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

    def add(self, ask: Ask, value: Row, header: FrameHeader, arrays: dict[str, NDArray[Any]]) -> None:
        if ask.sweep is None:
            return
        points, curves = self._sweep(ask.sweep, value, header["unit"], header["pins"])
        header["sweep"] = {"column": ask.sweep.column, "xs": points}
        arrays.update(curves)

    def _sweep(
        self, want: SweepWant, row: Row, unit: str | None, pins: Sequence[str]
    ) -> tuple[list[float | str], _Curves]:
        column = self.inputs.column(want.column)
        others = tuple(item for item in row.items() if item[0] != column.name)
        key = (want, others, unit, tuple(pins), self.live.signature())
        if self._swept is not None and self._swept[0] == key:
            return self._swept[1]
        points = column.points(want.points)
        prepared = [self.inputs.prepare({**row, column.name: point}) for point in points]
        lines, said = self._lines([*pins, *([unit] if unit is not None else [])], prepared)
        curves: _Curves = {}
        if unit is not None and not np.isnan(lines[-1]).all():
            curves["sweep_unit"] = lines[-1]
        if pins:
            curves["sweep_pins"] = lines[: len(pins)]
        if said is not None:
            curves["sweep_classes"] = said.astype(np.float32)
        self._swept = (key, (points, curves))
        return points, curves

    def _lines(self, names: Sequence[str], prepared: list[Any]) -> tuple[Floats, Floats | None]:
        """Each unit's value of largest magnitude on each input, NaN where it has none: [units, inputs]; the classes."""
        units = [self.live.unit_of(name) for name in names]
        wanted: dict[Site, list[int]] = {}
        for site, index in units:
            wanted.setdefault(site, []).append(index)
        values, said = self.live.sweep(prepared, wanted)
        lines = np.full((len(names), len(prepared)), np.nan, np.float32)
        for line, (site, index) in zip(lines, units, strict=True):
            if site in values:
                mine = values[site][:, :, wanted[site].index(index)]
                line[:] = strongest(mine, np.zeros(1, np.intp), axis=1)[:, 0]
        return lines, said
