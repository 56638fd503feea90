"""Kind of input: rows of a table, in requests, traits and exemplars."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray
from traitlets import TraitError

from neuronwidget.live.inputs.table import Row, TableInputs
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.stream.protocol.atlas import TableColumn
from neuronwidget.stream.protocol.frames import Value
from neuronwidget.stream.protocol.inputs import read_row, read_table
from neuronwidget.stream.protocol.traits import TableInfo
from neuronwidget.stream.raster import Scale
from neuronwidget.widgets.frames.kinds.kind import Members, ShownExemplars, ShownMembers
from neuronwidget.widgets.frames.kinds.tensors import TensorKind
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.saved import html

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.model import LiveModel

#: How many columns of a row a saved notebook keeps.
MOST_SAVED = 60


class TableKind(TensorKind):
    """Kind of input: rows, as a dict from column to number or word."""

    name = "table"

    def read(self, content: Mapping[str, Any], buffers: Sequence[Any]) -> dict[str, float | str] | None:
        return read_table(content, buffers)

    def value(self, live: TensorModel, asked: Mapping[str, float | str] | None) -> Row:
        """The row; what it lacks is as in the row that the view began with."""
        return _inputs(live).read({**_inputs(live).start(), **(asked or {})})

    def key(self, value: Row) -> Hashable:
        return tuple(value.items())

    def from_page(self, live: Any, value: Any) -> Any:
        """Cells, or the number of an example."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        row = read_row(value)
        if row is None:
            raise TraitError("The page sends a row as an object of numbers and words, or as the number of an example.")
        return row

    def info(self, live: TensorModel) -> Mapping[str, Any]:
        table: TableInfo = {
            "kind": "table",
            "columns": [column.describe() for column in _inputs(live).columns],
            "classes": live.class_names or None,
            "rows": len(_inputs(live).rows),
        }
        return table

    def exemplar(self, row: pd.Series) -> Mapping[str, Any]:
        return {"row": {name: _cell(value) for name, value in row["row"].items()}}

    def exemplars(self, shown: ShownExemplars) -> tuple[Mapping[str, Any], Mapping[str, NDArray[Any]]]:
        """`columns`; those of numbers with their ends: over the data where the live model knows them."""
        return {"columns": self._columns(shown.table["row"].tolist(), shown.live)}, {}

    def _columns(self, rows: Sequence[Mapping[str, Any]], live: LiveModel | None) -> list[TableColumn]:
        ends_in_data: dict[str, tuple[float, float]] = {}
        if live is not None and live.kind == self.name:
            described = [column.describe() for column in _inputs(cast("TensorModel", live)).columns]
            ends_in_data = {
                column["name"]: (column["low"], column["high"]) for column in described if column["kind"] == "number"
            }
        columns: list[TableColumn] = []
        for name in rows[0] if rows else []:
            numbers = [row[name] for row in rows if isinstance(row.get(name), (int, float)) and np.isfinite(row[name])]
            ends = ends_in_data.get(name) or ((min(numbers), max(numbers)) if numbers else None)
            columns.append({"name": str(name), "ends": None if ends is None else [float(end) for end in ends]})
        return columns

    def members(self, shown: ShownMembers) -> Members:
        """`cells` of each; `columns` of all, with their ends."""
        cells = [{str(name): _cell(value) for name, value in row.items()} for row in shown.contents]
        return Members([{"cells": row} for row in cells], {"columns": self._columns(shown.contents, shown.live)}, {})

    def saved_members(self, shown: ShownMembers) -> Sequence[str]:
        return [f"<div>{html.row_in_words(row)}</div>" for row in shown.contents]

    def picture_of(self, live: TensorModel, value: Any) -> Sequence[str]:
        return [html.table(list(value.items())[:MOST_SAVED])]

    def saved_exemplars(self, shown: ShownExemplars, scale: Scale) -> Sequence[str]:
        return [html.row_in_words(row) for row in shown.rows["row"]]


def _inputs(live: TensorModel) -> TableInputs:
    return cast("TableInputs", live.inputs)


def _cell(value: Any) -> Value | str:
    return readable(float(value)) if isinstance(value, (int, float)) else str(value)
