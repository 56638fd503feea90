"""Shuffled groups: what comes of the same search where groups are given to inputs at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def shuffled(group: Numbers, first: NDArray[np.bool_], documents: Numbers | None, draws: int, seed: int) -> Numbers:
    """Groups of inputs as they are, and `draws` times shuffled within each half: [1 + draws, inputs].

    `documents` [inputs]: groups change places only among rows of one document, which has one of each.

    >>> drawn = shuffled(np.array([0, 0, 1, 1]), np.array([True, False, True, False]), None, 3, 0)
    >>> drawn.shape, sorted(drawn[1].tolist())
    ((4, 4), [0, 0, 1, 1])
    """
    source = np.random.default_rng(seed)
    drawn = np.tile(group, (1 + draws, 1))
    for row in drawn[1:]:
        if documents is None:
            for half in (first, ~first):
                row[half] = source.permutation(row[half])
        else:
            order = np.lexsort((source.random(len(row)), documents))
            row[np.argsort(documents, kind="stable")] = group[order]
    return drawn
