"""Finds where in the inputs the units that were tried look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.which.shortcuts.candidates import Candidate
from neuronwidget.analysis.which.shortcuts.kinds.registry import property_kind
from neuronwidget.live.model import LiveModel

#: Of so many inputs, those that a unit is strongest on, it is told where it looks.
STRONGEST = 32


@dataclass(frozen=True, eq=False)
class Look:
    """Where a unit looks in the inputs of the second half that it is strongest on.

    Attributes
    ----------
    words, where
        What the places are ("places", "tokens", "columns"), and the first of them, each with its share.
    map
        Of pictures: shares over the pixels [height, width], which sum to 1.
    average
        Of pictures: the mean of those that the unit is strongest on, 0 to 1: [height, width, channels].
    """

    unit: str
    words: str
    where: list[tuple[str, float]]
    map: NDArray[np.float32] | None = None
    average: NDArray[np.float32] | None = None


def look_of(live: LiveModel, candidate: Candidate, inputs: Sequence[Any], values: NDArray[np.float64]) -> Look:
    """Where a candidate looks; `values`: what it comes to on each of the inputs."""
    strongest = np.argsort(-values, kind="stable")[:STRONGEST]
    site = live.sites.resolve(candidate.unit.site)
    looks = property_kind(live.kind).looks(live, [inputs[place] for place in strongest], site, candidate.unit.index)
    map_ = None if looks.map is None else looks.map.astype(np.float32)
    return Look(str(candidate.unit), looks.words, looks.where, map_, looks.average)
