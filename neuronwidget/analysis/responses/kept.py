"""Kept inputs: what is needed to show the inputs of a data set again, without the data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.corpus.documents import Chunk, one_document
from neuronwidget.corpus.kinds.registry import kind_of

if TYPE_CHECKING:
    import pandas as pd

#: Of a longer text so many characters are kept; of all pictures so many bytes; of texts beyond that their beginning.
LONGEST, MOST_BYTES, BEGINNING = 4096, 64 << 20, 120


@dataclass(frozen=True, eq=False)
class KeptInputs:
    """Some inputs of a data set, as they can be shown: texts, small pictures, rows.

    Attributes
    ----------
    kind
        Of which kind they are: "text", "image", "table".
    entries
        document (its number), id, label, tokens, text: one row an input.
    pictures
        uint8 [inputs, height, width, channels] where they are pictures; of the first ones, where all are too many.
    """

    kind: str
    entries: pd.DataFrame
    pictures: NDArray[np.uint8] | None = None

    def documents(self, numbers: Sequence[int]) -> pd.DataFrame:
        """Entries by the numbers of their documents."""
        return self.entries.iloc[self._places(numbers)]

    def images(self, numbers: Sequence[int]) -> NDArray[np.uint8]:
        """Small pictures by the numbers of their documents."""
        places = self._places(numbers)
        if self.pictures is None or max(places, default=0) >= len(self.pictures):
            raise KeyError("This picture was not kept.")
        return self.pictures[places]

    @cached_property
    def _place(self) -> dict[int, int]:
        """By the number of its document where an input stands: a page asks for some of many again and again."""
        return {int(number): place for place, number in enumerate(self.entries["document"])}

    def _places(self, numbers: Sequence[int]) -> list[int]:
        missing = [number for number in numbers if int(number) not in self._place]
        if missing:
            raise KeyError(f"Document {missing[0]} is not among the {len(self._place):,} inputs that were kept.")
        return [self._place[int(number)] for number in numbers]

    def contents(self, numbers: Sequence[int]) -> list[Any]:
        """What the inputs are: a text, pixels of a picture, a row."""
        return kind_of(self.kind).read(self, numbers)

    @cached_property
    def _shown(self) -> frozenset[int]:
        """The numbers of the documents that can be shown: all, or the first ones, whose pictures were kept."""
        return frozenset(self.entries["document"].tolist()[: None if self.pictures is None else len(self.pictures)])

    def beside(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows that have a `document`, with what can be shown of them in one more column; None where nothing was kept.

        The column is called "text", "image" or "row".
        """
        numbers = [int(number) for number in rows["document"]]
        shown = iter(self.contents([number for number in numbers if number in self._shown]))
        column = [next(shown) if number in self._shown else None for number in numbers]
        contents = np.empty(len(column), dtype=object)
        contents[:] = column
        return rows.assign(**{kind_of(self.kind).column: contents})

    def some(self, numbers: Sequence[int]) -> KeptInputs:
        """Those of these documents that are there."""
        places = self._places([number for number in numbers if int(number) in self._shown])
        pictures = None if self.pictures is None else self.pictures[places]
        return KeptInputs(self.kind, self.entries.iloc[places].reset_index(drop=True), pictures)


class KeptBuilder:
    """Takes in the documents of chunks."""

    def __init__(self, live: Any, cutter: Any) -> None:
        self.kind, self._shape = live.kind, getattr(cutter, "shape", None)
        self._rows: list[tuple[int, str, str | None, int, str]] = []
        self._pictures: list[bytes] = []
        self._bytes = 0

    def add(self, chunk: Chunk, present: Sequence[int], numbers: Sequence[int]) -> None:
        """Those documents of a chunk that are present, with their numbers in the data."""
        for place, number in zip(present, numbers, strict=True):
            name, label, tokens, text = chunk.documents[place]
            longest = LONGEST if self._bytes < MOST_BYTES else BEGINNING
            kept = text if kind_of(self.kind).whole or len(text) <= longest else text[:longest]  # JSON is kept whole
            self._rows.append((number, name, label, tokens, kept))
            self._bytes += len(kept)
            if chunk.pictures and self._bytes + len(chunk.pictures[place]) <= MOST_BYTES:
                self._pictures.append(chunk.pictures[place])
                self._bytes += len(chunk.pictures[place])

    def inputs(self) -> KeptInputs:
        """The inputs that were taken in."""
        import pandas as pd

        columns = list(zip(*self._rows, strict=True)) or [()] * 5
        names = ("document", "id", "label", "tokens", "text")
        numbers = ("document", "tokens")
        entries = pd.DataFrame(
            {
                name: pd.Series(column, dtype="int64" if name in numbers else object)
                for name, column in zip(names, columns, strict=True)
            }
        )
        pictures = None
        if self._pictures and self._shape is not None:
            flat = np.frombuffer(b"".join(self._pictures), np.uint8)
            pictures = flat.reshape(len(self._pictures), *self._shape)
        return KeptInputs(self.kind, entries, pictures)


def opener(live: Any, source: Any) -> Callable[[int], Any] | None:
    """What brings a document of a source by its number, whole; None where the source is no list to be asked for one."""
    if isinstance(source, (str, dict)) or not hasattr(source, "__len__") or not hasattr(source, "__getitem__"):
        return None
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    return lambda number: one_document(source, number, cutter).content
