"""Halves of the inputs: one in which things are found, and one on which they are reported."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from neuronwidget.analysis.scores.sides import Flags


def halves(documents: Any, labels: Iterable[Any] | None = None, seed: int = 0) -> tuple[Flags, Flags]:
    """Which rows are of the first half and which of the second, bool [rows] each.

    Rows of one document stay together, and of each label both halves have as many documents, or one more.

    Parameters
    ----------
    documents
        [rows]: of which document each row is.
    labels
        One a row.

    Examples
    --------
    >>> first, second = halves([0, 0, 1, 2, 3], ["a", "a", "a", "b", "b"])
    >>> int(first[2:].sum()), bool(first[0] == first[1]), (first ^ second).all().item()
    (1, True, True)
    """
    names, place = np.unique(np.asarray(documents), return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(names))
    if labels is not None:
        order = order[np.argsort(_strata(place, list(labels), len(names))[order], kind="stable")]
    chosen = np.zeros(len(names), bool)
    chosen[order[::2]] = True
    first: Flags = chosen[place]
    return first, ~first


def _strata(place: Any, labels: list[Any], documents: int) -> Any:
    """A number for each document: the same for those whose rows have the same labels."""
    if len(labels) != len(place):
        raise ValueError(f"There are {len(labels):,} labels for {len(place):,} rows: give one for each.")
    seen: list[set[Any]] = [set() for _ in range(documents)]
    for document, label in zip(place.tolist(), labels, strict=True):
        seen[document].add(label)
    numbers: dict[frozenset[Any], int] = {}
    return np.array([numbers.setdefault(frozenset(one), len(numbers)) for one in seen], np.int64)
