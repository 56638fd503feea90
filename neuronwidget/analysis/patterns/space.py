"""The space in which inputs are compared: each column over its largest value, and few principal axes of many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.axes import principal_axes
from neuronwidget.analysis.responses.responses import Responses

Floats = NDArray[np.float64]
#: Of more columns than this, so many principal axes are taken.
MOST_COLUMNS, AXES = 64, 20
SCALES = ("unit", "layer", "none")
_TINY = 1e-12
#: Nearer than this share of a column's largest value, values are the same: passes of other sizes round otherwise.
_SAME = 1e-6


@dataclass(frozen=True, eq=False)
class Space:
    """Rows of a site → points.

    Attributes
    ----------
    columns
        Those that differ between inputs, by number.
    scale
        What each of them is divided by.
    middle, axes
        The mean that is taken away and the principal axes [columns, dimensions]; None where columns are few.
    """

    columns: NDArray[np.int64]
    scale: NDArray[np.float32]
    middle: NDArray[np.float32] | None = None
    axes: NDArray[np.float32] | None = None

    def points(self, rows: NDArray[Any]) -> Floats:
        """Rows [inputs, columns] as points [inputs, dimensions]."""
        return self.turned(self.scaled(rows))

    def point(self, row: NDArray[np.float32]) -> list[float]:
        """One row [columns] as a point [dimensions], at every key."""
        scaled = (row if len(row) == len(self.columns) else row.take(self.columns)) / self.scale
        if self.axes is not None and self.middle is not None:
            scaled = (scaled - self.middle).dot(self.axes)
        point: list[float] = scaled.tolist()
        return point

    def scaled(self, rows: NDArray[Any]) -> NDArray[np.float32]:
        """Points before they are turned to the principal axes: [inputs, columns that differ]."""
        scaled: NDArray[np.float32] = np.asarray(rows[:, self.columns], np.float32) / self.scale
        return scaled

    def turned(self, scaled: NDArray[np.float32]) -> Floats:
        """Scaled rows along the principal axes; as they are where columns are few."""
        if self.axes is None or self.middle is None:
            return scaled.astype(np.float64)
        return ((scaled - self.middle) @ self.axes).astype(np.float64)


@dataclass(frozen=True)
class Extent:
    """The least and the largest value of each column, over all inputs."""

    least: Floats
    largest: Floats

    @classmethod
    def of(cls, responses: Responses, site: str) -> Extent:
        """Refuses what cannot be compared: values that are no numbers, units that never differ."""
        rows = responses.of(site)
        least, largest = np.full(rows.shape[1], np.inf), np.full(rows.shape[1], -np.inf)
        odd: list[int] = []
        for start, block in rows.blocks():
            odd += (start + np.nonzero(~np.isfinite(block).all(1))[0]).tolist()
            least, largest = np.minimum(least, block.min(0)), np.maximum(largest, block.max(0))
        if odd:
            names = ", ".join(repr(responses.names[place]) for place in odd[:3])
            raise ValueError(
                f"{site} gives no finite numbers for {len(odd):,} of {len(rows):,} inputs ({names}"
                f"{', …' if len(odd) > 3 else ''}): leave these out."
            )
        extent = cls(least, largest)
        if not len(extent.differ):
            raise ValueError(f"All {len(rows):,} inputs give the same at {site}: there is nothing to tell them apart.")
        return extent

    @property
    def differ(self) -> NDArray[np.int64]:
        """Columns whose values differ."""
        return np.nonzero(self.largest - self.least > _SAME * np.maximum(np.abs(self.least), np.abs(self.largest)))[0]

    def scale(self, how: str, scale: str, width: int) -> Floats:
        """Divisors of the columns; 1 where one would be nothing.

        The largest |value| of each column ("unit"), or of all ("layer"). Deviations are put over the root of the
        largest |mean| of their unit, so that they and the means count alike.
        """
        strongest = np.maximum(np.abs(self.least), np.abs(self.largest))
        if scale == "none":
            return np.ones_like(strongest)
        if scale == "layer":
            strongest = np.full_like(strongest, strongest.max())
        elif how == "mean+std":
            strongest = np.concatenate([strongest[:width], np.sqrt(strongest[:width])])
        return np.where(strongest > _TINY, strongest, 1.0)


def fit_space(rows: NDArray[Any], extent: Extent, scale: Floats, seed: int) -> Space:
    """The space for a sample of rows [inputs, columns]."""
    plain = Space(extent.differ, scale[extent.differ].astype(np.float32))
    return plain if len(plain.columns) <= MOST_COLUMNS else turned(plain, plain.scaled(rows), seed)


def turned(plain: Space, scaled: NDArray[np.float32], seed: int) -> Space:
    """A space with the principal axes of scaled rows."""
    middle, axes = principal_axes(scaled, AXES, seed)
    return Space(plain.columns, plain.scale, middle.astype(np.float32), axes.astype(np.float32))
