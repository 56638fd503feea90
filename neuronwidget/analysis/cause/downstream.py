"""Units that an edit changes most behind the place where it acts, in standard deviations of their own."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float32]
#: What standard deviations are over: a data set, the positions of this input, or the units of a site on it.
Over = Literal["atlas", "input", "site"]

#: A unit that hardly moves is measured by this share of how the units of its site move.
_LEAST_SHARE = 0.1
#: Below so many standard deviations, or such a share of the largest value, a change is one of rounding.
_NOTHING = 1e-4


class DataSet(Protocol):
    """What units do over a data set, as an atlas has it."""

    @property
    def units(self) -> pd.DataFrame:
        """One row a unit, indexed by (site, unit); `std` is one standard deviation."""


class ChangedUnit(NamedTuple):
    """A unit where it changed most: at position `at`, by `change` standard deviations.

    `change` is infinite for a unit of a site where nothing moved before the edit.
    """

    unit: Unit
    before: float
    after: float
    change: float
    at: int


def stds_of(data: DataSet | None, widths: Mapping[str, int]) -> dict[str, Floats]:
    """The standard deviation of each unit over a data set [units], of those of some sites that are known there."""
    if data is None:
        return {}
    column, sites = data.units["std"], data.units.index.levels[0]
    by_site = {name: column.loc[name].to_numpy(np.float32) for name in widths if name in sites}
    return {name: stds for name, stds in by_site.items() if len(stds) == widths[name]}


def spreads(
    before: Mapping[str, Any], stds: Mapping[str, Any], kept: dict[str, _KeptSpread] | None = None
) -> tuple[Over, dict[str, Floats]]:
    """Measures of change [units] by site: of the same sort at all sites, so that changes can be compared.

    `stds` where every site has some; else standard deviations over the positions of `before`, or where these are too
    few over all units of a site. 0 at a site where nothing moves. `kept`: those of the last time, by site: of arrays
    that are the same ones they are the same ones.
    """
    over: Over = "site"
    if before and before.keys() <= stds.keys():
        over = "atlas"
    elif all(len(values) > 2 for values in before.values()):
        over = "input"
    by_site = {} if kept is None else kept
    for site, values in before.items():
        of = stds[site] if over == "atlas" else values
        last = by_site.get(site)
        if last is None or last.over != over or last.of is not of:
            by_site[site] = _KeptSpread(over, of, _spread(np.asarray(of, np.float32), over))
    return over, {site: by_site[site].std for site in before}


def _spread(values: Floats, over: Over) -> Floats:
    """What one site's are made of its standard deviations [units], or of its values [positions, units]."""
    with np.errstate(invalid="ignore", over="ignore"):
        if over == "atlas":
            return _floored(values)
        return _floored(values.std(axis=0) if over == "input" else np.full(values.shape[1], _together(values)))


def changed_units(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    stds: Mapping[str, Any],
    n: int = 20,
    without: Collection[Unit] = (),
    kept: dict[str, _Kept] | None = None,
) -> list[ChangedUnit]:
    """The units that changed most, the largest change first; behind them those that were constant before.

    Parameters
    ----------
    before, after
        What sites did, [positions, units] by name.
    stds
        One standard deviation of each unit [units], as `spreads` gives them.
    without
        Units that are left out: those that were edited.
    kept
        What was found the last time, by site: of arrays that are the same ones it is found again.

    Examples
    --------
    >>> before, after = np.array([[0.0, 1.0], [1.0, 2.0]]), np.array([[0.0, 1.0], [3.0, 2.0]])
    >>> [(str(one.unit), one.change) for one in changed_units({"a": before}, {"a": after}, {"a": [0.5, 0.5]})]
    [('a:0', 4.0)]
    """
    changed: list[ChangedUnit] = []
    earlier = {} if kept is None else kept
    for site, rows in before.items():
        own = [unit.index for unit in without if unit.site == site]
        last = earlier.get(site)
        if last is None or not last.is_of(rows, after[site], stds[site], (n, own)):
            units = _changed(site, np.asarray(rows), np.asarray(after[site]), np.asarray(stds[site]), n, own)
            last = earlier[site] = _Kept(rows, after[site], stds[site], (n, own), units)
        changed += last.units
    changed.sort(key=lambda one: (-abs(one.change) if math.isfinite(one.change) else 0, -abs(one.after - one.before)))
    return changed[:n]


class _KeptSpread(NamedTuple):
    """The spread of a site's units, and of what it is."""

    over: Over
    of: Any
    std: Floats


class _Kept(NamedTuple):
    """The units of a site that changed most, and of which arrays that was found."""

    before: Any
    after: Any
    std: Any
    settings: tuple[int, list[int]]
    units: list[ChangedUnit]

    def is_of(self, before: Any, after: Any, std: Any, settings: tuple[int, list[int]]) -> bool:
        return self.before is before and self.after is after and self.std is std and self.settings == settings


def _changed(site: str, before: Floats, after: Floats, std: Floats, n: int, own: list[int]) -> list[ChangedUnit]:
    """Those of one site."""
    if not len(before):
        return []
    moves = bool(std.any())
    with np.errstate(invalid="ignore", over="ignore"):
        change = after - before
        size = np.nan_to_num(np.maximum(change.max(axis=0), -change.min(axis=0)), nan=0.0, posinf=0.0)
        share = size / std if moves else size
        nothing = _NOTHING if moves else _NOTHING * float(np.nan_to_num(np.abs(before)).max())
    share[own] = 0
    best = np.argsort(-share, kind="stable")[:n]
    units = []
    for unit in best[share[best] > nothing].tolist():
        at = int(np.abs(change[:, unit]).argmax())
        much = float(change[at, unit])
        in_stds = much / float(std[unit]) if moves else math.copysign(math.inf, much)
        units.append(ChangedUnit(Unit(site, unit), float(before[at, unit]), float(after[at, unit]), in_stds, at))
    return units


def _together(values: Floats) -> float:
    return float(values.std()) if values.size else 0.0


def _floored(std: Floats) -> Floats:
    """A unit that hardly moves is measured by a share of how its neighbours move."""
    std = np.nan_to_num(np.asarray(std, np.float32), nan=0.0, posinf=0.0)
    with np.errstate(over="ignore"):
        least = _LEAST_SHARE * float(np.sqrt(np.mean(std.astype(np.float64) ** 2))) if std.size else 0.0
    return np.maximum(std, np.float32(least))
