"""Items of a data set: from folders, frames, arrays, data sets of Hugging Face and torch, iterators."""

from __future__ import annotations

import itertools
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neuronwidget.live.inputs.text import without_surrogates

_BLOCK = 4096


class DocumentError(ValueError):
    """Something that cannot be read as documents."""


@dataclass(frozen=True)
class Item:
    """One input as it was found: a text, a picture or a row, with its name and, where there is one, its label."""

    content: Any
    id: str
    label: str | None = None


@dataclass(frozen=True)
class Lookup:
    """What to look for in a source.

    Attributes
    ----------
    name, plural
        What an item is called, in sentences.
    column
        Where a frame or data set holds the items, unless they are its `rows`.
    rows
        An item is a whole row of a frame or data set, but for its name and label.
    columns
        Names of the columns of an item, which then do not name it.
    pair
        What two things together are: content, name and label, either of which may be None; None: one item.
    file
        The item in a file of a folder, from its path and the parts of its path below the folder; None: not an item.
        Without this function items do not come from folders.
    """

    name: str
    plural: str
    column: str
    rows: bool = False
    columns: frozenset[str] = frozenset()
    pair: Callable[[Any, Any], tuple[Any, str | None, str | None] | None] = lambda first, second: None
    file: Callable[[Path, tuple[str, ...]], Item | None] | None = None

    def of_mapping(self, row: Mapping[Any, Any], number: int) -> Item:
        """An item from a row of a frame or a data set; "id" and "label" name it where they are no measurements."""
        content: Any = row
        if not self.rows:
            if row.get(self.column) is None:
                raise DocumentError(
                    f"Document {number} has no {self.name} under {self.column!r}; say which with column=."
                )
            content = row[self.column]
        own = {name: row.get(name) for name in ("id", "label") if name not in (*self.columns, self.column)}
        if self.rows:
            content = {name: value for name, value in row.items() if name not in own}
        id_ = own.get("id")
        return Item(content, str(number if id_ is None else id_), as_label(own.get("label")))


def named_or_labelled(first: Any, second: Any) -> tuple[Any, str | None, str | None] | None:
    """A pair of something with its label, or of a name with something."""
    if is_single(second) and not is_single(first):
        return first, None, as_label(second)
    return (second, str(first), None) if is_single(first) and not is_single(second) else None


def items(source: Any, lookup: Lookup, ids: Iterable[Any] | None, labels: Iterable[Any] | None) -> Iterator[Item]:
    """All items of a source. `ids` and `labels` go before those that the source has.

    Names and labels are only ever shown: what in them is no whole character is replaced.
    """
    for item in _named(source, lookup, ids, labels):
        name, label = without_surrogates(item.id), item.label and without_surrogates(item.label)
        yield item if (name, label) == (item.id, item.label) else Item(item.content, name, label)


def _named(source: Any, lookup: Lookup, ids: Iterable[Any] | None, labels: Iterable[Any] | None) -> Iterator[Item]:
    rows = _rows(source, lookup)
    if ids is None and labels is None:
        for number, row in enumerate(rows):
            yield _item(row, number, lookup)
        return
    missing = object()
    given = [iter(column) for column in (ids, labels) if column is not None]
    for number, together in enumerate(itertools.zip_longest(rows, *given, fillvalue=missing)):
        if any(part is missing for part in together):
            raise DocumentError("There are not as many ids and labels as documents.")
        item = _item(together[0], number, lookup)
        id_ = item.id if ids is None else str(together[1])
        yield Item(item.content, id_, item.label if labels is None else as_label(together[-1]))


def as_label(label: Any) -> str | None:
    """A label as text; none for None and for a missing value of a frame."""
    if hasattr(label, "item") and getattr(label, "ndim", 0) == 0:
        label = label.item()
    return None if label is None or label != label else str(label)


def _item(row: Any, number: int, lookup: Lookup) -> Item:
    if isinstance(row, Item):
        return row
    if isinstance(row, Mapping):
        return lookup.of_mapping(row, number)
    if isinstance(row, (tuple, list)) and len(row) == 2:
        pair = lookup.pair(row[0], row[1])
        if pair is not None:
            content, id_, label = pair
            return Item(content, str(number) if id_ is None else id_, label)
    return Item(row, str(number))


def is_single(value: Any) -> bool:
    """Is it a name or a number, not a picture or a row?"""
    return value is None or np.isscalar(value) or (getattr(value, "ndim", 1) == 0 and not isinstance(value, Mapping))


