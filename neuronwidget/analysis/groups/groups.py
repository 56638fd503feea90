"""Looks for groups of units that behave alike over a data set, and for what of them chance would give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.groups.asked import HOW, Asked
from neuronwidget.analysis.groups.judge import Judged, judged
from neuronwidget.analysis.groups.linkage import METHODS, link
from neuronwidget.analysis.groups.null import NullDraw, as_table, draws
from neuronwidget.analysis.groups.ordered import in_order, ordered_map, usual_correlation
from neuronwidget.analysis.groups.products import Correlations, Floats, Numbers
from neuronwidget.analysis.groups.result import UnitGroups, members_in_words
from neuronwidget.analysis.groups.shared import common_exemplars
from neuronwidget.analysis.groups.stream import Halves
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.capture import stop_if
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

#: Inputs of a half below which no correlation of units is worth looking at.
_FEWEST = 8
_WITH_EXEMPLARS = 40
#: So many groups like it are to be expected by chance at most, for a group to stand.
_CHANCE = 0.05


def groups(
    live: LiveModel | None,
    data: Any,
    site: str | Sequence[str] | None = None,
    *,
    how: str | None = None,
    cut: float = 0.5,
    method: str = "linkage",
    least: int = 2,
    nulls: int = 5,
    atlas: AtlasBase | None = None,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> UnitGroups:
    """Groups of units that behave alike: whose responses correlate, with either sign, over a data set.

    Half of the inputs, drawn by `seed`, find the groups; the others judge them. Beside them stands what comes out where
    the inputs are permuted for each unit apart, and where the units are directions of a random basis.

    Parameters
    ----------
    live
        The model; None where `data` is an atlas.
    data
        Inputs as `nw.scan` takes them; what `nw.collect` gave, which is not run again; or an atlas, which has a sample
        of what all units did: little, but of any number of units, and without the model.
    site
        One site, or several for groups across layers. Default: the default sites together.
    how
        What is correlated: "positions" (up to 32 of each window of 256 tokens; default for texts), or one number an
        input, the "mean" (default else), "max" or "last".
    cut
        Average linkage joins two groups while 1 − |correlation| is no more than this, in the mean over pairs.
    method
        "linkage", or "hdbscan", which finds weaker groups and takes in more units that belong to none.
    least
        Smaller groups are none.
    nulls
        Draws of each null.
    atlas
        Gives each group the word or picture that its units' strongest exemplars share.
    progress
        Called with the number of inputs that were run. `overtaken`: asked while the model runs; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> from sklearn.datasets import load_digits
    >>> live, pictures = nw.demo("digits"), (load_digits().images[:200] * 255 / 16).astype("uint8")
    >>> groups = nw.groups(live, pictures, "dense.0", nulls=1)
    >>> len(groups.units) == live.sites["dense.0"].width
    True
    """
    _check(cut, method, least, nulls, how)
    if edits and live is not None:
        live = live.edited(*edits)
    asked = Asked(live, data, site, how, seed)
    halves = Halves(sum(one.width for one in asked.sites), seed)
    halves.take(asked.blocks(progress, overtaken))
    return _found(asked, halves, cut, method, least, nulls, atlas or asked.atlas, partial(stop_if, overtaken))


def _check(cut: float, method: str, least: int, nulls: int, how: str | None) -> None:
    if not 0 < cut < 1:
        raise ValueError(f"cut= is a distance between 0 and 1, not {cut!r}: 0.5 joins what correlates by .5 or more.")
    if method not in METHODS:
        raise ValueError(f"method= is one of {', '.join(METHODS)}, not {method!r}.")
    if how is not None and how not in HOW:
        raise ValueError(f"how= is one of {', '.join(HOW)}, not {how!r}.")
    if least < 2 or nulls < 0:
        raise ValueError(f"A group has two units or more (least={least!r}), and nulls={nulls!r} is a number of draws.")


def _found(
    asked: Asked,
    halves: Halves,
    cut: float,
    method: str,
    least: int,
    nulls: int,
    atlas: AtlasBase | None,
    step: Callable[[], None],
) -> UnitGroups:
    """What the halves come to."""
    _check_inputs(asked, halves)
    finding, judging = (halves.correlations(number) for number in (0, 1))
    _check_varies(asked, finding)
    samples = [half.sample.read(halves.units) for half in halves.halves]
    if not halves.summed:
        counts = " and ".join(f"{len(sample.rows):,}" for sample in samples)
        asked.notes.append(f"Correlations of so many units are those of a sample of {counts} rows.")
    linked = link(finding, cut, least, method)
    usable = samples[0].rows[:, finding.varies]
    null_draws = draws(usable, samples[0].inputs, nulls, cut, least, method, asked.seed, step)
    verdicts = [
        judged(finding, judging, group, samples[1].rows[:, group], samples[1].inputs) for group in linked.groups
    ]
    table = _table(linked.groups, verdicts, null_draws, cut)
    best = np.argsort(~table["stands"].to_numpy(bool), kind="stable")
    chosen, verdicts = [linked.groups[place] for place in best], [verdicts[place] for place in best]
    table = table.iloc[best].reset_index(drop=True)
    order = in_order(chosen, finding.varies)
    units = _units(asked, chosen, verdicts, order)
    named = [[Unit.parse(units["unit"][unit]) for unit in group] for group in chosen]
    table.insert(0, "group", range(len(table)))
    table.insert(2, "members", [members_in_words([str(unit) for unit in group]) for group in named])
    exemplars = _shared(table, named, atlas)
    values, edges = ordered_map(judging, order, sum(map(len, chosen)))
    first, second = halves.halves
    settings = {"sites": [site.name for site in asked.sites], "how": asked.how, "cut": cut, "method": method}
    return UnitGroups(
        tuple(site.name for site in asked.sites),
        method,
        cut,
        (first.rows, second.rows),
        (first.inputs, second.inputs),
        table,
        units,
        usual_correlation(judging, asked.seed),
        as_table(null_draws),
        exemplars,
        values,
        edges,
        int((~finding.varies & halves.finite).sum()),
        int((~halves.finite).sum()),
        (*asked.notes, *linked.notes),
        asked.provenance(**settings, least=least, nulls=nulls),
    )


def _check_inputs(asked: Asked, halves: Halves) -> None:
    """Refuses too few inputs, and units none of which is finite."""
    fewest = min(half.inputs for half in halves.halves)
    if fewest < _FEWEST:
        raise ValueError(
            f"There are {sum(half.inputs for half in halves.halves)} inputs, {fewest} of them in the smaller half: "
            f"groups of units are looked for in one half and judged in the other, with {_FEWEST} or more in each."
        )
    if not halves.finite.any():
        raise ValueError(f"Every unit of {asked.where} was NaN or infinite on some input: nothing can be correlated.")


def _check_varies(asked: Asked, finding: Correlations) -> None:
    """Refuses units that are constant."""
    if finding.varies.sum() < 2:
        raise ValueError(
            f"{int(finding.varies.sum())} of {len(finding.varies):,} units of {asked.where} vary over these inputs: "
            "what is constant correlates with nothing. Give inputs that differ, or another site."
        )


def _table(
    groups: Sequence[Numbers], verdicts: Sequence[Judged], null_draws: Sequence[NullDraw], cut: float
) -> pd.DataFrame:
    """One row a group, as it was judged."""
    import pandas as pd

    entries = []
    for group, held in zip(groups, verdicts, strict=True):
        chance = [draw.at_least(len(group), held.correlation) for draw in null_draws]
        null = float(np.mean(chance)) if chance else float("nan")
        stands = held.correlation >= (1 - cut) / 2 and max(chance, default=0.0) < _CHANCE
        entries.append((len(group), held.correlation, held.low, held.high, held.in_sample, null, bool(stands)))
    return pd.DataFrame(entries, columns=["units", "correlation", "low", "high", "found", "null", "stands"])


def _units(asked: Asked, groups: Sequence[Numbers], verdicts: Sequence[Judged], order: Numbers) -> pd.DataFrame:
    """One row a unit."""
    import pandas as pd

    units = len(order)
    sites, indices = asked.names()
    number, sign = np.full(units, -1), np.ones(units, int)
    correlation: Floats = np.full(units, np.nan, np.float32)
    place = np.empty(units, int)
    place[order] = np.arange(units)
    for count, (group, held) in enumerate(zip(groups, verdicts, strict=True)):
        number[group], sign[group], correlation[group] = count, held.signs, held.each
    names = [f"{site}:{index}" for site, index in zip(sites, indices.tolist(), strict=True)]
    columns = {"unit": names, "site": sites, "index": indices, "group": number, "sign": sign}
    return pd.DataFrame({**columns, "correlation": correlation, "place": place})


def _shared(table: pd.DataFrame, groups: Sequence[Sequence[Unit]], atlas: AtlasBase | None) -> pd.DataFrame:
    """Common exemplars; the words and shares go into the table."""
    import pandas as pd

    words, shares, parts = [""] * len(table), [float("nan")] * len(table), []
    scanned = set() if atlas is None else {site.name for site in atlas.sites}
    for number, units in enumerate(groups[:_WITH_EXEMPLARS] if atlas is not None else ()):
        assert atlas is not None
        scanned_units = [unit for unit in units if unit.site in scanned]
        if scanned_units:
            frame, words[number], shares[number] = common_exemplars(atlas, number, scanned_units)
            parts.append(frame)
    table["shared"], table["share"] = words, shares
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"group": []})
