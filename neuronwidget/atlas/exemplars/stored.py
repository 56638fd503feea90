"""Exemplars as tensors of a file, a block of units each, and back: flat rows, of which `counts` says whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from neuronwidget.atlas.exemplars.choose import MOST, PARTS, ExemplarRows, labelled
from neuronwidget.atlas.exemplars.texts import Longs
from neuronwidget.atlas.files.tensors import Array, Tensors
from neuronwidget.atlas.files.untrusted import AtlasError

_INTEGERS = (np.uint8, np.uint16, np.uint32, np.int64)


def stored(rows: ExemplarRows, copies: Longs, most: Mapping[str, int]) -> dict[str, Array]:
    """What is written of exemplars, but for the values around them. `most`: how large some numbers can be."""
    numbers = {"ordinal": rows.ordinal.numpy(), "position": rows.position.numpy(), "copies": copies}
    small = {name: array.astype(smallest(most[name])) for name, array in numbers.items()}
    return {"value": rows.value.numpy(), "power": rows.power.numpy(), **small}


def whose(counts: npt.NDArray[np.uint8]) -> dict[str, Array]:
    """What is written to tell whose they are: `counts` uint8 [units, 12], and the first row of each unit."""
    ends = counts.sum(1, dtype=np.int32).cumsum(dtype=np.int32)
    return {"counts": counts, "first": np.concatenate([np.zeros(1, np.int32), ends[:-1]])}


def smallest(most: int) -> Any:
    """The smallest type that holds the integers 0 … `most`.

    >>> smallest(255), smallest(256)
    (<class 'numpy.uint8'>, <class 'numpy.uint16'>)
    """
    return next(kind for kind in _INTEGERS if most <= np.iinfo(kind).max)


def read(path: Path, units: int, chosen: Longs, *, around: bool = True) -> tuple[ExemplarRows, Longs]:
    """The exemplars of chosen units, ascending numbers in a block of so many `units`; and how many copies there are.

    `around`: with what the units did around them.
    Raises `AtlasError` where the file does not hold what a scan writes. What it refers to is not looked at here.
    """
    tensors = Tensors(path)
    if tensors.shape("counts") != (units, len(PARTS)) or tensors.shape("first") != (units,):
        raise AtlasError(f"{path} is not of {units:,} units, as the manifest says.")
    counts = tensors.some("counts", chosen)
    if (counts > np.array(MOST)).any():
        raise AtlasError(f"{path} tells of more exemplars of a unit than there can be.")
    first, n = tensors.some("first", chosen).astype(np.int64), counts.sum(1, dtype=np.int64)
    ends = n.cumsum()
    places = np.arange(n.sum()) + np.repeat(first - (ends - n), n)
    neighbours = bool(len(chosen)) and chosen[-1] - chosen[0] == len(chosen) - 1

    def column(name: str) -> Array:
        if neighbours and len(places) and places[-1] - places[0] == len(places) - 1:
            return tensors.rows(name, int(places[0]), int(places[-1]) + 1)
        return tensors.some(name, places)

    unit, group, stratum, rank = labelled(torch.from_numpy(counts))
    nearby = column("around") if around else np.zeros((len(places), 0), np.float16)
    if nearby.ndim != 2 or any(len(tensors.shape(name)) != 1 for name in ("value", "ordinal", "position", "copies")):
        raise AtlasError(f"{path} holds tensors of other shapes than a scan writes.")
    value, power = column("value").astype(np.float32), column("power").astype(np.int8)
    ordinal, position, copies = (column(name).astype(np.int64) for name in ("ordinal", "position", "copies"))
    if not np.isfinite(value).all() or not np.isfinite(nearby).all():
        raise AtlasError(f"{path} holds exemplars of values that are not finite.")
    if min(ordinal.min(initial=0), position.min(initial=0), copies.min(initial=0)) < 0:
        raise AtlasError(f"{path} holds exemplars at places below 0.")
    rows = ExemplarRows(
        torch.from_numpy(chosen)[unit],
        group,
        stratum,
        rank,
        torch.from_numpy(value),
        torch.from_numpy(ordinal),
        torch.from_numpy(position),
        torch.from_numpy(power),
        torch.from_numpy(nearby.astype(np.float16)),
    )
    return rows, copies
