"""The kind "table": one control a column, and what the model eats of a row."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.live.inputs.tensors import InputError, TensorInputs, with_batch

Row = dict[str, float | str]

_BINS = 24
_MOST_EXAMPLES = 50


@dataclass(frozen=True)
class Number:
    """A column of numbers: its range, how often each part of it occurs, and the step of a whole-numbered one."""

    name: str
    low: float
    high: float
    histogram: tuple[int, ...] = ()
    step: float | None = None

    def read(self, value: Any) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise InputError(f"{self.name} is a number from {self.low:g} to {self.high:g}, not {value!r}.") from None
        if not math.isfinite(number):
            raise InputError(f"{self.name} is {number}; a number from {self.low:g} to {self.high:g} is wanted.")
        return number

    def points(self, count: int) -> list[float | str]:
        """Values over the range, at most `count`."""
        points = np.linspace(self.low, self.high, max(2, count))
        if self.step:
            points = np.unique((points / self.step).round() * self.step)
        return [float(point) for point in points]

    def describe(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "kind": "number",
            "low": self.low,
            "high": self.high,
            "histogram": list(self.histogram),
            "step": self.step or 0,
        }


@dataclass(frozen=True)
class Category:
    """A column that holds one of some words."""

    name: str
    values: tuple[str, ...]

    def read(self, value: Any) -> str:
        word = str(value)
        if word in self.values:
            return word
        listed = ", ".join(self.values[:12]) + (", …" if len(self.values) > 12 else "")
        raise InputError(f"{self.name} is one of {listed}; not {word!r}.")

    def points(self, count: int) -> list[float | str]:
        return list(self.values)

    def describe(self) -> dict[str, Any]:
        return {"name": self.name, "kind": "category", "values": list(self.values)}


Column = Number | Category


class TableInputs(TensorInputs):
    """Rows of a table, for any model.

    Parameters
    ----------
    columns
        A DataFrame, to take names, ranges, categories and histograms from; or a dict from name to range
        `(low, high)` or to a list of words; or a list of `Number` and `Category`. The order is that of the model.
    classes
        Names of the model's outputs.
    standardise
        `(means, deviations)` of the columns of numbers, in their order or by name.
    preprocess
        A row, as a dict, → what the model eats, [numbers]. Default: each number, standardised if that is given, and
        for each category one number for each of its words, 1 where it is that one.
    rows
        Rows to begin with: a DataFrame or a list of dicts. Default: some of those of `columns`.

    Examples
    --------
    >>> inputs = TableInputs({"age": (0, 100), "sex": ["female", "male"]}, classes=["ill", "well"])
    >>> inputs.prepare({"age": 50, "sex": "male"})
    tensor([[50.,  0.,  1.]])
    """

    kind = "table"

    def __init__(
        self,
        columns: Any,
        classes: Sequence[str] | None = None,
        *,
        standardise: tuple[Any, Any] | None = None,
        preprocess: Callable[..., Any] | None = None,
        rows: Any = None,
    ) -> None:
        super().__init__(classes, preprocess)
        self.columns = _columns(columns)
        if not self.columns:
            raise InputError("A table needs columns: give a DataFrame, or a dict from name to (low, high).")
        self._by_name = {column.name: column for column in self.columns}
        if len(self._by_name) < len(self.columns):
            raise InputError("Two columns have the same name.")
        self._standardise = None if standardise is None else tuple(self._of_numbers(part) for part in standardise)
        given = columns if rows is None and _is_frame(columns) else rows
        self.rows = [self.read(row) for row in _some(given)]
        #: Which of the example rows a view begins with.
        self.first = 0

    def read(self, x: Any) -> Row:
        """A row as a dict in the columns' order: from a dict, Series, sequence, or the number of an example."""
        if isinstance(x, (int, np.integer)) and not isinstance(x, bool):
            if not 0 <= x < len(self.rows):
                raise InputError(f"There are the example rows 0 to {len(self.rows) - 1}, not {x}.")
            return dict(self.rows[int(x)])
        if _is_frame(x):
            if len(x) != 1:
                raise InputError(f"One row is looked at at a time; this table has {len(x)}. Take one: table.iloc[0].")
            x = x.iloc[0]
        if hasattr(x, "to_dict"):
            x = x.to_dict()
        if not isinstance(x, Mapping):
            values = x.flatten().tolist() if isinstance(x, (Tensor, np.ndarray)) else x
            if isinstance(values, (str, bytes)) or not isinstance(values, Sequence):
                raise InputError(f"A row is a dict from column to value, not {type(x).__name__}.")
            if len(values) != len(self.columns):
                raise InputError(f"A row has {len(self.columns)} values, this one has {len(values)}.")
            x = dict(zip(self._by_name, values, strict=True))
        missing = [name for name in self._by_name if name not in x]
        if missing:
            raise InputError(f"The row lacks {_listed(missing)}.{_near(missing[0], [str(name) for name in x])}")
        unknown = [str(name) for name in x if name not in self._by_name]
        if unknown and self.preprocess is None and len(unknown) > len(self.columns):
            raise InputError(f"The row has columns that the model does not know: {_listed(unknown)}.")
        return {name: column.read(x[name]) for name, column in self._by_name.items()}

    def prepare(self, value: Any) -> Any:
        """[1, numbers]: a row preprocessed; a float tensor as it is."""
        if isinstance(value, Tensor) and value.is_floating_point() and self.preprocess is not None:
            return with_batch(value, 1, "[numbers]")
        row = self.read(value)
        if self.preprocess is not None:
            prepared = with_batch(self.preprocess(row), 1, "[numbers]")
            return prepared.float() if isinstance(prepared, Tensor) and prepared.dtype == torch.float64 else prepared
        numbers: list[float] = []
        position = 0
        for column in self.columns:
            if isinstance(column, Category):
                numbers += [float(row[column.name] == word) for word in column.values]
                continue
            number = float(row[column.name])
            if self._standardise is not None:
                mean, deviation = (part[position] for part in self._standardise)
                number = (number - mean) / deviation
            position += 1
            numbers.append(number)
        return torch.tensor([numbers], dtype=torch.float32)

    def start(self) -> Row:
        return dict(self.rows[self.first]) if self.rows else self._at(0.5)

    def samples(self) -> list[Row]:
        return [*self.rows[:2], self._at(0.25), self._at(0.75)][:2]

    def examples(self) -> list[Row]:
        return [*self.rows] or self.samples()

    def column(self, name: str) -> Column:
        """A column by name."""
        if name not in self._by_name:
            raise InputError(f"There is no column {name!r}.{_near(name, list(self._by_name))}")
        return self._by_name[name]

    def _at(self, share: float) -> Row:
        """A row that stands at a share of each column's range."""
        row: Row = {}
        for column in self.columns:
            if isinstance(column, Category):
                row[column.name] = column.values[int(share * (len(column.values) - 1))]
            else:
                value = column.low + share * (column.high - column.low)
                row[column.name] = round(value / column.step) * column.step if column.step else value
        return row

    def _of_numbers(self, part: Any) -> list[float]:
        """One float for each column of numbers."""
        names = [column.name for column in self.columns if isinstance(column, Number)]
        if hasattr(part, "to_dict"):
            part = part.to_dict()
        if isinstance(part, Mapping):
            missing = [name for name in names if name not in part]
            if missing:
                raise InputError(f"standardise= lacks {_listed(missing)}.")
            part = [part[name] for name in names]
        floats = [float(value) for value in (part.tolist() if isinstance(part, (Tensor, np.ndarray)) else part)]
        if len(floats) != len(names):
            raise InputError(f"standardise= has {len(floats)} numbers for {len(names)} columns of numbers.")
        return floats


