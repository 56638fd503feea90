"""Inputs that read the same: they come into one half, and those that are given several labels are left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.responses import Responses


def content_codes(responses: Responses) -> NDArray[np.int64]:
    """A number for what is kept of each input: the same for those that read the same, as far as they were kept."""
    kept = responses.inputs.documents(responses.documents.tolist())
    pictures = responses.inputs.pictures
    shown: list[bytes] = [b""] * len(kept)
    if pictures is not None and len(pictures) == len(responses.inputs.entries):
        shown = [picture.tobytes() for picture in responses.inputs.images(responses.documents.tolist())]
    numbers: dict[tuple[str, int, bytes], int] = {}
    keys = zip(kept["text"].tolist(), kept["tokens"].tolist(), shown, strict=True)
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


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
