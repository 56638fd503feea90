"""Asks which units are dead, not seen, rare, dense or saturated, of an atlas or of a live model on given inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.which.health.count import Counted, SiteCounts, of_atlas, of_live, of_responses
from neuronwidget.analysis.which.health.result import Health
from neuronwidget.analysis.which.health.words import STATES
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.atlas.states import Thresholds, share_interval, states
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.passes.runners import runner_of
from neuronwidget.passes.threads import Threads

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit


def health(
    atlas_or_live: AtlasBase | LiveModel,
    data: Any = None,
    sites: Sequence[str] | None = None,
    *,
    thresholds: Mapping[str, float] | None = None,
    most: int | None = None,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> Health:
    """Which units never or rarely fire, which nearly always do, and which are stuck, with the bound the data allow.

    A unit *fires* where |a| > 1e-6. One that never did so in n values may still do so at about 3/n of them (95 %):
    only where that is less than the threshold is it called dead, else "not seen".

    Parameters
    ----------
    atlas_or_live
        An atlas, whose counts are read; or a live model, which is run over `data`.
    data
        Inputs as `nw.scan` takes them, or what `nw.collect` gave, where each input counts once.
    sites
        Names of sites; None for all of the atlas, or the default ones of the model.
    thresholds
        Others than the usual ones, by name: "dead" (1e-4), "rare" (1e-3), "dense" (0.9), "saturated" (0.9), "always_on"
        (0.99), "still" (1e-3).
    most
        At most so many inputs are run, drawn by `seed`; None for all.
    progress, overtaken
        As in `nw.collect`, where a live model is run.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("cancer")
    >>> health = nw.health(live, live.inputs.rows, ["dense.0"])
    >>> len(health.units) == live.sites["dense.0"].width
    True
    """
    _check(atlas_or_live)
    limits = _limits(thresholds)
    sites = [sites] if isinstance(sites, str) else sites
    if isinstance(atlas_or_live, AtlasBase):
        if data is not None or edits or most is not None:
            raise ValueError("An atlas has its inputs and its edits already: leave data=, edits= and most= out.")
        return _judged(of_atlas(atlas_or_live, sites), limits or atlas_or_live.thresholds)
    live = atlas_or_live.edited(*edits) if edits else atlas_or_live
    if data is None:
        raise ValueError(
            "A live model says how its units are on given inputs: nw.health(live, data), or give an atlas."
        )
    if isinstance(data, Responses):
        if edits or most is not None:
            raise ValueError("These responses were collected without edits= and most=: give them to nw.collect.")
        names = list(data.sites) if sites is None else [site.name for site in live.choose(sites)]
        counted = of_responses(data, names, _bounds(live, data))
    else:
        counted = of_live(live, data, sites, most, seed, progress, overtaken)
    return _judged(counted, limits or Thresholds())


def _check(asked: object) -> None:
    if not isinstance(asked, (AtlasBase, LiveModel)):
        name = type(asked).__name__
        raise TypeError(
            f"{name} is neither an atlas nor a live model: give nw.open_atlas(…), or nw.attach(…) and data."
        )


def _limits(given: Mapping[str, float] | None) -> Thresholds | None:
    if given is None:
        return None
    names = [field.name for field in fields(Thresholds)]
    for name, value in given.items():
        if name not in names:
            raise ValueError(f"thresholds= has {name!r}, which is no threshold; there are {', '.join(names)}.")
        if not 0 <= value <= 1:
            raise ValueError(f"thresholds= are shares from 0 to 1; {name!r} is {value!r}.")
    return Thresholds(**given)


def _bounds(live: LiveModel, responses: Responses) -> dict[str, str]:
    """By site whether its values come out of a tanh or sigmoid; responses do not say."""
    threads = Threads(0, compiled=False)
    sites = [live.sites.resolve(name) for name in responses.sites]
    return {site.name: bound for site, bound in runner_of(live, sites, threads).bounds.items()}


def _judged(counted: Counted, limits: Thresholds) -> Health:
    """The states of all units."""
    import pandas as pd

    empty = [site.site for site in counted.sites if not (site.columns["seen"] + site.columns["nonfinite"]).any()]
    if empty:
        raise ValueError(f"There were no inputs with a value at {', '.join(empty)}: give some to count.")
    frames = [_units(site, limits) for site in counted.sites]
    layers = pd.DataFrame([_layer(site, frame) for site, frame in zip(counted.sites, frames, strict=True)])
    units = pd.concat(frames, ignore_index=True)
    broken = int((units["nonfinite"] > 0).sum())
    notes = counted.notes
    if broken:
        notes += (f"{broken:,} units held values that are not finite; these were left out.",)
    settings = {**counted.provenance.settings, "thresholds": limits.as_dict()}
    provenance = replace(counted.provenance, settings=settings)
    return Health(units, layers, limits.as_dict(), notes, provenance)


def _units(site: SiteCounts, limits: Thresholds) -> pd.DataFrame:
    import pandas as pd

    columns = {name: column.astype(np.float64) for name, column in site.columns.items()}
    seen = columns["seen"]
    state = states(
        seen,
        columns["positive"],
        columns["active"],
        columns["pinned"],
        columns["mean"],
        columns["std"],
        site.bounded,
        limits,
    )
    shares = {}
    for name, count in (("active", "active"), ("density", "positive"), ("pinned", "pinned")):
        shares[name] = columns[count] / np.maximum(seen, 1)
        shares[f"{name}_low"], shares[f"{name}_high"] = share_interval(columns[count], seen)
    return pd.DataFrame(
        {
            "unit": [str(Unit(site.site, index)) for index in range(site.width)],
            "site": site.site,
            "index": np.arange(site.width),
            "state": state,
            "seen": site.columns["seen"],
            **shares,
            "mean": columns["mean"],
            "std": columns["std"],
            "nonfinite": site.columns["nonfinite"],
        }
    )


def _layer(site: SiteCounts, units: pd.DataFrame) -> dict[str, Any]:
    counts = units["state"].value_counts()
    return {
        "site": site.site,
        "units": site.width,
        "seen": int(units["seen"].max()),
        "counted": site.counted,
        "bounded": site.bounded,
        **{state: int(counts.get(state, 0)) for state in STATES},
    }
