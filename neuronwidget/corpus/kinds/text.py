"""Texts as documents: cut into windows of tokens; with an exemplar the tokens around it are kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuronwidget.corpus import files
from neuronwidget.corpus.contexts import AFTER, BEFORE
from neuronwidget.corpus.documents import CHUNK_WINDOWS, Cut, Cutter, Document, named, windows
from neuronwidget.corpus.kinds.kind import Contents, CorpusKind
from neuronwidget.corpus.sources import DocumentError, Item, Lookup

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.inputs.text import TextInputs

WINDOW = 256


class TextCutter:
    """Makes documents of texts, and windows of `length` tokens of which `overlap` repeat the end of the one before."""

    most = CHUNK_WINDOWS

    def __init__(self, inputs: TextInputs, length: int, overlap: int) -> None:
        self.inputs, self.length, self.overlap = inputs, length, overlap

    def lookup(self, column: str | None) -> Lookup:
        return text_lookup(column or "text")

    def document(self, item: Item) -> Document:
        if not isinstance(item.content, str):
            kind = type(item.content).__name__
            raise DocumentError(f"Document {item.id} is {kind}, not a text, an (id, text) pair or a mapping.")
        return Document(item.id, item.content, item.label)

    def cut(self, number: int, document: Document, first_window: int, sample_key: int) -> Cut:
        with named(document.id):
            tokens = self.inputs.tokens(document.text)
        cut = windows(number, first_window, tokens.ids, tokens.pieces, self.length, self.overlap, sample_key)
        return Cut((document.id, document.label, len(tokens), document.text), cut)

    def settings(self) -> dict[str, Any]:
        return {"input": "text", "window": self.length, "overlap": self.overlap, "before": BEFORE, "after": AFTER}


class TextKind(CorpusKind):
    """Kind of input: texts."""

    name = "text"
    counted = "tokens"
    places = "tokens"
    column = "text"
    searched = ("pieces",)
    whole = False
    another = "another tokenizer"

    def from_files(self, paths: Sequence[Path], columns: files.Columns) -> Any:
        return files.texts(paths, columns)

    def cutter(self, inputs: TextInputs, window: int | None, overlap: int | None) -> Cutter:
        length = min(window or WINDOW, inputs.context)
        overlap = length // 8 if overlap is None else overlap
        if not 0 <= overlap < length:
            raise ValueError(f"An overlap of {overlap} does not fit into windows of {length} tokens.")
        return TextCutter(inputs, length, overlap)

    def sample(self, inputs: TextInputs) -> Any:
        tokens = inputs.tokens(inputs.sample)
        return hashlib.sha256(json.dumps([tokens.ids, tokens.pieces]).encode()).hexdigest()

    def amount(self, documents: int, tokens: int) -> str:
        return f"{documents:,} documents, {tokens:,} {self.counted}"

    def read(self, contents: Contents, numbers: Sequence[int]) -> list[Any]:
        return list(contents.documents(numbers)["text"])

    def read_exemplars(self, contents: Contents, exemplars: pd.DataFrame) -> list[Any]:
        return ["".join(pieces) for pieces in exemplars["pieces"]]


def text_lookup(column: str = "text") -> Lookup:
    """Texts: pairs are a name and a text."""

    def pair(first: Any, second: Any) -> tuple[Any, str | None, str | None] | None:
        return (second, str(first), None) if isinstance(second, str) else None

    return Lookup("text", "texts", column, pair=pair, file=_text_file)


def _text_file(path: Path, parts: tuple[str, ...]) -> Item | None:
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else Item(text, "/".join(parts))
