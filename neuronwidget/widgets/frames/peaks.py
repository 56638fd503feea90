"""Lowest and highest values of sites at each position, of one pass after another: scales of colours end there."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Site

Floats = NDArray[np.float32]
#: Lowest and highest value at each position [positions].
Peak = tuple[Floats, Floats]


class Peaks(dict[Site, Peak]):
    """Peaks of the sites of a pass: as a dict those that are known by now, others are worked out when looked up."""

    def __init__(self, values: Mapping[Site, Floats]) -> None:
        super().__init__()
        self.values_of = values

    def __missing__(self, site: Site) -> Peak:
        peak = self[site] = _peak(self.values_of[site])
        return peak

    def has(self, site: Site) -> bool:
        """Was the site recorded?"""
        return site in self.values_of

    def is_finite(self, site: Site) -> bool:
        """Are all values of a site finite? In doubt no: products of large ones are not."""
        peak = self.get(site)
        if peak is None:
            values = self.values_of[site].ravel()
            return math.isfinite(values.dot(values))
        # What is not finite is at an end, or NaN at both.
        return math.isfinite(peak[0].dot(peak[1]))


class KeptPeaks:
    """Peaks of one pass after another.

    An array that is the one of the pass before has the same ones, and so have rows that were kept.
    """

    def __init__(self) -> None:
        self.peaks = Peaks({})

    def of(self, values: Mapping[Site, Floats], rows_kept: int = 0, lasts: bool = False) -> Peaks:
        """Those of the next pass, of which so many first rows are those of the pass before.

        `lasts`: nobody writes to the values any more, so that there is time until somebody asks for their peaks.
        """
        before, self.peaks = self.peaks, Peaks(values)
        for site, rows in values.items():
            kept = before.get(site)
            if kept is not None and before.values_of[site] is rows:
                self.peaks[site] = kept
            elif not lasts:
                self.peaks[site] = _peak(rows, kept, rows_kept)
        return self.peaks


def _peak(rows: Floats, before: Peak | None = None, rows_kept: int = 0) -> Peak:
    """Of rows [positions, units], the first of which may have those of the pass before."""
    reused = 0 if before is None else min(rows_kept, len(before[0]))
    with np.errstate(invalid="ignore"):
        low, high = np.minimum.reduce(rows[reused:], axis=1), np.maximum.reduce(rows[reused:], axis=1)
    if before is not None and reused:
        low, high = np.concatenate([before[0][:reused], low]), np.concatenate([before[1][:reused], high])
    return low, high
