"""The search: p-values of all units on the half that finds, and what they come to on the half that reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.scores.corrected import q_values
from neuronwidget.analysis.scores.sides import BLOCK, Floats

Numbers = NDArray[np.int64]
#: What was found must hold up in the other half at this level.
HOLDS = 0.05


@dataclass(frozen=True)
class Searched:
    """What a search found, for the groups as they are and for each draw of shuffled ones: [draws, units] all.

    Attributes
    ----------
    p, in_sample, side
        On the half that finds: p-value, effect, and the number of the group in which the unit is highest.
    held_p, held, held_side
        The same on the half that reports.
    part
        Which of a unit's columns tells most there: mean or largest value, where there are two.
    """

    p: Floats
    in_sample: Floats
    side: Numbers
    held_p: Floats
    held: Floats
    held_side: Numbers
    part: Numbers

    def q(self, draw: int, correction: str) -> Floats:
        """Corrected for how many units were searched: [units]."""
        return q_values(self.p[draw], correction)

    def found(self, draw: int, level: float, correction: str) -> NDArray[np.bool_]:
        """Units that pass: found in one half, and holding up in the other. [units]"""
        same = self.side[draw] == self.held_side[draw]
        passes: NDArray[np.bool_] = (self.q(draw, correction) <= level) & same & (self.held_p[draw] <= HOLDS)
        return passes

    @classmethod
    def joined(cls, parts: Sequence[Searched]) -> Searched:
        """The searches of the units of several sites as one."""
        names = [one.name for one in fields(cls)]
        return cls(**{name: np.concatenate([getattr(part, name) for part in parts], 1) for name in names})

    def folded(self, columns: int) -> Searched:
        """One column a unit, of `columns` each that stand apart: the one that tells most, as one of so many tried."""
        if columns == 1:
            return self
        draws = len(self.p)

        apart = {one.name: getattr(self, one.name).reshape(draws, columns, -1) for one in fields(self)}
        best = np.nan_to_num(apart["p"], nan=2.0).argmin(1)[:, None]
        taken = {name: np.take_along_axis(values, best, 1)[:, 0] for name, values in apart.items()}
        return Searched(**{**taken, "p": np.minimum(1.0, columns * taken["p"]), "part": best[:, 0]})


def blocks_of(responses: Responses, site: str) -> Iterator[NDArray[np.float32]]:
    """The columns of a site over all inputs, some at a time."""
    rows = responses.of(site)
    width = max(1, BLOCK // max(1, len(rows)))
    for start in range(0, rows.shape[1], width):
        yield rows.columns(slice(start, start + width))
