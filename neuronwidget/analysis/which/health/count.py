"""Counts of what each unit of a site did: read from an atlas, made while a model runs, or made of responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.analysis.responses.collect import Drawn
from neuronwidget.analysis.responses.reduce import HOW
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.responses.run import run_over
from neuronwidget.analysis.result import Provenance
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.atlas.count.chunk import ChunkSummary
from neuronwidget.atlas.count.counts import COUNTS, Counts
from neuronwidget.atlas.count.moments import MomentTree
from neuronwidget.corpus.documents import Chunk, read_documents
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

_STATE = (*COUNTS, "mean", "std")
_BLOCK = 4096


@dataclass(frozen=True)
class SiteCounts:
    """What is known of a site's units.

    Attributes
    ----------
    site, width
        The site's name, and how many units it has.
    counted
        What was counted, in words: "tokens", "rows".
    bounded
        Do the values come out of a tanh or sigmoid?
    columns
        seen, positive, active, pinned, nonfinite, mean and std: [units] each.
    """

    site: str
    width: int
    counted: str
    bounded: bool
    columns: Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Counted:
    """Sites that were counted, what that rests on, and what should be told with it."""

    sites: list[SiteCounts]
    provenance: Provenance
    notes: tuple[str, ...] = ()


# ---- an atlas --------------------------------------------------------------------------------------------------------


def of_atlas(atlas: AtlasBase, sites: Sequence[str] | None) -> Counted:
    """What an atlas has counted."""
    read: Callable[..., dict[str, NDArray[Any]]] | None = getattr(atlas, "read", None)
    if "state" in atlas.lacks or read is None:
        lacks = atlas.lacks.get("state", "This atlas has no counts.")
        raise ValueError(f"{lacks} Give the live model and inputs: nw.health(live, data).")
    table = atlas.sites
    chosen = list(table) if sites is None else list(dict.fromkeys(map(table.resolve, sites)))
    counts = [
        SiteCounts(
            site.name,
            site.width,
            _words(atlas.input, site.per_token or atlas.map_of(site.name) is not None),
            atlas.is_bounded(site.name),
            read(site.name, _STATE),
        )
        for site in chosen
    ]
    return Counted(counts, Provenance.of_atlas(atlas, None, sites=[site.name for site in chosen]))


# ---- a live model ----------------------------------------------------------------------------------------------------


class CountSink:
    """A sink that counts what sites do on one chunk, as a scan counts it, and keeps no exemplars.

    `bounds`: of sites whose values come straight out of a tanh or sigmoid.
    """

    on_device = True  # values are counted where they are

    def __init__(self, chunk: Chunk, sites: Sequence[Site], bounds: Mapping[Site, str]) -> None:
        self.chunk, self._bounds = chunk, bounds
        self.by_site = {site: _blank(site.width, chunk.number) for site in sites}

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        self.by_site[site].add(values, batch, _ALONE, self._bounds.get(site))


#: Counts with torch, in the thread of the pass: compiled loops would first have to be compiled.
_ALONE = Threads(0, compiled=False)


def _blank(units: int, chunk: int) -> ChunkSummary:
    return ChunkSummary(units, 0, chunk, None, ())


class Totals:
    """Counts and moments of a site over chunks."""

    def __init__(self, units: int) -> None:
        self._units, self._counts, self._moments = units, Counts(units), MomentTree()

    def add(self, chunk: ChunkSummary) -> None:
        self._counts.merge(chunk.counts)
        self._moments.add(chunk.number, chunk.moments())

    def columns(self) -> dict[str, NDArray[Any]]:
        moments = self._moments.total(self._units)
        counts = {name: count.numpy() for name, count in self._counts.by_name.items()}
        return {**counts, "mean": moments.mean.numpy(), "std": moments.variance.sqrt().numpy()}


def of_live(
    live: LiveModel,
    data: Any,
    sites: Sequence[str] | None,
    most: int | None,
    seed: int,
    progress: Callable[[int], object] | None,
    overtaken: Callable[[], bool] | None,
) -> Counted:
    """What the units of a model do on a data set, or on so many inputs of it, over which it is run."""
    chosen, kind = live.choose(sites), kind_of(live.kind)
    cutter = kind.cutter(live.inputs, None, None)
    totals = {site: Totals(site.width) for site in chosen}
    bounds: dict[Site, str] = {}
    documents, digest, drawn = 0, "", Drawn(read_documents(data, cutter), most, seed)
    with run_over(
        live,
        drawn,
        cutter,
        chosen,
        lambda chunk: CountSink(chunk, chosen, bounds),
        overtaken,
        bounds,
    ) as run:
        for chunk, counted in run:
            documents, digest = documents + len(chunk.documents), chunk.digest.hex()
            for site, total in totals.items():
                total.add(counted.by_site[site])
            if progress is not None:
                progress(documents)
    counts = [
        SiteCounts(site.name, site.width, _words(live.kind, bool(site.axes)), site in bounds, total.columns())
        for site, total in totals.items()
    ]
    described = {"documents": documents, "digest": digest}
    drew = seed if drawn.words else None
    origin = Provenance.of_live(live, data=described, seed=drew, sites=[site.name for site in chosen])
    return Counted(counts, origin, (f"Counted were {drawn.words}.",) if drawn.words else ())


# ---- responses -------------------------------------------------------------------------------------------------------


def of_responses(responses: Responses, names: Sequence[str], bounds: Mapping[str, str]) -> Counted:
    """What units did in responses: each row, or with how="none" each position of it, counts once."""
    if len(HOW[responses.how]) > 1:
        raise ValueError(
            f"These responses are {responses.how!r}, which is not one number a unit: collect them with another how=."
        )
    counts = []
    for name in names:
        rows = responses.of(name)
        site = responses.sites[name]
        total = Totals(site.width)
        for number, (_, block) in enumerate(rows.blocks(_BLOCK)):
            summary = _blank(site.width, number)
            values = torch.from_numpy(np.ascontiguousarray(block)).view(len(block), -1, site.width)
            summary.add(values, _batch(*values.shape[:2]), _ALONE, bounds.get(name))
            total.add(summary)
        kind = responses.inputs.kind
        counted = _words(kind, bool(site.axes) and responses.how == "none")
        counts.append(SiteCounts(name, site.width, counted, name in bounds, total.columns()))
    several = [name for name in names if responses.sites[name].axes]
    notes: tuple[str, ...] = ()
    if several and responses.how != "none":
        notes = (f"Of {', '.join(several)} each input counts once, by the {responses.how} over its positions.",)
    return Counted(counts, responses.provenance, notes)


def _batch(inputs: int, positions: int) -> Batch:
    """Rows as the counting takes them."""
    numbers = torch.arange(inputs, dtype=torch.int32)
    hashes = torch.zeros(inputs, positions, dtype=torch.int64)
    return Batch(numbers, numbers, [positions] * inputs, 0, hashes, shared=frozenset())


def _words(kind: str, several: bool) -> str:
    """What the values of a site are counted by: one an input, or `several`."""
    of_kind = kind_of(kind)
    if several:
        return of_kind.places
    return of_kind.counted if of_kind.whole else "documents"
