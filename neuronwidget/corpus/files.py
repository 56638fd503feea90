"""Reads documents from files on the disk, line by line as they are needed."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuronwidget.corpus.sources import DocumentError

TABLES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".parquet"})


@dataclass(frozen=True)
class Columns:
    """Which columns of a table are the documents, their names and their labels."""

    text: str | None = None
    id: str | None = None
    label: str | None = None

    def of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row with its name and label under the names that a scan looks for."""
        named = dict(row)
        for wanted, name in (("id", self.id), ("label", self.label)):
            if name is not None:
                if name not in row:
                    raise DocumentError(f"There is no column {name!r}; there are {', '.join(row)}.")
                named[wanted] = named.pop(name)
        return named


Reader = Callable[[Sequence[Path], Columns], Any]
"""Makes of files what `nw.scan` takes."""


def documents(paths: Sequence[Path], columns: Columns, read: Reader) -> Any:
    """What `nw.scan` takes, from a folder, or from files that `read` reads."""
    for path in paths:
        if not path.exists():
            raise DocumentError(f"There is no file or folder {path}.")
    if len(paths) == 1 and paths[0].is_dir():
        return paths[0]
    if any(path.is_dir() for path in paths):
        raise DocumentError("Give one folder, or files.")
    return read(paths, columns)


def texts(paths: Sequence[Path], columns: Columns) -> Iterator[Any]:
    """Texts, each a file or a row of a table."""
    several = len(paths) > 1
    for path in paths:
        if path.suffix.lower() not in TABLES:
            try:
                yield path.as_posix(), path.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise DocumentError(f"{path} is not text in UTF-8.") from error
            continue
        for number, row in enumerate(_read(path, rows(path))):
            document = columns.of(row)
            if several or "id" not in document:
                document["id"] = f"{path.as_posix()}:{document.get('id', number)}" if several else str(number)
            text = columns.text or "text"
            if not isinstance(document.get(text), str):
                raise DocumentError(
                    f"Row {number} of {path} has no text under {text!r}; it has {', '.join(row)}. "
                    "Say which with --column."
                )
            yield document


def arrays(paths: Sequence[Path], columns: Columns) -> Any:
    """Pictures, or what else an array holds: one file of an array, or files of one picture each."""
    if len(paths) == 1 and paths[0].suffix.lower() == ".npy":
        import numpy as np

        return np.load(paths[0], mmap_mode="r", allow_pickle=False)
    return list(paths)


def measurements(paths: Sequence[Path], columns: Columns) -> Any:
    """Rows of measurements as one frame: numbers are told from words there."""
    import pandas as pd

    readers = {".csv": pd.read_csv, ".parquet": pd.read_parquet}
    readers[".tsv"] = lambda path: pd.read_csv(path, sep="\t")
    readers[".jsonl"] = readers[".ndjson"] = lambda path: pd.read_json(path, lines=True)
    unknown = [path for path in paths if path.suffix.lower() not in TABLES]
    if unknown:
        raise DocumentError(f"{unknown[0]} is no table: rows come from {', '.join(sorted(TABLES))}.")
    frame = pd.concat([_frame(path, readers[path.suffix.lower()]) for path in paths], ignore_index=True)
    names = {old: new for new, old in (("id", columns.id), ("label", columns.label)) if old is not None}
    missing = [name for name in names if name not in frame]
    if missing:
        raise DocumentError(f"There is no column {missing[0]!r}; there are {', '.join(map(str, frame.columns))}.")
    return frame.rename(columns=names)


def _frame(path: Path, read: Callable[[Path], Any]) -> Any:
    with _named(path):
        return read(path)


def _read(path: Path, source: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """What comes out of a file; what is wrong with it is said with its name."""
    while True:
        with _named(path):
            row = next(source, None)
        if row is None:
            return
        yield row


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except DocumentError:
        raise
    except Exception as error:  # of a damaged file the readers raise what they like
        kind = "Parquet" if path.suffix.lower() == ".parquet" else "a table"
        message = (str(error).splitlines() or [type(error).__name__])[0]
        raise DocumentError(f"{path} cannot be read as {kind}: {message}") from error


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a table, a few at a time."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(1024):
                yield from batch.to_pylist()
        return
    with open(path, encoding="utf-8-sig", newline="") as file:
        if suffix in (".csv", ".tsv"):
            csv.field_size_limit(min(sys.maxsize, 2**31 - 1))  # a document may be longer than 128 kB
            yield from csv.DictReader(file, delimiter="\t" if suffix == ".tsv" else ",", restkey="…")
            return
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    row = json.loads(line)
                except ValueError as error:
                    raise DocumentError(f"Line {number} of {path} is not JSON: {error}") from error
                yield row if isinstance(row, dict) else {"text": row}
