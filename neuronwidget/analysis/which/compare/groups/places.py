"""Places in inputs as groups: of each input the places that have a concept, and as many that have another or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.analysis.predicates.predicate import Example, Flags, Predicate
from neuronwidget.analysis.responses.kept import KeptBuilder, opener
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.responses.run import run_over
from neuronwidget.analysis.responses.store import RowsBuilder
from neuronwidget.analysis.result import Provenance
from neuronwidget.analysis.which.compare.groups.input_groups import Ask, InputGroups
from neuronwidget.analysis.which.compare.groups.pool import Pool
from neuronwidget.corpus.documents import Chunk, read_documents
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.corpus.sources import Item
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

#: Of each group at most so many places of an input are looked at.
PLACES = 8
#: By the name of a group the places that were drawn.
Drawn = dict[str, NDArray[np.int64]]


def marked_groups(
    live: LiveModel, concepts: Mapping[str, Predicate], entries: Iterable[tuple[int, Any, Item]], ask: Ask
) -> InputGroups:
    """Places with one concept as a group, and places with each other one; of one concept alone: those without it.

    An input has a row of each group: the mean over its places there, as many in each, drawn at random. So that a unit
    differs between the groups only where it differs within inputs, and not because some inputs have more of them.
    """
    names = tuple(concepts) if len(concepts) > 1 else (next(iter(concepts)), f"not {next(iter(concepts))}")
    sites = [site for site in live.choose(ask.sites) if site.per_token or site.grid is not None]
    flat = [site.name for site in live.choose(ask.sites) if site not in sites]
    if not sites:
        raise ValueError(
            f"{', '.join(flat)} have one position an input, in which no place can be told from another: name sites "
            "that have more, or give a function that says True or False of the whole input."
        )
    pool, source, missing = Pool(["inputs"], ask.most, ask.seed), np.random.default_rng(ask.seed), 0
    for number, content, item in entries:
        example = Example(content, number)
        places = {sort: _drawn(live, site, concepts, names, example, source) for sort, site in _by_sort(sites).items()}
        if all(places.values()):
            pool.add("inputs", Item(_Marked(item.content, places), item.id))
        else:
            missing += 1
    taken = [item for _, item in pool.taken()]
    marked: list[_Marked] = [item.content for item in taken]
    listed = [Item(one.content, item.id) for one, item in zip(marked, taken, strict=True)]

    def run(model: LiveModel, where: Sequence[str]) -> Responses:
        return _run(model, listed, marked, model.choose(where), names, ask)

    responses = run(live, [site.name for site in sites])
    notes = [f"Of each input up to {PLACES} places of each group were drawn, as many of one as of the other."]
    notes += pool.notes
    if missing:
        notes.append(f"{missing:,} inputs without places of each group were left out.")
    if flat:
        notes.append(f"{', '.join(flat)} have one position an input, and were left out.")
    return InputGroups(names, responses, tuple(notes), within=True, again=run)


@dataclass(frozen=True)
class _Marked:
    """An input with the places that were drawn of it, by the sort of positions that a site has."""

    content: Any
    places: dict[Any, Drawn]


def _by_sort(sites: Sequence[Site]) -> dict[Any, Site]:
    """One site of each sort of positions."""
    return {_sort(site): site for site in sites}


def _sort(site: Site) -> Any:
    """What positions a site has: those of texts are the same everywhere, those of pictures by their grid."""
    return (site.layout.positions, site.grid) if site.layout is not None else None


def _drawn(
    live: LiveModel,
    site: Site,
    concepts: Mapping[str, Predicate],
    names: Sequence[str],
    example: Example,
    source: np.random.Generator,
) -> Drawn:
    """As many places of each group; empty where one group has none, or where nobody looked."""
    marks: list[Flags] = []
    for concept in concepts.values():
        flags = concept.marks(live, site, example)
        if flags is None:
            return {}
        marks.append(flags)
    if len(marks) == 1:
        marks.append(~marks[0])
    alone = np.sum(marks, 0) == 1
    places = [np.flatnonzero(mark & alone) for mark in marks]
    count = min(PLACES, *(len(one) for one in places))
    if not count:
        return {}
    return {name: np.sort(source.choice(one, count, False)) for name, one in zip(names, places, strict=True)}


class _PlaceRows:
    """A sink: of each input of a chunk the mean over the places of each group, at each site."""

    def __init__(self, chunk: Chunk, marked: Sequence[_Marked], names: Sequence[str]) -> None:
        self.chunk, self._marked, self._names = chunk, marked, names
        self._sums: dict[Site, Tensor] = {}
        self._seen: dict[Site, Tensor] = {}

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        inputs = len(self.chunk.documents)
        sums = self._sums.setdefault(site, torch.zeros(inputs, len(self._names), values.shape[2], dtype=torch.float64))
        seen = self._seen.setdefault(site, torch.zeros(inputs, len(self._names)))
        for row, (ordinal, length) in enumerate(zip(batch.ordinals.tolist(), batch.lengths, strict=True)):
            window = self.chunk.windows[ordinal - self.chunk.first_window]
            drawn = self._marked[window.document].places[_sort(site)]
            place = window.document - self.chunk.first_document
            for group, name in enumerate(self._names):
                at = drawn[name] - window.start
                at = at[(at >= batch.skip) & (at < length)]
                sums[place, group] += values[row, torch.from_numpy(at)].double().sum(0)
                seen[place, group] += len(at)

    def rows(self, site: Site) -> NDArray[np.float32]:
        """[inputs of the chunk × groups, units]: rows of one input behind each other."""
        means = self._sums[site] / self._seen[site][:, :, None].clamp_min(1)
        rows: NDArray[np.float32] = means.float().flatten(0, 1).numpy()
        return rows


def _run(
    live: LiveModel,
    items: Sequence[Item],
    marked: Sequence[_Marked],
    sites: Sequence[Site],
    names: Sequence[str],
    ask: Ask,
) -> Responses:
    """The rows of all inputs, and what is needed to show them."""
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    kept, built, digest, read = KeptBuilder(live, cutter), {site: RowsBuilder() for site in sites}, b"", 0

    def sink(chunk: Chunk) -> _PlaceRows:
        return _PlaceRows(chunk, marked, names)

    with run_over(live, read_documents(items, cutter), cutter, sites, sink, ask.overtaken) as run:
        for chunk, rows in run:
            numbers = range(read, read + len(chunk.documents))
            kept.add(chunk, range(len(chunk.documents)), list(numbers))
            for site in sites:
                built[site].add(rows.rows(site))
            read, digest = read + len(chunk.documents), chunk.digest
            if ask.progress is not None:
                ask.progress(read)
    inputs = kept.inputs()
    site_names = [site.name for site in sites]
    return Responses(
        {site.name: built[site].rows(site.width) for site in sites},
        {site.name: site for site in sites},
        "mean",
        np.repeat(np.arange(read), len(names)),
        np.repeat(np.array(inputs.entries["id"], object), len(names)).tolist(),
        [*names] * read,
        None,
        inputs,
        {},
        read,
        "",
        Provenance.of_live(live, data={"documents": read, "digest": digest.hex()}, seed=ask.seed, sites=site_names),
        items,
        opener(live, list(items)),
    )