def _columns(columns: Any) -> list[Column]:
    if _is_frame(columns):
        return [_from_series(str(name), columns[name]) for name in columns.columns]
    items = columns.items() if isinstance(columns, Mapping) else columns
    described: list[Column] = []
    for item in items:
        if isinstance(item, (Number, Category)):
            described.append(item)
            continue
        if isinstance(item, str) or not isinstance(item, Sequence):
            raise InputError(
                f"What can {item!r} be? Give its range, {{{item!r}: (0.0, 1.0)}}, its words, "
                f"{{{item!r}: ['yes', 'no']}}, or a DataFrame to take both from."
            )
        name, content = (item[0], item[1]) if len(item) == 2 else (item[0], item[1:])
        described.append(_column(str(name), content))
    return described


def _column(name: str, content: Any) -> Column:
    if isinstance(content, (Number, Category)):
        return content
    values = list(content)
    if len(values) == 2 and not any(isinstance(value, (str, bool)) for value in values):
        low, high = float(values[0]), float(values[1])
        if not low < high:
            raise InputError(f"The range of {name} goes from {low:g} to {high:g}: the lower end comes first.")
        return Number(name, low, high)
    if not values:
        raise InputError(f"{name} has no values.")
    return Category(name, tuple(str(value) for value in values))


def _from_series(name: str, series: Any) -> Column:
    kind = series.dtype.kind if hasattr(series.dtype, "kind") else "O"
    if kind not in "iuf":
        words = series.cat.categories if hasattr(series, "cat") else sorted(series.dropna().unique(), key=str)
        return Category(name, tuple(str(value) for value in words))
    values = series.to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        raise InputError(f"{name} holds no numbers.")
    low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    counts, _ = np.histogram(values, bins=_BINS, range=(low, high))
    return Number(name, low, high, tuple(int(count) for count in counts), 1.0 if kind in "iu" else None)


def _some(rows: Any) -> Iterable[Any]:
    """The examples, at most some; of a DataFrame, spread over its length."""
    if rows is None:
        return []
    if _is_frame(rows):
        complete = rows.dropna()
        chosen = np.unique(np.linspace(0, len(complete) - 1, min(len(complete), _MOST_EXAMPLES)).round().astype(int))
        return [complete.iloc[i] for i in chosen] if len(complete) else []
    return list(rows)[:_MOST_EXAMPLES]


def _is_frame(x: Any) -> bool:
    return hasattr(x, "iloc") and hasattr(x, "columns")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _near(name: str, others: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, others, n=1, cutoff=0.6)
    return f" Is {near[0]!r} meant?" if near else ""
