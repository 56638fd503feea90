"""Documents of a data set, and the windows and chunks that they are cut into.

A scan walks through the documents once, in their order. Their order gives them their numbers; everything random in a
scan is a hash of these numbers, so it is the same in every run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch

from neuronwidget.corpus.contexts import text_hash
from neuronwidget.corpus.hashes import sample_keys, sampled_window
from neuronwidget.corpus.sources import DocumentError as DocumentError
from neuronwidget.corpus.sources import Item, Lookup, items
from neuronwidget.live.inputs.tensors import InputError

CHUNK_WINDOWS = 64
SMALL_CHUNKS, SMALLER = 16, 4
"""The first chunks are smaller: few documents keep all threads busy, and while nothing is known yet that would leave
out anything, little is kept at once."""


class OtherDocumentsError(DocumentError):
    """Not the documents that a scan began with."""


@dataclass(frozen=True)
class Document:
    """A text with its name and, where there is one, its label."""

    id: str
    text: str
    label: str | None = None

    @property
    def content(self) -> str:
        """What a model reads of it: the text."""
        return self.text

    def content_hash(self) -> bytes:
        return hashlib.sha256(self.text.encode(errors="surrogatepass")).digest()

    def digest(self) -> bytes:
        parts = (self.id, self.text, "" if self.label is None else "=" + self.label)
        return hashlib.sha256(
            b"".join(len(p := part.encode(errors="surrogatepass")).to_bytes(8, "little") + p for part in parts)
        ).digest()


@dataclass(frozen=True)
class Window:
    """A part of a document that runs through the model in one go.

    `start` is its first token in the document; its first `skip` tokens were counted in the window before.
    `sample_key` is that of its document, where the window stands for it in a sample. `hashes` say what is read: one a
    token, or one of all that there is to see.
    """

    ordinal: int
    document: int
    start: int
    skip: int
    ids: list[int]
    pieces: list[str]
    sample_key: int | None = None
    prepared: Any = None
    """What a model of pictures or rows is given."""
    hashes: Sequence[int] = ()


@dataclass(frozen=True)
class Cut:
    """A document as it goes into a chunk, with its windows and perhaps a small picture of it."""

    document: tuple[str, str | None, int, str]
    windows: list[Window]
    picture: bytes | None = None


class Cutter(Protocol):
    """Makes documents of what is found in a source, and windows of documents. `most`: such in a chunk."""

    most: int

    def lookup(self, column: str | None) -> Lookup:
        """What to look for in a source, in this column of a frame or data set."""

    def document(self, item: Item) -> Any:
        """The document that an item is, with a `digest()` over all of it."""

    def cut(self, number: int, document: Any, first_window: int, sample_key: int) -> Cut:
        """The document of this number, cut into windows that are numbered from the first."""

    def settings(self) -> dict[str, Any]:
        """What must be the same for a scan to go on; "input" is the name of the kind."""


@dataclass(frozen=True)
class Chunk:
    """Consecutive documents that are added up together; `documents` are (name, label, tokens, text).

    `pictures`: small copies of them, as bytes, where they are pictures.
    """

    number: int
    first_document: int
    first_window: int
    documents: list[tuple[str, str | None, int, str]]
    windows: list[Window]
    digest: bytes
    pictures: list[bytes] = field(default_factory=list)


@contextmanager
def named(document: str) -> Iterator[None]:
    """What is wrong with a document is said with its name."""
    try:
        yield
    except (InputError, UnicodeError, OSError) as error:
        raise DocumentError(f"Document {document}: {error}") from error


def read_documents(
    source: Any,
    cutter: Cutter,
    column: str | None = None,
    ids: Iterable[Any] | None = None,
    labels: Iterable[Any] | None = None,
) -> Iterator[Any]:
    """The documents of a source, in their order: see `neuronwidget.scan` for what that can be."""
    return map(cutter.document, items(source, cutter.lookup(column), ids, labels))


def one_document(source: Any, number: int, cutter: Cutter) -> Any:
    """A document by its place in a source that can be asked for one: a list, an array, a frame."""
    one = source.iloc[[number]] if hasattr(source, "iloc") else [source[number]]
    return next(read_documents(one, cutter))


def windows(
    document: int,
    first_ordinal: int,
    ids: Sequence[int],
    pieces: Sequence[str],
    length: int,
    overlap: int,
    sample_key: int | None,
) -> list[Window]:
    """Cut a document's tokens: each window but the first repeats `overlap` tokens of the one before.

    >>> [(w.start, w.skip, len(w.ids)) for w in windows(0, 0, range(10), "abcdefghij", 6, 2, None)]
    [(0, 0, 6), (4, 2, 6)]
    """
    starts = [0] if len(ids) else []
    while starts and starts[-1] + length < len(ids):
        starts.append(starts[-1] + length - overlap)
    sampled = sampled_window(document, len(starts))
    hashes = [text_hash(piece) for piece in pieces]
    return [
        Window(
            first_ordinal + i,
            document,
            start,
            overlap if i else 0,
            list(ids[start : start + length]),
            list(pieces[start : start + length]),
            sample_key if i == sampled else None,
            hashes=hashes[start : start + length],
        )
        for i, start in enumerate(starts)
    ]


def chunks(documents: Iterable[Any], cutter: Cutter, done: Mapping[str, Any] | None = None) -> Iterator[Chunk]:
    """Cut a stream of documents into chunks of at least `cutter.most` windows or documents, the first ones smaller.

    No document is split, and how many go into a chunk follows from its number.

    `done` says how many "documents", "windows" and "chunks" were taken in already, and their "digest": they are walked
    over, and must be the same.
    """
    digest = b""
    seen = done["documents"] if done else 0
    number, first_document, first_window = (done["chunks"], seen, done["windows"]) if done else (0, 0, 0)
    held: list[Cut] = []

    def chunk() -> Chunk:
        pictures = [document.picture for document in held if document.picture is not None]
        cut = [window for document in held for window in document.windows]
        return Chunk(number, first_document, first_window, [d.document for d in held], cut, digest, pictures)

    count = 0
    index = -1
    for index, document in enumerate(documents):
        digest = hashlib.sha256(digest + document.digest()).digest()
        if index < seen:
            if index == seen - 1 and done and digest.hex() != done["digest"]:
                raise OtherDocumentsError(f"the first {seen:,} documents are not the ones it has seen.")
            continue
        held.append(cutter.cut(index, document, first_window + count, int(sample_keys(torch.tensor(index)))))
        count += len(held[-1].windows)
        if max(count, len(held)) >= _size(number, cutter.most):
            yield chunk()
            number, first_document, first_window = number + 1, index + 1, first_window + count
            held, count = [], 0
    if index + 1 < seen:
        raise OtherDocumentsError(f"there are {index + 1:,} documents, it has seen {seen:,}.")
    if held:
        yield chunk()


def _size(number: int, most: int) -> int:
    """Windows of the chunk of this number, at least."""
    return max(1, most // SMALLER) if number < SMALL_CHUNKS else most
