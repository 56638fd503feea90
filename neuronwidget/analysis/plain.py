"""Tables, arrays and units as plain values for JSON, and back; nothing is ever unpickled."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from neuronwidget.live.structure.sites import Unit


def to_plain(value: Any) -> Any:
    """A value as JSON can hold it. What JSON has no word for becomes a mapping whose one key begins with "$"."""
    import pandas as pd

    if value is None or isinstance(value, (bool, str, int)):
        return value
    if value is pd.NA:
        return {"$missing": True}
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": str(value)}
    if isinstance(value, Unit):
        return {"$unit": str(value)}
    if isinstance(value, pd.DataFrame):
        return {"$table": {"columns": [[name, _column(value[name])] for name in value], "index": _index(value.index)}}
    if isinstance(value, pd.Series):
        return {"$series": {"name": to_plain(value.name), "values": _column(value), "index": _index(value.index)}}
    if isinstance(value, np.ndarray):
        return {"$array": _array(value)}
    if isinstance(value, tuple):
        return {"$tuple": [to_plain(item) for item in value]}
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, dict):
        return {"$mapping": [[to_plain(key), to_plain(item)] for key, item in value.items()]}
    if is_dataclass(value):
        return {"$" + type(value).__name__: {f.name: to_plain(getattr(value, f.name)) for f in fields(value)}}
    raise TypeError(f"{type(value).__name__} has no form in JSON.")


def from_plain(value: Any, parts: Sequence[type[Any]] = ()) -> Any:
    """What `to_plain` was given; dataclasses are made of those in `parts` only."""
    import pandas as pd

    if isinstance(value, list):
        return [from_plain(item, parts) for item in value]
    if not isinstance(value, dict):
        return value
    ((key, content),) = value.items()
    match key:
        case "$missing":
            return pd.NA
        case "$float":
            return float(content)
        case "$unit":
            return Unit.parse(content)
        case "$tuple":
            return tuple(from_plain(item, parts) for item in content)
        case "$mapping":
            return {from_plain(name, parts): from_plain(item, parts) for name, item in content}
        case "$array":
            return _from_array(content)
        case "$table":
            index = _from_index(content["index"])
            columns = {name: _from_column(column, index) for name, column in content["columns"]}
            return pd.DataFrame(columns, index=index)
        case "$series":
            series = _from_column(content["values"], _from_index(content["index"]))
            return series.rename(from_plain(content["name"]))
    part = next((part for part in parts if "$" + part.__name__ == key), None)
    if part is None:
        raise ValueError(f"{key!r} is not known.")
    return part(**{name: from_plain(item, parts) for name, item in content.items()})


def _column(series: Any) -> dict[str, Any]:
    return {"dtype": str(series.dtype), "cells": [to_plain(cell) for cell in series.tolist()]}


def _from_column(column: dict[str, Any], index: Any) -> Any:
    import pandas as pd

    cells = [from_plain(cell) for cell in column["cells"]]
    series = pd.Series(index=index, dtype=object)
    series[:] = pd.Series(cells, index=index, dtype=object)
    return series.astype(column["dtype"])


def _index(index: Any) -> dict[str, Any]:
    return {"names": list(index.names), "dtype": str(index.dtype), "labels": [to_plain(label) for label in index]}


def _from_index(index: dict[str, Any]) -> Any:
    import pandas as pd

    labels = [from_plain(label) for label in index["labels"]]
    if len(index["names"]) > 1:
        return pd.MultiIndex.from_tuples(labels, names=index["names"])
    return pd.Index(labels, dtype=index["dtype"], name=index["names"][0])


def _array(array: np.ndarray[Any, Any]) -> dict[str, Any]:
    if array.dtype == object:
        return {"dtype": "object", "cells": [to_plain(cell) for cell in array.tolist()]}
    content = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"dtype": array.dtype.str, "shape": list(array.shape), "base64": content}


def _from_array(array: dict[str, Any]) -> np.ndarray[Any, Any]:
    if array["dtype"] == "object":
        cells = np.empty(len(array["cells"]), dtype=object)
        cells[:] = [from_plain(cell) for cell in array["cells"]]
        return cells
    values = np.frombuffer(base64.b64decode(array["base64"], validate=True), np.dtype(array["dtype"]))
    return values.reshape(array["shape"]).copy()
