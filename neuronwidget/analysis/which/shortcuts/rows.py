"""Rows of the result about shortcuts: a row a unit, a row a set of units, a row a random counterpart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.scores.corrected import q_values
from neuronwidget.analysis.which.shortcuts.candidates import Bools, Candidate
from neuronwidget.analysis.which.shortcuts.proof.ground import Ground
from neuronwidget.analysis.which.shortcuts.proof.jointly import Together
from neuronwidget.analysis.which.shortcuts.proof.proof import Jointly, Proved
from neuronwidget.analysis.which.shortcuts.proof.screened import Screened
from neuronwidget.analysis.which.shortcuts.proof.trials import Tried
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

_NONE = float("nan")
_STATES = ("shortcut", "together", "no", "suspected")
_UNITS: dict[str, Any] = {
    "site": object, "unit": "int64", "state": object, "gain": float, "low": float, "high": float, "p": float,
    "q": float, "random": float, "first": float, "why": object, "answer": object, "difference": float,
    "goes_with": object, "r": float, "tried_on": object, "searched": "int64",
}  # fmt: skip
_SETS: dict[str, Any] = {
    "units": object, "count": "int64", "state": object, "gain": float, "low": float, "high": float, "p": float,
    "random": float, "first": float, "goes_with": object, "tried_on": object,
}  # fmt: skip


class UnitRows:
    """Tables of what came of candidates.

    Attributes
    ----------
    candidates
        Those that have a row, in the order of their rows: shortcuts first, those that could not be tried last.
    """

    def __init__(self, proved: Proved, suspected: Sequence[Screened], second: Bools, searched: int) -> None:
        """`second`: which inputs are of the half that proves; `searched`: how many units were."""
        self._jointly, self._second, self._searched = proved.jointly, second, searched
        self._joint = {unit for one in proved.jointly if one.come.confirmed for unit in one.together.units}
        rows: dict[Unit, tuple[Screened, Tried | None, Ground | None]] = {
            one.screened.candidate.unit: (one.screened, one.come, one.ground) for one in proved.alone
        }
        for one in proved.jointly:
            for member in one.together.members:
                if member.candidate.unit in self._joint:
                    rows.setdefault(member.candidate.unit, (member, None, one.ground))
        for missing in suspected:
            rows.setdefault(missing.candidate.unit, (missing, None, None))
        self._rows = sorted(rows.values(), key=self._rank)

    def _state(self, unit: Unit, come: Tried | None) -> str:
        if come is not None and come.confirmed:
            return "shortcut"
        return "together" if unit in self._joint else "suspected" if come is None else "no"

    def _rank(self, row: tuple[Screened, Tried | None, Ground | None]) -> tuple[int, float]:
        one, come, _ = row
        return _STATES.index(self._state(one.candidate.unit, come)), 0.0 if come is None else -come.gain

    @property
    def candidates(self) -> list[Candidate]:
        return [one.candidate for one, _, _ in self._rows]

    def units(self) -> pd.DataFrame:
        """A row a unit: see `Shortcuts.table`."""
        q = q_values(np.array([_NONE if come is None else come.p for _, come, _ in self._rows]))
        rows = [self._unit(*row, float(each)) for row, each in zip(self._rows, q, strict=True)]
        return _frame(rows, _UNITS)

    def _unit(self, one: Screened, come: Tried | None, ground: Ground | None, q: float) -> tuple[Any, ...]:
        candidate = one.candidate
        numbers = (_NONE,) * 4 if come is None else (come.gain, come.low, come.high, come.p)
        random = _NONE if come is None else max(come.random, default=_NONE)
        state = self._state(candidate.unit, come)
        goes = candidate.goes_with
        return (
            candidate.unit.site, candidate.unit.index, state, *numbers, q, random, one.gain, candidate.why,
            candidate.label, candidate.difference, "" if goes is None else goes.name,
            candidate.correlation(self._second), "" if ground is None else ground.words, self._searched,
        )  # fmt: skip

    def sets(self) -> pd.DataFrame:
        """A row a set of units that were held together."""
        return _frame([_set(one) for one in self._jointly], _SETS)

    def random(self) -> pd.DataFrame:
        """A row a random counterpart: unit (or units that were held together), drawn, gain."""
        tried: list[tuple[Unit | Together, Tried]] = [
            (one.candidate.unit, come) for one, come, _ in self._rows if come is not None
        ]
        tried += [(one.together, one.come) for one in self._jointly]
        rows = [
            (str(one), drawn, gain) for one, come in tried for drawn, gain in zip(come.drawn, come.random, strict=True)
        ]
        return _frame(rows, {"unit": object, "drawn": object, "gain": float})


def _set(one: Jointly) -> tuple[Any, ...]:
    come, goes = one.come, one.together.members[0].candidate.goes_with
    return (
        str(one.together), len(one.together.units), "shortcut" if come.confirmed else "no",
        come.gain, come.low, come.high, come.p, max(come.random, default=_NONE), one.together.gain,
        "" if goes is None else goes.name, one.ground.words,
    )  # fmt: skip


def _frame(rows: Sequence[tuple[Any, ...]], columns: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows, columns=list(columns)).astype(columns)
