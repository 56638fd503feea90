"""Reads the lines that tokens of exemplars stand in: from the document where it is kept, else from what is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.base import AtlasBase

#: So many documents are read for one search, those with the most exemplars; so many of them at a time.
MOST_DOCUMENTS, _TOGETHER = 500, 64
#: Of a line, so many characters to each side of a token's end are looked at.
REACH = 1_000

Numbers = npt.NDArray[np.int64]


class Lines:
    """The lines of tokens of an atlas of texts; each document is read once.

    An exemplar holds 16 tokens before its peak, so what looks like the start of a line in it may be the middle of one.
    A line is read from the document where that is kept and tells for sure where the tokens are: where a token is a
    character, or what is shown stands in it once. Else it begins at the first token shown, at the latest.
    """

    def __init__(self, atlas: AtlasBase) -> None:
        self._atlas, self._behind = atlas, not atlas.looks_back
        self._documents: dict[int, tuple[str, int]] = {}

    def read(self, numbers: Sequence[int]) -> None:
        """Read documents, the most frequent of these numbers first, as far as there is room for more."""
        total = self._atlas.size[0] or 0
        wanted = Counter(number for number in numbers if number not in self._documents and 0 <= number < total)
        chosen = sorted(number for number, _ in wanted.most_common(MOST_DOCUMENTS - len(self._documents)))
        for first in range(0, len(chosen), _TOGETHER):
            part = chosen[first : first + _TOGETHER]
            table = self._atlas.documents(part)
            for number, text, tokens in zip(part, table["text"], table["tokens"], strict=True):
                self._documents[number] = str(text), int(tokens)

    def of(self, exemplars: Mapping[str, Any], rows: Numbers, places: Numbers) -> list[str]:
        """The line of each token, said by the row of its exemplar and its place among the tokens shown there.

        What stands behind the token belongs to it where the model reads that.
        """
        different, which = np.unique(rows, return_inverse=True)
        pieces = exemplars["pieces"].take(different).to_pylist()
        texts = ["".join(shown) for shown in pieces]
        begins = [0] * len(texts)
        if "document" in exemplars:
            columns = (exemplars[name].take(different).to_pylist() for name in ("document", "position", "peak"))
            for i, (number, position, peak) in enumerate(zip(*columns, strict=True)):
                text, tokens = self._documents.get(number, ("", 0))
                begin = place_of(texts[i], text, tokens, position - peak)
                if begin is not None:
                    texts[i], begins[i] = text, begin
        return [
            line_of(texts[i], begins[i] + sum(map(len, pieces[i][: place + 1])), self._behind)
            for i, place in zip(which.tolist(), places.tolist(), strict=True)
        ]


def place_of(shown: str, text: str, tokens: int, first: int) -> int | None:
    """Where in a document's text its tokens from `first` on stand, by how they read; None where that is not sure.

    >>> place_of("b a", "a b a b a", tokens=9, first=6), place_of("b a", "a b a b a", tokens=5, first=3)
    (6, None)
    """
    if tokens == len(text) and first >= 0 and text.startswith(shown, first):  # a token a character
        return first
    at = text.find(shown) if shown else -1
    return at if at >= 0 and text.find(shown, at + 1) < 0 else None


def line_of(text: str, end: int, behind: bool) -> str:
    r"""The line of the token that ends at `end`, up to there, and what is `behind` it where the model reads that.

    >>> line_of("x\n# a b c\n", 7, False), line_of("x\n# a b c\n", 7, True), line_of("x\n# a\ny", 6, False)
    ('# a b', '# a b c\n', '# a\n')
    """
    head, rest = text[max(0, end - REACH) : end], text[end : end + REACH]
    line = head[head.rstrip("\n").rfind("\n") + 1 :]
    return line + rest[: rest.find("\n") + 1 or len(rest)] if behind and not line.endswith("\n") else line
