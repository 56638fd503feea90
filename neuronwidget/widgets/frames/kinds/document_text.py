"""Text of a document around an exemplar's tokens, and where in it these stand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from neuronwidget.analysis.inspect.lines import place_of
from neuronwidget.atlas.files.folder import AtlasError
from neuronwidget.live.inputs.text import TextInputs

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.base import AtlasBase

#: So many characters to each side are sent with an exemplar: a wide row has no more room.
AROUND = 160
#: Documents of more characters are not made into tokens for that, and of so many at most the text is looked up.
_LONGEST, _MOST_DOCUMENTS = 50_000, 100

Spans = list[tuple[int, int]]


def around(atlas: AtlasBase, inputs: TextInputs | None, rows: pd.DataFrame) -> list[list[str]]:
    """What stands before and behind each exemplar's tokens in its document: two texts, empty where that is not sure."""
    nothing = [["", ""] for _ in range(len(rows))]
    if "document" in atlas.lacks or not len(rows):
        return nothing
    numbers = list(dict.fromkeys(int(number) for number in rows["document"]))[:_MOST_DOCUMENTS]
    try:
        documents = atlas.documents(numbers)
    except (IndexError, AtlasError):
        return nothing  # the exemplars are there without it
    texts = dict(zip(numbers, zip(documents["text"], documents["tokens"], strict=True), strict=True))
    for place, (number, position, peak, pieces) in enumerate(
        zip(rows["document"], rows["position"], rows["peak"], rows["pieces"], strict=True)
    ):
        text, tokens = texts.get(int(number), ("", 0))
        begin, end = _surely(inputs, str(text), int(tokens), list(pieces), int(position) - int(peak))
        if begin < end:
            nothing[place] = [text[max(0, begin - AROUND) : begin], text[end : end + AROUND]]
    return nothing


def _surely(inputs: TextInputs | None, text: str, tokens: int, pieces: list[str], first: int) -> tuple[int, int]:
    """From where to where the pieces stand; (0, 0) where they stand in several places and nothing tells which."""
    spans = by_tokens(inputs, text, pieces, first) if tokens != len(text) <= _LONGEST else []
    if spans:
        return spans[0][0], spans[-1][1]
    joined = "".join(pieces)
    begin = place_of(joined, text, tokens, first)
    return (0, 0) if begin is None else (begin, begin + len(joined))


def by_tokens(inputs: TextInputs | None, text: str, pieces: Sequence[str], first: int) -> Spans:
    """Where the pieces stand by a live model's own tokens; nothing where they are not those of the scan."""
    if inputs is None:
        return []
    tokens = inputs.tokens(text)
    if tokens.pieces[first : first + len(pieces)] != list(pieces):
        return []
    spans: Spans = tokens.spans[first : first + len(pieces)]
    return spans


def locate(text: str, pieces: Sequence[str], first: int, tokens: int) -> Spans:
    """Where consecutive pieces stand in a text: of all places that read so, the one nearest to where they should be.

    >>> locate("a cat, a cat", ["a", " cat"], first=3, tokens=5)
    [(7, 8), (8, 12)]
    """
    joined = "".join(pieces)
    if not joined:
        return []
    expected = len(text) * first / max(1, tokens)
    best, at = -1, text.find(joined)
    while at >= 0:
        if best < 0 or abs(at - expected) < abs(best - expected):
            best = at
        at = text.find(joined, at + 1)
    if best < 0:
        return []
    edges = np.cumsum([best, *map(len, pieces)]).tolist()
    return list(pairwise(edges))