def _rows(source: Any, lookup: Lookup) -> Iterator[Any]:
    if isinstance(source, (str, Path)):
        if isinstance(source, str) and not os.path.isdir(source):
            raise DocumentError(
                f"{source[:60]!r} is not a folder. Give a list of {lookup.plural}, a DataFrame, "
                f"or the path of a folder of {lookup.plural}."
            )
        return _folder(Path(source), lookup)
    if type(source).__module__.partition(".")[0] == "pandas":
        return _frame(source, lookup) if hasattr(source, "columns") else _series(source, lookup)
    if getattr(source, "column_names", None) is not None:
        return _dataset(source, lookup)
    if isinstance(source, Mapping):
        inside = ", ".join(map(repr, list(source)[:5]))
        raise DocumentError(
            f"Documents are inputs one after another; this is a mapping. Give one of its parts: {inside}."
        )
    if not hasattr(source, "__iter__"):
        if hasattr(source, "__getitem__") and hasattr(source, "__len__"):  # a data set of torch
            return _each(source[i] for i in range(len(source)))
        raise DocumentError(f"Documents are inputs one after another; {type(source).__name__} is not that.")
    return iter(source)


def _frame(frame: Any, lookup: Lookup) -> Iterator[Any]:
    """Rows of a DataFrame as mappings, some at a time: all at once would take several times the frame's memory."""
    if not lookup.rows:
        if lookup.column not in frame.columns:
            columns = ", ".join(map(str, frame.columns))
            raise DocumentError(f"The frame has no column {lookup.column!r}; it has {columns}. Say which with column=.")
        rest = [name for name in ("id", "label") if name in frame.columns and name != lookup.column]
        frame = frame[[lookup.column, *rest]]
    for start in range(0, len(frame), _BLOCK):
        part = frame.iloc[start : start + _BLOCK]
        for index, row in zip(part.index, part.to_dict("records"), strict=True):
            yield {"id": index, **row} if lookup.rows and "id" not in lookup.columns else row


def _series(series: Any, lookup: Lookup) -> Iterator[Item]:
    return (Item(content, str(index)) for index, content in series.items())


def _dataset(dataset: Any, lookup: Lookup) -> Iterator[Any]:
    """Rows of a `datasets.Dataset`; what is not asked for is not decoded, numbers of classes become their names."""
    if isinstance(dataset, Mapping):
        raise DocumentError(f"This holds several data sets: {', '.join(map(repr, dataset))}. Give one of them.")
    if not lookup.rows:
        if lookup.column not in dataset.column_names:
            columns = ", ".join(dataset.column_names)
            raise DocumentError(
                f"The data set has no column {lookup.column!r}; it has {columns}. Say which with column=."
            )
        wanted = [name for name in dataset.column_names if name in (lookup.column, "id", "label")]
        if hasattr(dataset, "select_columns"):
            dataset = dataset.select_columns(wanted)
    names = getattr((getattr(dataset, "features", None) or {}).get("label"), "names", None)
    if "label" in lookup.columns or lookup.column == "label":
        names = None
    for row in _each(dataset):
        label = row.get("label")
        if names is not None and isinstance(label, int) and 0 <= label < len(names):
            row = {**row, "label": names[label]}
        yield row


def _each(rows: Iterable[Any]) -> Iterator[Any]:
    """Rows that are read from somewhere as they are asked for."""
    source = iter(rows)
    for number in itertools.count():
        try:
            row = next(source)
        except StopIteration:
            return
        except (OSError, SyntaxError, UnicodeError, struct.error, zlib.error) as error:  # what PIL says of half a file
            raise DocumentError(f"Document {number} cannot be read: {error}") from error
        yield row


def _folder(folder: Path, lookup: Lookup) -> Iterator[Item]:
    """The items in all files below a folder, in the order of their names: UTF-8 texts, or pictures.

    A picture in a folder of its own kind, `cats/1.png`, gets that folder as its label.
    """
    if not folder.is_dir():
        raise DocumentError(f"There is no folder {folder}.")
    if lookup.file is None:
        raise DocumentError(
            "A folder holds texts or pictures; rows come from a DataFrame, an array or a list of dicts."
        )
    count = 0
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).parts):
        parts = path.relative_to(folder).parts
        if not path.is_file() or any(part.startswith(".") for part in parts):
            continue
        item = lookup.file(path, parts)
        if item is not None:
            count += 1
            yield item
    if not count:
        raise DocumentError(f"There are no {lookup.plural} below {folder}.")
