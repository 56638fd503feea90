"""Inputs of a data set as the page shows them: what their kind adds to their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from neuronwidget.widgets.frames.kinds.kind import ShownMembers
from neuronwidget.widgets.frames.kinds.registry import kind_of

if TYPE_CHECKING:
    from neuronwidget.analysis.responses.kept import KeptInputs
    from neuronwidget.live.model import LiveModel
    from neuronwidget.live.structure.sites import Unit


@dataclass(frozen=True)
class ShownInputs:
    """Inputs for an answer: fields of each, one for each that was asked for, fields of all, and arrays.

    Of an input that was not kept, `missing` alone.
    """

    each: Sequence[Mapping[str, Any]]
    common: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]


def shown_inputs(
    kept: KeptInputs, documents: Sequence[int], live: LiveModel | None = None, unit: Unit | None = None
) -> ShownInputs:
    """Kept inputs by the numbers of their documents; a live model shades texts by what the unit does there."""
    numbers = [int(number) for number in documents]
    contents = kept.some(numbers)
    there = set(contents.entries["document"].astype(int))
    shown = kind_of(kept.kind).members(
        ShownMembers(contents.contents([number for number in numbers if number in there]), live, unit)
    )
    own = iter(shown.each)
    each = [next(own) if number in there else {"missing": True} for number in numbers]
    common = {"input": kept.kind, "unit": None, "scale": None, "columns": [], **shown.common}
    return ShownInputs(each, common, shown.arrays)
