"""Compare: which units differ between groups of inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.reduce import HOW, check_how
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.scores.corrected import CORRECTIONS
from neuronwidget.analysis.scores.halves import halves
from neuronwidget.analysis.which.compare.groups.given import groups_of
from neuronwidget.analysis.which.compare.groups.input_groups import Ask, InputGroups
from neuronwidget.analysis.which.compare.more_groups import active_enough, activity, rates, search_more
from neuronwidget.analysis.which.compare.result import Comparison
from neuronwidget.analysis.which.compare.searched import Numbers, Searched, blocks_of
from neuronwidget.analysis.which.compare.shuffled import shuffled
from neuronwidget.analysis.which.compare.told import Question, told
from neuronwidget.analysis.which.compare.two_groups import search_two
from neuronwidget.live.capture import stop_if

if TYPE_CHECKING:
    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

#: Draws of shuffled groups where nobody says: those of more than two groups take longer.
_NULLS, _NULLS_OF_MORE = 20, 5


def compare(
    live: LiveModel,
    groups: Any,
    sites: Sequence[str] | None = None,
    *,
    data: Any = None,
    how: str | None = None,
    level: float = 0.05,
    correction: str = "bh",
    most: int = 10_000,
    nulls: int | None = None,
    active_above: float = 0.0,
    twin: LiveModel | Responses | None = None,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> Comparison:
    """Which units differ between groups of inputs: found on half of the inputs, reported on the other half.

    Parameters
    ----------
    groups
        Documents (or responses) by the name of their group; what `nw.right_wrong` gives; responses that have labels.
        With `data=`: one label a document, a concept (`nw.predicate_of` says what that can be), or several by name. A
        concept that tells places in its inputs, such as a regular expression, compares those places with others.
    sites
        Where to look; None for all default sites. The last layers come first, and none is left out.
    how
        What an input's positions come to: see `nw.collect`. Default: of texts the largest value, of pictures mean and
        largest (the better of both, as one of two that were tried), of places their mean; of more than two groups the
        share of positions at which a unit is above zero ("active").
    level, correction
        The rate of false discoveries, and how it is kept: "bh", or "by" where units may depend on each other in any
        way.
    most
        At most so many inputs of each group are compared, drawn by `seed`.
    nulls
        How often the groups are shuffled, to see what the same search finds in nothing: 20, of more than two groups 5.
    active_above
        Of more than two groups: only units are tested whose rate is, in some group, above this quantile of the rates
        of all units in all groups. 0.95 is the rule of LAPE; by default units are tested however seldom they are
        active.
    twin
        An untrained model, or its responses: what the same search finds there.
    progress
        Called with the number of inputs that were run. `overtaken`: asked while the work goes on; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("cancer")
    >>> rows = live.inputs.rows
    >>> comparison = nw.compare(live, {"one": rows[::2], "other": rows[1::2]}, nulls=2)
    >>> list(comparison.groups), comparison.measure
    (['one', 'other'], 'auroc')
    """
    _check(level, correction, most, nulls, how, active_above)
    if edits:
        live = live.edited(*edits)
    names = None if sites is None else tuple([sites] if isinstance(sites, str) else sites)
    ask = Ask(names, how, most, seed, progress, overtaken)
    read = groups_of(live, groups, data, ask)
    where = _sites(live, read, names)
    if active_above and len(read.names) == 2:
        raise ValueError("active_above= is of more than two groups: two are compared by the ranks of their values.")
    first, _ = halves(read.halved_by, read.group.tolist(), seed)
    if nulls is None:
        nulls = _NULLS if len(read.names) == 2 else _NULLS_OF_MORE
    documents = read.halved_by if read.within else None
    drawn = shuffled(read.group, first, documents, nulls, seed)
    search = partial(_search, read, first=first, documents=documents, level=level, seed=seed, above=active_above)
    searched = search(read.responses, where, drawn, overtaken)
    beside = None
    if twin is not None:
        there = read.on(twin, where, ask)
        beside = (
            there.provenance.model,
            search(there, where, drawn[:1], overtaken),
        )
    settings = {"sites": list(where), "how": read.responses.how, "level": level, "correction": correction}
    settings |= {"most": most, "nulls": nulls, "twin": None if beside is None else beside[0]}
    settings |= {"active_above": active_above} if active_above else {}
    made_of = replace(read.responses.provenance, settings=settings, seed=seed)
    return told(Question(read, where, first, level, correction, seed, made_of), searched, beside)


def _check(level: float, correction: str, most: int, nulls: int | None, how: str | None, active_above: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level= is a rate of false discoveries between 0 and 1, not {level!r}.")
    if correction not in CORRECTIONS:
        raise ValueError(f"correction= is one of {', '.join(CORRECTIONS)}, not {correction!r}.")
    if most < 1 or (nulls is not None and nulls < 0):
        raise ValueError(f"most={most!r} is a number of inputs, and nulls={nulls!r} one of draws.")
    if not 0 <= active_above < 1:
        raise ValueError(f"active_above= is a quantile of rates, 0.95 for the upper twentieth, not {active_above!r}.")
    if how is not None:
        check_how(how)
    if how == "none":
        raise ValueError("how='none' keeps positions apart; a unit is compared by one number an input: how='mean'.")


def _sites(live: LiveModel, read: InputGroups, names: Sequence[str] | None) -> tuple[str, ...]:
    """Names of the sites that are searched, the last layer first."""
    there = read.responses.sites
    chosen = [site for site in live.choose(names) if site.name in there] if names is not None else list(there.values())
    return tuple(site.name for site in reversed(live.in_order(chosen)))


def _search(
    read: InputGroups,
    responses: Responses,
    sites: Sequence[str],
    groups: Numbers,
    overtaken: Callable[[], bool] | None,
    *,
    first: NDArray[np.bool_],
    documents: Numbers | None,
    level: float,
    seed: int,
    above: float,
) -> Searched:
    """The units of all sites, one after the other; of more than two groups those active `above` this quantile."""
    columns, count = len(HOW[responses.how]), len(read.names)
    units = sum(responses.of(site).shape[1] // columns for site in sites)
    tested = _active_enough(responses, sites, groups[:, first], first, count, above) if above else None
    by_site, start = [], 0
    for site in sites:
        parts = []
        for values in blocks_of(responses, site):
            stop_if(overtaken)
            if count == 2:
                parts.append(search_two(values, groups, first))
            else:
                active, end = activity(values, responses.how), start + values.shape[1]
                kept = None if tested is None else tested[:, start:end]
                start = end
                parts.append(search_more(active, groups, first, count, level, units, documents, seed, kept))
        by_site.append(Searched.joined(parts).folded(columns))
    return Searched.joined(by_site)


def _active_enough(
    responses: Responses,
    sites: Sequence[str],
    groups: Numbers,
    first: NDArray[np.bool_],
    count: int,
    quantile: float,
) -> NDArray[np.bool_]:
    """Which units of all sites are active enough in some group of the half that finds: [draws, units]."""
    every = [
        rates(activity(values, responses.how)[first], groups, count)
        for site in sites
        for values in blocks_of(responses, site)
    ]
    return active_enough(np.concatenate(every, 2), quantile)
