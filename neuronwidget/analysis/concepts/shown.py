"""The exemplars of a unit, of all groups, each once: where they peak and how strongly the unit fires there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neuronwidget.analysis.concepts.agreement import Flags
from neuronwidget.analysis.concepts.clusters import Floats
from neuronwidget.analysis.concepts.peaks import Peak
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

ENDS = {"top": 1.0, "bottom": -1.0}
#: An exemplar of less than this share of the strongest is none of a concept.
WEAK = 0.25
#: So many exemplars must be above that.
FEWEST = 8


@dataclass(frozen=True)
class Shown:
    """Exemplars of one unit.

    Attributes
    ----------
    frame
        Rows of `atlas.exemplars`, each peak once.
    peaks
        Of each its document and position.
    strength
        The value at the peak, turned round for the bottom end.
    usual
        Which are of a random sample of the inputs.
    """

    frame: pd.DataFrame
    peaks: list[Peak]
    strength: Floats
    usual: Flags

    @property
    def weights(self) -> Floats:
        """How strongly the unit fires: 0 for what is usual, 1 for the strongest."""
        return weights_of(self.strength, self.usual)


def weights_of(strength: Floats, usual: Flags) -> Floats:
    """Strengths [n] as shares of the way from what is usual (the median of a random sample) to the strongest."""
    sample = strength[usual] if usual.sum() >= 3 else strength
    low = float(np.median(sample)) if usual.sum() >= 3 else float(sample.min(initial=0.0))
    range_ = float(strength.max(initial=low)) - low
    if range_ <= 0:
        return np.zeros(len(strength))
    weights: Floats = ((strength - low) / range_).clip(0, 1)
    return weights


def exemplars_of(atlas: AtlasBase, unit: Unit, end: str) -> Shown:
    """All exemplars of a unit that have a document and a finite value."""
    frame = atlas.exemplars(unit)
    if "document" not in frame:
        raise ValueError(f"The exemplars of {unit} do not say of which document they are, so they cannot be run again.")
    frame = frame[np.isfinite(frame["value"].to_numpy(np.float64))].reset_index(drop=True)
    positions = frame["position"].fillna(0).astype(int)
    keys = list(zip(frame["document"].astype(int), positions, strict=True))
    sampled = {key for key, group in zip(keys, frame["group"], strict=True) if group == "quantiles"}
    first = ~np.array([key in keys[:place] for place, key in enumerate(keys)], bool)
    frame, peaks = frame[first].reset_index(drop=True), [key for key, new in zip(keys, first, strict=True) if new]
    strength = ENDS[end] * frame["value"].to_numpy(np.float64)
    return Shown(frame, peaks, strength, np.array([peak in sampled for peak in peaks], bool))


def stronger_end(atlas: AtlasBase, unit: Unit) -> str:
    """The end of a unit's values that lies further from 0."""
    low, high = atlas.ends(unit)
    return "bottom" if -low > high else "top"
