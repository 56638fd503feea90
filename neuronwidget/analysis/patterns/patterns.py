"""Neural activation patterns: which inputs a site treats alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.patterns.beside import beside, null, steps
from neuronwidget.analysis.patterns.density.cluster import METHODS, Settings
from neuronwidget.analysis.patterns.maps import PROJECTIONS, umap
from neuronwidget.analysis.patterns.result import Patterns, with_responses
from neuronwidget.analysis.patterns.space import SCALES
from neuronwidget.analysis.patterns.work import Work
from neuronwidget.analysis.responses.asked import responses_of
from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.step_count import StepCount

if TYPE_CHECKING:
    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel


def patterns(
    live: LiveModel,
    data: Any,
    site: str,
    *,
    how: str | None = None,
    method: str = "eom",
    smallest: int = 5,
    neighbours: int = 5,
    scale: str = "unit",
    projection: str = "pca",
    labels: Iterable[Any] | None = None,
    most: int = 10_000,
    bootstraps: int = 20,
    nulls: int = 1,
    twin: LiveModel | Responses | None = None,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int, int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> Patterns:
    """Which inputs a site treats alike: neural activation patterns, with what says whether there are any.

    Each input becomes one row (`how`), each unit is divided by its largest value, more than 64 columns are brought to
    20 principal axes, and what lies close together there (HDBSCAN) is a pattern. A pattern holds if it comes back when
    inputs are left out and in halves that share none; beside it stands the same of columns that were permuted apart.

    Parameters
    ----------
    data
        Texts, pictures or rows as `nw.scan` takes them, or what `nw.collect` made of them: then nothing is run.
    how
        What the positions of an input come to ("mean" by default): see `nw.collect`.
    method
        "eom", where no pattern may have more than a quarter of the inputs; "leaf": the finest groups, as published.
    smallest, neighbours
        How many inputs make a pattern at least, and how many others must be near for a place to be dense.
    scale
        "unit": each over its own largest value; "layer": all over the largest of all, as published for flat layers.
    projection
        Of the map: "pca", or "umap" where umap-learn is installed.
    labels
        One for each input; by default those that the data has.
    most
        At most so many inputs, drawn by `seed`, make the patterns; the rest is assigned to them.
    bootstraps, nulls
        How many draws of 80 % of the inputs, and how many sets of permuted columns.
    twin
        The untrained model, or its responses, to stand beside.
    progress
        Called with steps done and steps in all; the first is the run over the data, and `nw.collect` tells of that.
        `overtaken`: asked between them; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("cancer")
    >>> result = nw.patterns(live, live.inputs.rows, "dense.0", bootstraps=2)
    >>> len(result.inputs) == len(live.inputs.rows)
    True
    """
    for name, value, choices in (
        ("method", method, METHODS),
        ("scale", scale, SCALES),
        ("projection", projection, PROJECTIONS),
    ):
        if value not in choices:
            raise ValueError(f"{name}= is one of {', '.join(choices)}, not {value!r}.")
    if projection == "umap":
        umap()  # where it is not installed, that is said before the work
    if bootstraps < 2:
        raise ValueError("bootstraps= is at least 2: without draws nothing tells a pattern from chance.")
    if edits:
        live = live.edited(*edits)
    name = live.sites.resolve(site).name
    twin_steps = 0 if twin is None else steps(bootstraps, 0)
    step = StepCount(2 + steps(bootstraps, nulls) + twin_steps, progress, overtaken)
    responses = responses_of(live, data, [name], how, "mean", labels=labels, seed=seed, overtaken=overtaken)
    step()
    settings = Settings(method, smallest, neighbours)
    work = Work(responses, name, settings, scale, most, seed)
    clusters, held = work.judged(bootstraps, step)
    permuted = null(work.space, work.scaled, settings, nulls, bootstraps, seed, step)
    untrained = None
    if twin is not None:
        there = _of_twin(twin, responses, name, overtaken)
        other = Work(there, name, settings, scale, most, seed)
        untrained = beside(there.provenance.model, other.points, settings, bootstraps, seed, step, work.labels)
    asked = {"site": name, "how": responses.how, "scale": scale, "projection": projection, "most": most}
    asked |= {"method": method, "smallest": smallest, "neighbours": neighbours}
    asked |= {"bootstraps": bootstraps, "nulls": nulls, "twin": None if untrained is None else untrained.words}
    made_of = replace(responses.provenance, settings=asked, seed=seed)
    result = work.result(clusters, held, projection, permuted, untrained, made_of)
    step()
    return with_responses(result, responses)


def _of_twin(
    twin: LiveModel | Responses, responses: Responses, site: str, overtaken: Callable[[], bool] | None
) -> Responses:
    """What the untrained twin does on the same inputs."""
    if not isinstance(twin, Responses):
        if responses.source is None:
            raise ValueError("The data is gone once it was read: give it as a list, or twin=nw.collect(twin, data, …).")
        how = responses.how
        twin = collect(twin, responses.source, [site], how=how, predictions=False, overtaken=overtaken)
        if responses.sample:
            twin = twin.only(responses.documents)
    if not np.array_equal(twin.documents, responses.documents):
        raise ValueError("The twin's responses are of other inputs: collect them from the same data.")
    return twin
