"""Rows of tables as documents: what an exemplar shows is the row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from neuronwidget.corpus import files
from neuronwidget.corpus.kinds.kind import CorpusKind
from neuronwidget.corpus.kinds.whole import WholeCutter
from neuronwidget.corpus.sources import Lookup, named_or_labelled
from neuronwidget.live.inputs.table import Category, TableInputs


class TableCutter(WholeCutter):
    """Makes documents of rows: dicts by name of column."""

    inputs: TableInputs

    def lookup(self, column: str | None) -> Lookup:
        return row_lookup((c.name for c in self.inputs.columns), column or "image")

    def settings(self) -> dict[str, Any]:
        return {"input": self.kind, "columns": [column.name for column in self.inputs.columns]}


class TableKind(CorpusKind):
    """Kind of input: rows of tables."""

    name = "table"
    another = "another way to prepare a row"
    cutter_class = TableCutter

    def from_files(self, paths: Sequence[Path], columns: files.Columns) -> Any:
        return files.measurements(paths, columns)

    def fixed_inputs(self, inputs: TableInputs) -> Iterator[Any]:
        """Two rows that do not depend on the ranges of the columns."""
        for value in (1.0, 2.5):
            yield {
                column.name: column.values[-1] if isinstance(column, Category) else value + number / 8
                for number, column in enumerate(inputs.columns)
            }


def row_lookup(columns: Iterable[str], column: str = "image") -> Lookup:
    """Rows with these columns: pairs are a row and its label, or a name and a row."""
    return Lookup("row", "inputs", column, rows=True, columns=frozenset(columns), pair=named_or_labelled)
