"""Where documents come from, and how they are cut into windows and chunks.

A scan walks through the documents once, in their order. Their order gives them their numbers; everything random in a
scan is a hash of these numbers, so it is the same in every run.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from neuronwidget.atlas.entries import mixed
from neuronwidget.atlas.tally import AFTER, BEFORE

if TYPE_CHECKING:
    from neuronwidget.live.inputs.text import TextInputs

CHUNK_WINDOWS = 64
CHUNK_DOCUMENTS = 64


class DocumentError(ValueError):
    """Something that cannot be read as documents."""


class OtherDocumentsError(DocumentError):
    """Not the documents that a scan began with."""


@dataclass(frozen=True)
class Document:
    """A text with its name and, where there is one, its label."""

    id: str
    text: str
    label: str | None = None

    def digest(self) -> bytes:
        parts = (self.id, self.text, "" if self.label is None else "=" + self.label)
        return hashlib.sha256(b"".join(len(p := part.encode()).to_bytes(8, "little") + p for part in parts)).digest()


@dataclass(frozen=True)
class Window:
    """A part of a document that runs through the model in one go.

    `start` is its first token in the document; its first `skip` tokens were counted in the window before.
    """

    ordinal: int
    document: int
    start: int
    skip: int
    ids: list[int]
    pieces: list[str]
    lot: int | None = None


@dataclass(frozen=True)
class Chunk:
    """Consecutive documents that are added up together; `documents` are (name, label, tokens, text)."""

    number: int
    first_document: int
    first_window: int
    documents: list[tuple[str, str | None, int, str]]
    windows: list[Window]
    digest: bytes


def read(
    source: Any, *, column: str = "text", ids: Iterable[Any] | None = None, labels: Iterable[Any] | None = None
) -> Iterator[Document]:
    """Documents from a folder, a DataFrame or one of its columns, or anything that can be walked through.

    What is walked through may hold strings, (id, text) pairs, or mappings with `column` and perhaps "id" and "label"
    (rows of a Hugging Face `Dataset`).
    """
    rows = _rows(source, column)
    missing = object()
    for number, (row, id_, label) in enumerate(
        itertools.zip_longest(rows, ids or (), labels or (), fillvalue=missing) if ids or labels else
        ((row, missing, missing) for row in rows)
    ):  # fmt: skip
        if row is missing or (ids is not None and id_ is missing) or (labels is not None and label is missing):
            raise DocumentError("There are not as many ids and labels as documents.")
        document = _document(row, number, column)
        yield Document(
            document.id if id_ is missing else str(id_),
            document.text,
            document.label if label is missing else None if label is None else str(label),
        )


def _rows(source: Any, column: str) -> Iterable[Any]:
    if isinstance(source, (str, Path)):
        if isinstance(source, str) and not os.path.isdir(source):
            raise DocumentError(
                f"{source[:60]!r} is not a folder. Give a list of texts, a DataFrame, or the path of a folder of texts."
            )
        return _folder(Path(source))
    if type(source).__module__.partition(".")[0] == "pandas":
        if hasattr(source, "columns"):
            if column not in source.columns:
                raise DocumentError(
                    f"The frame has no column {column!r}; it has {', '.join(map(str, source.columns))}."
                )
            rest = [name for name in ("id", "label") if name in source.columns and name != column]
            return source[[column, *rest]].to_dict("records")  # type: ignore[no-any-return]
        return ((str(index), text) for index, text in source.items())
    if isinstance(source, Mapping) or not hasattr(source, "__iter__"):
        raise DocumentError(f"Documents are texts one after another; {type(source).__name__} is not that.")
    return source  # type: ignore[no-any-return]


def _folder(folder: Path) -> Iterator[tuple[str, str]]:
    """All files below a folder that are UTF-8 text, in the order of their names; the others are left out."""
    if not folder.is_dir():
        raise DocumentError(f"There is no folder {folder}.")
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).parts):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            content = path.read_bytes()
            try:
                text = content.decode()
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                yield path.relative_to(folder).as_posix(), text


def _document(row: Any, number: int, column: str) -> Document:
    if isinstance(row, str):
        return Document(str(number), row)
    if isinstance(row, Document):
        return row
    if isinstance(row, Mapping):
        if not isinstance(row.get(column), str):
            raise DocumentError(f"Document {number} has no text under {column!r}; say which with column=.")
        label = row.get("label")
        return Document(str(row.get("id", number)), row[column], None if label is None else str(label))
    if isinstance(row, Sequence) and len(row) == 2 and isinstance(row[1], str):
        return Document(str(row[0]), row[1])
    raise DocumentError(f"Document {number} is {type(row).__name__}, not a text, an (id, text) pair or a mapping.")


def windows(
    document: int,
    first_ordinal: int,
    ids: Sequence[int],
    pieces: Sequence[str],
    length: int,
    overlap: int,
    lot: int | None,
) -> list[Window]:
    """Cut a document's tokens: each window but the first repeats `overlap` tokens of the one before.

    >>> [(w.start, w.skip, len(w.ids)) for w in windows(0, 0, range(10), "abcdefghij", 6, 2, None)]
    [(0, 0, 6), (4, 2, 6)]
    """
    starts = [0] if len(ids) else []
    while starts and starts[-1] + length < len(ids):
        starts.append(starts[-1] + length - overlap)
    drawn = int(mixed(torch.tensor(document + (1 << 41)))) % len(starts) if starts else -1
    return [
        Window(
            first_ordinal + i,
            document,
            start,
            overlap if i else 0,
            list(ids[start : start + length]),
            list(pieces[start : start + length]),
            lot if i == drawn else None,
        )
        for i, start in enumerate(starts)
    ]


def chunks(
    documents: Iterable[Document],
    inputs: TextInputs,
    length: int,
    overlap: int,
    *,
    most: int = CHUNK_WINDOWS,
    done: Mapping[str, Any] | None = None,
) -> Iterator[Chunk]:
    """Cut a stream of documents into chunks of at least `most` windows or 64 documents; a document is never split.

    `done` says how many "documents", "windows" and "chunks" were taken in already, and their "digest": they are walked
    over, and must be the same.
    """
    from neuronwidget.atlas.sample import lots

    digest = b""
    known = done["documents"] if done else 0
    number, first_document, first_window = (done["chunks"], known, done["windows"]) if done else (0, 0, 0)
    held: list[tuple[str, str | None, int, str]] = []
    cut: list[Window] = []
    index = -1
    for index, document in enumerate(documents):
        digest = hashlib.sha256(digest + document.digest()).digest()
        if index < known:
            if index == known - 1 and done and digest.hex() != done["digest"]:
                raise OtherDocumentsError(f"the first {known:,} documents are not the ones it has seen.")
            continue
        tokens = inputs.tokens(document.text)
        held.append((document.id, document.label, len(tokens), document.text))
        lot = int(lots(torch.tensor(index)))
        cut += windows(index, first_window + len(cut), tokens.ids, tokens.pieces, length, overlap, lot)
        if len(cut) >= most or len(held) >= CHUNK_DOCUMENTS:
            yield Chunk(number, first_document, first_window, held, cut, digest)
            number, first_document, first_window = number + 1, index + 1, first_window + len(cut)
            held, cut = [], []
    if index + 1 < known:
        raise OtherDocumentsError(f"there are {index + 1:,} documents, it has seen {known:,}.")
    if held:
        yield Chunk(number, first_document, first_window, held, cut, digest)


def twins(ids: Tensor) -> Tensor:
    """A hash of the 25 tokens around each token: int64 [windows, tokens]; −1 beyond the ends of a window."""
    padded = torch.nn.functional.pad(ids.long(), (BEFORE, AFTER), value=-1)
    around = padded.unfold(1, BEFORE + 1 + AFTER, 1)
    weights = mixed(torch.arange(BEFORE + 1 + AFTER)) | 1
    return mixed((mixed(around) * weights).sum(2))
