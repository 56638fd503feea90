"""Conditions: edits that act only where another unit is above a value."""

from __future__ import annotations

import math
from dataclasses import dataclass

from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.structure.sites import Unit


@dataclass(frozen=True)
class Condition:
    """Holds at the positions where `unit` is above a value. Made by `when`."""

    unit: Unit
    above: float

    def __str__(self) -> str:
        return f"where {self.unit} > {self.above:g}"

    def __repr__(self) -> str:
        return f"when({str(self.unit)!r}, above={self.above!r})"


def when(unit: str | Unit | tuple[str, int], above: float = 0.0) -> Condition:
    """For `when=` of an edit: it acts only at the positions where another unit is above a value.

    That unit must lie before the edit in the model, or at the same site; there it is looked at as it is before this
    edit. Else what counts is what the model goes on with, so edits before it act on it, too. Where one of the two
    speaks of the whole input, the unit counts at its strongest position.

    >>> import neuronwidget as nw
    >>> nw.Scale("mlp.2:417", 3, when=nw.when("mlp.1:4", above=0.5))
    Scale('mlp.2:417', 3, scope='all', when=when('mlp.1:4', above=0.5))
    """
    if not isinstance(above, (int, float)) or math.isnan(above):
        raise EditError(f"when({str(unit)!r}): above={above!r} is no number that a unit could be above.")
    return Condition(Unit.parse(unit), above)
