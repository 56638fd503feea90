"""Spots of an example: where it can be said that the unit fires there, rightly or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.kinds.registry import probe_of
from neuronwidget.analysis.labels.blind.example import Box, Example, Mark

if TYPE_CHECKING:
    from neuronwidget.analysis.labels.blind.example import Examples
    from neuronwidget.live.model import LiveModel
    from neuronwidget.live.structure.sites import Unit

#: A place on a picture is shown with those around it, and is never smaller than this part of the picture.
SMALLEST = 0.2
#: A part that changes the unit by less than this share of what the strongest one does has nothing to do with it.
_NOTHING = 0.1


@dataclass(frozen=True)
class Spots:
    """The spot that is right, and those that are wrong; [] where the unit fires all over the example."""

    right: Mark
    wrong: Sequence[Mark]


def spots_of(live: LiveModel, unit: Unit, examples: Examples, example: Example) -> Spots:
    """Where the unit fires in an example, and where it does not.

    Of texts and of maps over pictures these are positions of the site. Where a site speaks of the whole input they are
    parts of it: the one without which the unit falls most, and those that it does without.
    """
    silent = examples.sign * example.values <= examples.sign * examples.silent
    if len(example.pieces) == len(example.values) > 1:
        return Spots(Mark(token=example.place), [Mark(token=place) for place in np.flatnonzero(silent).tolist()])
    grid = _grid(live, unit, example)
    if grid is None:
        return _by_parts(live, unit, examples, example)
    quiet = np.flatnonzero(_quiet_around(silent.reshape(grid)))
    return Spots(peak_of(live, unit, example), [Mark(box=_box(divmod(int(place), grid[1]), grid)) for place in quiet])


def peak_of(live: LiveModel, unit: Unit, example: Example) -> Mark:
    """Where the unit is strongest in an example; nothing where it has one value for all of it."""
    if len(example.pieces) == len(example.values) > 1:
        return Mark(token=example.place)
    grid = _grid(live, unit, example)
    return Mark() if grid is None else Mark(box=_box(divmod(example.place, grid[1]), grid))


def _grid(live: LiveModel, unit: Unit, example: Example) -> tuple[int, int] | None:
    """Rows and columns of the site's positions over a picture, where there are several."""
    grid = live.sites.resolve(unit.site).grid
    return grid if grid is not None and len(example.values) == grid[0] * grid[1] > 1 else None


def _quiet_around(silent: Any) -> Any:
    """Which places are silent with all around them [rows, columns]: a highlighted part is larger than one place."""
    padded = np.pad(silent, 1, constant_values=True)
    rows, columns = silent.shape
    return np.logical_and.reduce([padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)])


def _box(place: tuple[int, int], grid: tuple[int, int]) -> Box:
    """The part of a picture around a place of a grid, three of its cells wide."""
    sizes = [min(1.0, max(SMALLEST, 3 / count)) for count in grid]
    top, left = (
        min(1 - size, max(0.0, (index + 0.5) / count - size / 2))
        for index, count, size in zip(place, grid, sizes, strict=True)
    )
    return left, top, sizes[1], sizes[0]


def _by_parts(live: LiveModel, unit: Unit, examples: Examples, example: Example) -> Spots:
    """The parts of an input that runs whole, by what taking each out takes from the unit."""
    probe = probe_of(live, example.content)
    site = live.sites.resolve(unit.site)
    sign = examples.sign

    def value(given: Any) -> float:
        return sign * float((sign * probe.values(given, site)[:, unit.index]).max())

    whole = value(probe.given)
    falls = np.array([sign * (whole - value(probe.without([part]))) for part in range(len(probe.names))])
    marks = [_part(probe, name) for name in probe.names]
    strongest = int(falls.argmax())
    if falls[strongest] <= 0:
        return Spots(marks[strongest], [])
    nothing = np.abs(falls) <= _NOTHING * falls[strongest]
    return Spots(marks[strongest], [marks[part] for part in np.flatnonzero(nothing)])


def _part(probe: Any, name: Any) -> Mark:
    """A part of an input by its name: a patch by its upper left corner, or a column."""
    if not isinstance(name, tuple):
        return Mark(column=str(name))
    height, width = (max(corner[axis] for corner in probe.names) + probe.side for axis in (0, 1))
    return Mark(box=(name[1] / width, name[0] / height, probe.side / width, probe.side / height))
