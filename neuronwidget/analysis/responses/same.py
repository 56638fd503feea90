"""Inputs that read the same: they come into one half, and those that are given several labels are left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.corpus.kinds.registry import kind_of


def content_codes(*parts: Responses) -> NDArray[np.int64]:
    """A number for what is kept of each input, of one part after the other: the same for those that read the same.

    An input whose picture was not kept, since there are too many, is like no other.
    """
    numbers: dict[tuple[object, ...], int] = {}
    codes = [numbers.setdefault(key, len(numbers)) for part in parts for key in _read(part)]
    return np.array(codes, np.int64)


def _read(responses: Responses) -> Iterator[tuple[object, ...]]:
    """What a person reads of each input, as far as it was kept."""
    inputs = responses.inputs
    places = {number: place for place, number in enumerate(inputs.entries["document"].tolist())}
    texts, tokens = inputs.entries["text"].tolist(), inputs.entries["tokens"].tolist()
    pictures: Any = () if inputs.pictures is None else inputs.pictures
    has_pictures = kind_of(inputs.kind).pictures
    for number in responses.documents.tolist():
        place = places.get(number)
        if place is None or (has_pictures and place >= len(pictures)):
            yield (object(),)
        else:
            yield (pictures[place].tobytes(),) if has_pictures else (texts[place], tokens[place])


def in_several(codes: NDArray[np.int64], groups: Sequence[str | None]) -> NDArray[np.bool_]:
    """[inputs]: is an input that reads the same in another group? None is no group.

    >>> in_several(np.array([0, 1, 0, 1]), ["a", "b", "b", "b"]).tolist()
    [True, False, True, False]
    """
    seen: dict[int, set[str]] = {}
    for code, group in zip(codes.tolist(), groups, strict=True):
        if group is not None:
            seen.setdefault(code, set()).add(group)
    return np.array([len(seen.get(code, ())) > 1 for code in codes.tolist()], bool)


def without_contradictions(responses: Responses) -> tuple[Responses, tuple[str, ...]]:
    """The inputs but those that read the same as one with another label; and what should be told of that."""
    several = in_several(content_codes(responses), responses.labels)
    count = int(several.sum())
    if not count:
        return responses, ()
    if count == len(several):
        raise ValueError("Each input is there with several labels: there is nothing that tells the labels apart.")
    were = (
        "input that reads the same as one with another label was"
        if count == 1
        else ("inputs that read the same as one with another label were")
    )
    return responses.only(responses.documents[~several]), (f"{count:,} {were} left out.",)
