"""Values at single positions of a data set, with whether a concept is there: a sample of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.analysis.predicates.predicate import Example, Flags, Predicate, PredicateError
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.responses.run import run_over
from neuronwidget.corpus.documents import Chunk, read_documents
from neuronwidget.corpus.hashes import hashed
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

if TYPE_CHECKING:
    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

MOST = 100_000
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class MarkedValues:
    """What units do at positions of a data set, and whether a concept is there. Made by `marked_values`.

    Attributes
    ----------
    values
        By name of a site float32 [positions, units that were asked for].
    marked
        Whether the concept is there: bool [positions].
    documents, positions
        Of which input, by its place in the data, and where in it: a token's number, a place in a picture.
    read, seen
        How many inputs and positions there were.
    digest
        A checksum of the inputs.
    seed
        Of the sample.
    """

    values: Mapping[str, NDArray[np.float32]]
    marked: Flags
    documents: Numbers
    positions: Numbers
    read: int
    seen: int
    digest: str
    seed: int

    @property
    def sample(self) -> str:
        """Which positions these are, in words; "" where they are all."""
        if self.seen <= len(self.marked):
            return ""
        return f"{len(self.marked):,} of {self.seen:,} positions, drawn with seed {self.seed}"


def marked_values(
    live: LiveModel,
    data: Any,
    sites: Mapping[str, Sequence[int] | None],
    predicate: Predicate,
    *,
    most: int = MOST,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> MarkedValues:
    """What units do at single positions of a data set, each with whether a concept is there.

    Parameters
    ----------
    data
        Texts, pictures or rows, as `nw.scan` takes them, or responses.
    sites
        Units by name of their site; None for all of a site. Sites must have the same positions.
    predicate
        The concept. Inputs of which it says None are left out.
    most
        So many positions are kept at most. All that there are have the same chance, whatever their input: which ones
        follows from `seed`, the number of the input and the place in it alone. What is held at any time does not grow
        with the data.
    progress
        Called with the number of inputs that were run. `overtaken`: asked while the model runs; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("code")
    >>> comment = nw.python_tokens("comment")
    >>> result = marked_values(live, ["x = 1  # one"], {"state.1": [92]}, comment)
    >>> result.values["state.1"].shape, int(result.marked.sum())
    ((12, 1), 5)
    """
    if edits:
        live = live.edited(*edits)
    columns = {live.sites.resolve(name): _columns(units) for name, units in sites.items()}
    _same_positions(list(columns))
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    numbers: Iterable[int] = count()
    if isinstance(data, Responses):
        numbers = data.documents.tolist()
        data = map(data.input, numbers)  # one after the other: they need not be in memory together
    source = zip(numbers, read_documents(data, cutter), strict=False)
    documents = _MarkedDocuments(source, live, next(iter(columns)), predicate)
    kept = _Kept(list(columns), most)

    def sink(chunk: Chunk) -> _ChunkSample:
        return _ChunkSample(chunk, columns, seed, kept.limit)

    digest = b""
    with run_over(live, documents, cutter, list(columns), sink, overtaken) as run:
        for chunk, sample in run:
            kept.add(sample, documents.of(chunk))
            digest = chunk.digest
            if progress is not None:
                progress(chunk.first_document + len(chunk.documents))
    return kept.values(documents.read, digest.hex(), seed)


def _columns(units: Sequence[int] | None) -> Tensor | None:
    return None if units is None else torch.tensor(list(units), dtype=torch.long)


def _same_positions(sites: Sequence[Site]) -> None:
    shapes = {(site.axis is None, site.layout and (site.layout.positions, site.grid)) for site in sites}
    if len(shapes) > 1:
        raise ValueError(f"{', '.join(site.name for site in sites)} have different positions: ask for one at a time.")


class _MarkedDocuments:
    """Documents as they are read, with their numbers, and of those on their way through the model the marks."""

    def __init__(self, source: Iterable[tuple[int, Any]], live: LiveModel, site: Site, predicate: Predicate) -> None:
        self._source, self._live, self._site, self._predicate = source, live, site, predicate
        self._marks: dict[int, Flags | None] = {}
        self.read = 0

    def __iter__(self) -> Iterator[Any]:
        for place, (number, document) in enumerate(self._source):
            example = Example(document.content, number)
            self._marks[place] = self._predicate.marks(self._live, self._site, example)
            self.read = place + 1
            yield document

    def of(self, chunk: Chunk) -> dict[int, Flags | None]:
        """The marks of a chunk's documents, which are then forgotten here."""
        numbers = range(chunk.first_document, chunk.first_document + len(chunk.documents))
        return {number: self._marks.pop(number) for number in numbers}


