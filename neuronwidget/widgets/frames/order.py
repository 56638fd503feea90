"""Orders a map's rows, and reads filters of units."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_LEAF = 8


def order_units(values: Floats, by: str) -> NDArray[np.intp]:
    """Indices of the columns of `values` [positions, units] in the wanted order.

    `strength`: largest magnitude first. `variation`: largest standard deviation over the positions first.
    `similarity`: neighbours alike. `index`: as they are. Ties keep the order of the index.
    """
    units = values.shape[1]
    if by == "index" or not len(values):
        return np.arange(units)
    with np.errstate(invalid="ignore"):
        strength = np.maximum(values.max(0), -values.min(0))
    if not np.isfinite(strength).all():  # else all values are; looking at each, and a copy of them, cost a key as much
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
        strength = np.maximum(values.max(0), -values.min(0))
    if by == "strength":
        return np.argsort(-strength, kind="stable")
    if by == "variation":
        return np.argsort(-values.std(0), kind="stable")
    if by == "similarity":
        return alike(values)
    raise ValueError(f"There is no order {by!r}.")


def alike(values: Floats) -> NDArray[np.intp]:
    """An order in which neighbouring units do alike.

    Units are normalised over the positions and split at the median of their first principal component, again and again,
    so that each half holds what goes together; within a small group they stand along that component. Units that do
    nothing come last.
    """
    centred = (values - values.mean(0)).T
    norms = np.linalg.norm(centred, axis=1)
    living = np.flatnonzero(norms > 1e-12)
    shapes = centred[living] / norms[living, None]

    def split(members: NDArray[np.intp], towards: Floats | None) -> list[NDArray[np.intp]]:
        part = shapes[members]
        along = part @ _principal(part)
        if towards is not None and np.dot(along, part @ towards) < 0:
            along = -along  # begin with what is most like the group before
        members = members[np.argsort(-along, kind="stable")]
        if len(members) <= _LEAF:
            return [members]
        middle = len(members) // 2
        first = split(members[:middle], towards)
        return first + split(members[middle:], shapes[first[-1][-1]])

    groups = split(np.arange(len(living)), None) if len(living) else []
    silent = np.flatnonzero(norms <= 1e-12)
    return np.concatenate([living[group] for group in groups] + [silent]).astype(np.intp)


def _principal(rows: Floats) -> Floats:
    """First principal direction of rows [n, positions], by a few rounds of power iteration from a fixed start."""
    centred = rows - rows.mean(0)
    direction = centred[np.argmax(np.linalg.norm(centred, axis=1))]
    for _ in range(12):
        direction = centred.T @ (centred @ direction)
        norm = np.linalg.norm(direction)
        if norm < 1e-20:
            return np.asarray(rows[0], np.float32)
        direction = direction / norm
    return np.asarray(direction, np.float32)


_DASH, _BETWEEN = re.compile(r"\s*(?:-|–|\.\.)\s*"), re.compile(r"[,;\s]+")
#: A site before the colon is read over: people paste unit names.
_RANGE = re.compile(r"(?:.*:)?([0-9]+)(?:-([0-9]+))?")


def parse_units(text: str, width: int) -> list[int] | None:
    """Units as a person writes them: `3, 17-20`, rising and each once. None where there is no filter.

    The page reads them in the same way (`parseUnits`); both are tested with the same cases. Raises ValueError with what
    was not understood.

    >>> parse_units("3, mlp.2:19-17", 100)
    [3, 17, 18, 19]
    """
    units: set[int] = set()
    for part in filter(None, _BETWEEN.split(_DASH.sub("-", text))):
        match = _RANGE.fullmatch(part)
        if not match:
            raise ValueError(f"“{part}” is not a unit or a range: write 3, 17-20.")
        low, high = sorted((int(match[1]), int(match[2] or match[1])))
        if low >= width:
            raise ValueError(f"There is no unit {low} here: the site has {width}, numbered from 0.")
        units.update(range(low, min(high, width - 1) + 1))
    return sorted(units) or None
