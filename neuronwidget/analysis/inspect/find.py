"""Finds units in an atlas: by state, how often they fire, what their exemplars say, what fires here, and likeness."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.inspect.text_matches import with_matches
from neuronwidget.atlas.base import AtlasBase, UnitName
from neuronwidget.atlas.states import STATES
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.recording import Recording

ORDERS = ("exclusive", "matches", "strength", "correlation", "density", "max", "unit")
_FITS = ORDERS[:4]


def find_units(
    atlas: AtlasBase,
    *,
    sites: str | Sequence[str] | None = None,
    state: str | Iterable[str] | None = None,
    density: tuple[float | None, float | None] | None = None,
    text: str | re.Pattern[str] | None = None,
    fires: Recording | None = None,
    at: int | str | None = None,
    similar: UnitName | None = None,
    order: str | None = None,
    n: int | None = None,
    unwanted: Callable[[], bool] = lambda: False,
) -> pd.DataFrame:
    """The units of an atlas that fit all that is said.

    Parameters
    ----------
    sites
        Where to look; None: everywhere.
    state
        One or more of "not seen", "dead", "rare", "saturated", "dense", "ok".
    density
        The least and the most share of tokens above zero; None leaves an end open.
    text
        A regular expression, looked for in the exemplars. `matches` says in how many of the strongest at which the unit
        fires it was found; units without any are left out. `exclusive`, 0 to 1, says how exclusively the unit goes with
        the text: the share of the strongest that have it (with two more that have not, so that a unit seen once proves
        little), times the correlation of the unit with the text over all that was scanned, estimated from the strongest
        and from all tokens shown of the "quantiles", a random sample. Each counts for as much as it stands for. Of a
        unit that is below zero too, it is that `end`, "top" or "bottom", which goes better with the text. An atlas of
        keep="top" has no sample, and tells `matches` alone. A pattern that searches for more than ten seconds, in all
        exemplars together, is refused.
    fires
        What the model did on the present input, as `live.record` gives it: keeps units that fire in it, with `value`,
        the strongest there, and `strength`, its share of the largest of that sign in the atlas (1: as strong as ever).
    at
        With `fires`, a number: only at this row of the recording. With `text`, "peak" (unless it says else): the line
        of the token at which the unit is strongest, up to that token, or all of the line where the model reads on, as
        it stands in the document where that is kept; or "window": all tokens around it.
    similar
        A unit: only those correlated with it over the atlas' sample of tokens, with `correlation`.
    order
        "exclusive", "matches", "strength", "correlation", "density", "max" (largest first) or "unit"; by default the
        first of the first four that was asked for, else "max".
    n
        At most so many.
    unwanted
        Asked several times a second while a pattern searches; True breaks it off with `StoppedError`.

    Returns
    -------
    DataFrame indexed by (site, unit): the columns of `atlas.units`, and those named above that were asked for.

    Examples
    --------
    >>> atlas = nw.demo("code").atlas()                                       # doctest: +SKIP
    >>> nw.find_units(atlas, text=r"#", at="peak", density=(None, 0.1), n=5)   # doctest: +SKIP
    """
    if (isinstance(at, str) and text is None) or (isinstance(at, int) and fires is None):
        raise ValueError(f'at={at!r} says where to look: give text= with "peak" or "window", fires= with a row.')
    names = [site.name for site in atlas.sites]
    if sites is not None:
        chosen = [sites] if isinstance(sites, str) else list(sites)
        names = list(dict.fromkeys(atlas.sites.resolve(name).name for name in chosen))
    table = atlas.units
    if len(names) < len(atlas.sites):
        table = table[table.index.get_level_values("site").isin(names)]
    if state is not None:
        wanted = _states(state)
        table = table[_told(atlas, table, "state").isin(wanted)]
    if density is not None:
        low, high = density
        table = table[_told(atlas, table, "density").between(0 if low is None else low, 1 if high is None else high)]
    if similar is not None:
        table = _like(atlas, table, similar)
    if fires is not None:
        table = _firing(table, fires, at if isinstance(at, int) else None)
    if text is not None:  # last, for it reads what nothing else left out
        table = with_matches(atlas, table, text, at if isinstance(at, str) else "peak", unwanted)
    return _sorted(atlas, table, order).head(len(table) if n is None else n)


def _states(state: str | Iterable[str]) -> list[str]:
    wanted = [state] if isinstance(state, str) else list(state)
    unknown = [name for name in wanted if name not in STATES]
    if unknown:
        raise ValueError(f"There is no state {unknown[0]!r}; there are {', '.join(STATES)}.")
    return wanted


def _told(atlas: AtlasBase, table: pd.DataFrame, column: str) -> pd.Series:
    """A column of units; refuses in a sentence what an atlas that was imported does not say of them."""
    if column not in table:
        raise ValueError(atlas.lacks.get(column, f"This atlas says nothing of the {column} of units."))
    return table[column]


def _sorted(atlas: AtlasBase, table: pd.DataFrame, order: str | None) -> pd.DataFrame:
    order = order or best_order(table)
    if order not in ORDERS:
        raise ValueError(f"There is no order {order!r}; there are {', '.join(ORDERS)}.")
    if order == "unit":
        return table
    if order not in table:
        raise ValueError(atlas.lacks.get(order, f"The units have no {order} to be sorted by: ask for it."))
    by = [order, "matches"] if order == "exclusive" else [order]
    return table.sort_values(by, ascending=False, kind="stable")


def best_order(columns: Container[str]) -> str:
    """What units that have these columns are sorted by where nobody says: by what was asked for."""
    return next((name for name in (*_FITS, "max") if name in columns), "unit")


def _like(atlas: AtlasBase, table: pd.DataFrame, similar: UnitName) -> pd.DataFrame:
    import pandas as pd

    similar_units = atlas.similar(similar, n=len(atlas.units))
    units = [Unit.parse(name) for name in similar_units["unit"]]
    index = pd.MultiIndex.from_tuples([(unit.site, unit.index) for unit in units], names=["site", "unit"])
    correlation = pd.Series(similar_units["correlation"].to_numpy(np.float64), index=index, name="correlation")
    return table.join(correlation[correlation > 0], how="inner")


def _firing(table: pd.DataFrame, recording: Recording, at: int | None) -> pd.DataFrame:
    """Keeps units that are not at rest in a recording."""
    import pandas as pd

    parts = []
    for site, units in table.groupby(level="site", sort=False):
        if site not in recording or not (values := recording[str(site)].numpy()).size:
            continue
        rows = values if at is None or len(values) == 1 else values[at : at + 1] if at >= 0 else values[at:][:1]
        if not len(rows):
            raise IndexError(f"The recording of {site} has {len(values)} rows, there is no row {at}.")
        columns = units.index.get_level_values("unit").to_numpy()
        part = np.nan_to_num(rows[:, columns], nan=0.0, posinf=0.0, neginf=0.0)
        peak = part[np.abs(part).argmax(0), np.arange(len(columns))].astype(np.float64)
        low, high = (
            units[end].to_numpy(np.float64) if end in units else np.full(len(units), np.nan) for end in ("min", "max")
        )
        most = np.where(peak < 0, -low, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            strength = np.where(most > 0, np.abs(peak) / most, np.inf)
        kept = np.abs(peak) > 1e-6
        parts.append(units.assign(value=peak, strength=strength)[kept])
    return pd.concat(parts) if parts else table.iloc[:0].assign(value=0.0, strength=0.0)


def as_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """What was found as plain rows, `unit` written as people write it."""
    plain = table.reset_index()
    plain["unit"] = [f"{site}:{unit}" for site, unit in zip(plain["site"], plain["unit"], strict=True)]
    rows: list[dict[str, Any]] = plain.to_dict("records")
    return rows