class _ChunkSample:
    """A sink: of a chunk's positions those with keys below a limit, with what the sites do there."""

    def __init__(self, chunk: Chunk, columns: Mapping[Site, Tensor | None], seed: int, limit: int) -> None:
        self._chunk, self._columns, self._limit = chunk, columns, limit
        self._start = hashed(torch.tensor(seed))
        self.rows: dict[Site, list[Tensor]] = {site: [] for site in columns}
        #: Of the rows key, document and position.
        self.where: list[Tensor] = []
        self.seen: dict[int, int] = {}

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        columns, first = self._columns[site], next(iter(self._columns)) is site
        for row, (ordinal, length) in enumerate(zip(batch.ordinals.tolist(), batch.lengths, strict=True)):
            window = self._chunk.windows[ordinal - self._chunk.first_window]
            at = torch.arange(batch.skip, length)
            document = torch.tensor(window.document)
            keys = hashed(hashed(document + self._start) + window.start + at)
            kept = keys < self._limit
            some = values[row, batch.skip : length][kept]
            self.rows[site].append((some if columns is None else some[:, columns]).float())
            if first:
                places = window.start + at[kept]
                self.where.append(torch.stack([keys[kept], document.expand(len(places)), places], 1))
                self.seen[window.document] = self.seen.get(window.document, 0) + len(at)


class _Kept:
    """The positions of lowest key so far, twice as many at most as are wanted."""

    def __init__(self, sites: Sequence[Site], most: int) -> None:
        if most < 1:
            raise ValueError(f"most= is a number of positions, one at least, not {most}.")
        self._sites, self._most = sites, most
        self._rows: dict[Site, list[NDArray[np.float32]]] = {site: [] for site in sites}
        self._where: list[Numbers] = []
        self._marked: list[Flags] = []
        self._count = self.seen = 0
        self.limit = int(np.iinfo(np.int64).max)

    def add(self, sample: _ChunkSample, marks: Mapping[int, Flags | None]) -> None:
        """What a chunk gave; positions of inputs in which nobody looked are left out."""
        self.seen += sum(count for number, count in sample.seen.items() if marks[number] is not None)
        where = torch.cat(sample.where).numpy() if sample.where else np.zeros((0, 3), np.int64)
        looked = np.array([marks[number] is not None for number in where[:, 1].tolist()], np.bool_)
        where = where[looked]
        self._marked.append(_marked_at(where, marks))
        self._where.append(where)
        for site in self._sites:
            self._rows[site].append(torch.cat(sample.rows[site]).numpy()[looked] if sample.rows[site] else _none())
        self._count += len(where)
        if self._count > 2 * self._most:
            self._shorten()

    def _shorten(self) -> None:
        where = np.concatenate(self._where)
        if len(where) > self._most:
            lowest = np.argpartition(where[:, 0], self._most - 1)[: self._most]
            self.limit = int(where[lowest, 0].max()) + 1
        else:
            lowest = np.arange(len(where))
        self._where, self._marked = [where[lowest]], [np.concatenate(self._marked)[lowest]]
        for site in self._sites:
            some = [rows for rows in self._rows[site] if rows.size or rows.shape[1]]
            self._rows[site] = [np.concatenate(some)[lowest]] if some else []
        self._count = len(lowest)

    def values(self, read: int, digest: str, seed: int) -> MarkedValues:
        """All that was kept, in the order of the data."""
        self._where.append(np.zeros((0, 3), np.int64))
        self._marked.append(np.zeros(0, np.bool_))
        self._shorten()
        where = self._where[0]
        order = np.lexsort((where[:, 2], where[:, 1]))
        values = {site.name: (self._rows[site] or [_none()])[0][order] for site in self._sites}
        return MarkedValues(
            values, self._marked[0][order], where[order, 1], where[order, 2], read, self.seen, digest, seed
        )


def _none() -> NDArray[np.float32]:
    return np.zeros((0, 0), np.float32)


def _marked_at(where: Numbers, marks: Mapping[int, Flags | None]) -> Flags:
    """Whether the concept is at some positions, [key, document, position] each."""
    marked = np.zeros(len(where), np.bool_)
    for number in np.unique(where[:, 1]).tolist():
        mine = where[:, 1] == number
        flags = marks[number]
        assert flags is not None
        places = where[mine, 2]
        if len(places) and places.max() >= len(flags):
            raise PredicateError(
                f"Input {number} has {len(flags):,} marked places where the model has more: the marks are of another "
                "text or picture."
            )
        marked[mine] = flags[places]
    return marked
