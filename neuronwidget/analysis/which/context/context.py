"""Context dependence: asks of units whether they read the token, the token before, both, the position, or more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.positions import PositionValues, position_steps
from neuronwidget.analysis.result import Provenance
from neuronwidget.analysis.scores.corrected import q_values
from neuronwidget.analysis.scores.halves import halves
from neuronwidget.analysis.steps import IsOvertaken, Progress, Steps, part_of, to_the_end
from neuronwidget.analysis.which.context.judge import Judged, judged
from neuronwidget.analysis.which.context.result import ENOUGH, MORE, NOTHING, STILL, Context
from neuronwidget.analysis.which.context.tables import TABLES, Tables, entries_of
from neuronwidget.atlas.base import UnitName
from neuronwidget.live.structure.sites import Site, Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

#: Units that are looked at together: so many columns of all tokens are in memory as float64.
_TOGETHER = 64
_FEWEST = 4
#: What share of the time the model reads; after that what it did is judged.
_READING = 0.8


def context(
    live: LiveModel,
    data: Any,
    unit: UnitName | Sequence[UnitName],
    *,
    most: int = 100_000,
    draws: int = 39,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Progress | None = None,
    overtaken: IsOvertaken | None = None,
) -> Context:
    """Whether a unit reads the token, the token before, both of them, the position, or more than these.

    Lookup tables of what the unit does, by each of these, are fitted on one half of the documents and read on the
    other: R² is the share of variance there that they tell. An entry that was seen seldom is drawn toward what is told
    without it: two tokens side by side toward what the token alone says, all else toward the mean; so is what was never
    seen. Beside them stand tables of values that were shifted round within each document.

    Parameters
    ----------
    data
        Texts, as `nw.scan` takes them; also what `nw.collect` gave, or an atlas, whose texts are run again.
    unit
        A unit, or several.
    most
        Of so many tokens values are kept, so that memory does not grow with the data: documents are drawn by `seed`
        until there are as many.
    draws
        How many permutations.
    progress
        Called with the hundredths that are done, and 100. `overtaken`: asked meanwhile; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("code")                                                                   # doctest: +SKIP
    >>> nw.context(live, live.atlas(), "mlp.1:3").verdict                                        # doctest: +SKIP
    """
    edited = live.edited(*edits) if edits else live
    units = [edited.sites.unit(name) for name in _named(unit)]
    steps = context_steps(edited, data, units, most=most, draws=draws, seed=seed, overtaken=overtaken)
    return to_the_end(steps, progress, overtaken).result


def _named(unit: Any) -> list[Unit]:
    """The units that are named; at least one."""
    units = Unit.several(unit)
    if not units:
        raise ValueError("No unit is named: give one, such as 'mlp.2:417', or a list of them.")
    return units


@dataclass(frozen=True, eq=False)
class Told:
    """Answer about context, with what was read at tokens and the values of the units there [tokens, units]."""

    result: Context
    read: PositionValues
    values: NDArray[np.float32]

    def tables(self) -> Tables:
        """Lookup tables of all tokens, to tell what units would do at others."""
        whole = np.ones(len(self.read), bool)
        return Tables.fitted(self.values.astype(np.float64), entries_of(self.read, whole))


def context_steps(
    live: LiveModel,
    data: Any,
    units: Sequence[Unit],
    *,
    most: int,
    draws: int = 39,
    seed: int = 0,
    overtaken: IsOvertaken | None = None,
) -> Steps[Told]:
    """`context`: a window of tokens a step, then a draw of shifted values."""
    read, values = yield from part_of(_read(live, data, units, most, seed, overtaken), 0, _READING)
    result = yield from part_of(_told(live, units, read, values, draws, seed), _READING, 1)
    return Told(result, read, values)


def _read(
    live: LiveModel, data: Any, units: Sequence[Unit], most: int, seed: int, overtaken: IsOvertaken | None
) -> Steps[tuple[PositionValues, NDArray[np.float32]]]:
    """Tokens of the data at which all values are finite, and what the units do there [tokens, units]."""
    sites: dict[Site, list[int]] = {}
    for name in units:
        sites.setdefault(live.sites.resolve(name.site), []).append(name.index)
    read = yield from position_steps(live, data, sites, most=most, seed=seed, overtaken=overtaken)
    places = [(live.sites.resolve(u.site), u.index) for u in units]
    columns = [read.values[site.name][:, sites[site].index(index)] for site, index in places]
    values = np.stack(columns, axis=1)
    finite = np.isfinite(values.sum(axis=1))
    kept = read if finite.all() else read.only(finite)
    count = len(np.unique(kept.documents))
    if count < _FEWEST:
        raise ValueError(
            f"{count} documents are too few: tables are fitted on one half of the documents and read on the other, so "
            f"give {_FEWEST} at least, better 50."
        )
    return kept, values[finite]


def _told(
    live: LiveModel,
    units: Sequence[Unit],
    read: PositionValues,
    values: NDArray[np.float32],
    draws: int,
    seed: int,
) -> Steps[Context]:
    """The answer, from what units do at tokens: `values` [tokens, units]."""
    first = halves(read.documents, seed=seed)[0]
    parts = []
    for start in range(0, len(units), _TOGETHER):
        end = min(start + _TOGETHER, len(units))
        judging = judged(values[:, start:end].astype(np.float64), read, first, draws, seed)
        parts.append((yield from part_of(judging, start / len(units), end / len(units))))
    names = [str(unit) for unit in units]
    by = _by(names, parts)
    provenance = Provenance.of_live(
        live, data=read.described(), seed=seed, units=names, sample=read.sample, draws=draws
    )
    documents = len(np.unique(read.documents))
    return Context(_units(names, parts, by), by, len(read), documents, provenance)


def _by(names: Sequence[str], parts: Sequence[Judged]) -> pd.DataFrame:
    """One row a unit and table."""
    import pandas as pd

    frames = []
    chance = np.concatenate([part.chance for part in parts], axis=2)
    columns = {name: np.concatenate([getattr(part, name) for part in parts], axis=1) for name in _COLUMNS}
    for place, by in enumerate(TABLES):
        null = chance[:, place]
        pooled = np.sort(null[:, np.isfinite(null).all(0)], axis=None)
        reached = len(pooled) - np.searchsorted(pooled, columns["r2"][place])
        frame = pd.DataFrame({"unit": names, "by": by, **{name: column[place] for name, column in columns.items()}})
        frame["null"] = np.quantile(null, 0.95, axis=0)
        frame["p"] = np.where(np.isfinite(frame["r2"]), (1 + reached) / (1 + len(pooled)), 1.0)
        frame["seen"], frame["keys"] = parts[0].seen[place], int(parts[0].keys[place])
        frames.append(frame)
    whole = pd.concat(frames, ignore_index=True)
    order = whole["unit"].map({name: place for place, name in enumerate(names)})
    return whole.iloc[np.argsort(order, kind="stable")].reset_index(drop=True)


_COLUMNS = ("r2", "low", "high", "in_sample", "r2_seen")


def _units(names: Sequence[str], parts: Sequence[Judged], by: pd.DataFrame) -> pd.DataFrame:
    """One row a unit: what it reads, and how sure that is."""
    import pandas as pd

    best_of_null = np.concatenate([part.chance.max(1) for part in parts], axis=1)
    pooled = np.sort(best_of_null[:, np.isfinite(best_of_null).all(0)], axis=None)
    entries, p = [], []
    for place, (name, own) in enumerate(by.groupby("unit", sort=False)):
        rows = own.set_index("by")
        best, alike = _best(rows["r2"])
        row = rows.loc[best]
        reached = len(pooled) - int(np.searchsorted(pooled, row["r2"]))
        p.append((1 + reached) / (1 + len(pooled)) if np.isfinite(row["r2"]) else 1.0)
        shown = {table: float(rows["r2"][table]) for table in TABLES}
        null = float(np.quantile(best_of_null[:, place], 0.95))
        entries.append({"unit": name, "best": best, "alike": alike, **shown, "low": row["low"], "high": row["high"]})
        entries[-1]["null"] = null
    frame = pd.DataFrame(entries)
    frame["p"], frame["q"], frame["searched"] = p, q_values(np.array(p)), len(names)
    frame.insert(1, "reads", [_reads(row) for row in frame.to_dict("records")])
    frame.loc[frame["reads"].isin([NOTHING, STILL]), "alike"] = ""
    return frame.drop(columns="best")


def _best(r2: pd.Series) -> tuple[str, str]:
    """The table that tells most, and another that tells about as much; both tokens only where neither does alone."""
    alone = r2.drop("bigram").fillna(-np.inf)
    best = str(alone.idxmax())
    if r2["bigram"] >= alone[best] + MORE:
        return "bigram", ""
    others = alone.drop(best)
    alike = str(others.idxmax())
    return best, alike if others[alike] >= alone[best] - MORE / 2 else ""


def _reads(row: dict[str, Any]) -> str:
    best = row["best"]
    if not np.isfinite(row[best]):
        return STILL
    return best if row[best] >= ENOUGH and row["low"] > row["null"] and row["q"] <= 0.05 else NOTHING
