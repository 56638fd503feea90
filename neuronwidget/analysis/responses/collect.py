"""Collects responses: one run over a data set, in which each input becomes one row at each site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.responses.kept import KeptBuilder, opener
from neuronwidget.analysis.responses.predictions import AnswerSite, answer_site
from neuronwidget.analysis.responses.reduce import ChunkRows, check_how
from neuronwidget.analysis.responses.reservoir import Reservoir
from neuronwidget.analysis.responses.responses import Responses, checked_labels
from neuronwidget.analysis.responses.run import run_over
from neuronwidget.analysis.responses.store import RowsBuilder
from neuronwidget.analysis.result import Provenance
from neuronwidget.corpus.documents import Chunk, read_documents
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel


def collect(
    live: LiveModel,
    data: Any,
    sites: Sequence[str] | None = None,
    *,
    how: str = "mean",
    labels: Iterable[Any] | None = None,
    most: int | None = None,
    predictions: bool = True,
    lengths: bool = False,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> Responses:
    """What sites do on each input of a data set, from one run over it.

    Questions to a data set (`nw.patterns`, `nw.groups`) take what this gives in the place of the data, so that several
    of them, or of several sites, need one run.

    Parameters
    ----------
    data
        Texts, pictures or rows, as `nw.scan` takes them.
    sites
        Names of sites; None for the default ones.
    how
        What the positions of an input come to for each unit: "mean", "max", "last", "active" (the share of them above
        zero), two numbers ("mean+std", "min+max", "mean+max"), or "none": each position stays apart, where all inputs
        have as many.
    labels
        One for each input; by default those that the data has.
    most
        At most so many inputs are run, drawn by `seed`; None for all.
    predictions
        Also what the model says of each input, which it then runs through as a whole.
    lengths
        Also how long the vectors of each site's positions are, as `responses.lengths`.
    progress
        Called with the number of inputs that were run. `overtaken`: asked while the model runs; True ends it.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("cancer")
    >>> responses = nw.collect(live, live.inputs.rows, ["dense.0"])
    >>> responses.values["dense.0"].shape[1] == live.sites["dense.0"].width
    True
    """
    check_how(how)
    if edits:
        live = live.edited(*edits)
    chosen = live.choose(sites)
    answer = answer_site(live) if predictions else None
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    source: Iterable[Any] = read_documents(data, cutter)
    if labels is not None:
        labels = list(labels)
        if hasattr(data, "__len__"):
            checked_labels(labels, len(data))
        source = read_documents(data, cutter, labels=labels)
    drawn = Drawn(source, most, seed)
    built = _Built(chosen, how, answer, KeptBuilder(live, cutter), lengths)
    wanted = built.wanted

    def sink(chunk: Chunk) -> ChunkRows:
        return ChunkRows(chunk, wanted, lengths)

    with run_over(live, drawn, cutter, list(wanted), sink, overtaken) as run:
        for _, rows in run:
            built.add(rows, drawn.numbers)
            if progress is not None:
                progress(len(built.numbers))
    return built.responses(live, data, drawn, seed)


class Drawn:
    """The documents of a source, or so many of them, drawn at random; `numbers`: of those that came, `read`: of all."""

    def __init__(self, source: Iterable[Any], most: int | None, seed: int) -> None:
        self._source, self._most, self._seed = source, most, seed
        self.numbers: list[int] = []
        self.read = 0

    def __iter__(self) -> Iterator[Any]:
        if self._most is None:
            for number, document in enumerate(self._source):
                self.numbers.append(number)
                self.read = number + 1
                yield document
            return
        keys = np.random.default_rng(self._seed)
        held = Reservoir[Any](self._most)
        for number, document in enumerate(self._source):
            self.read = number + 1
            held.add(float(keys.random()), number, document)
        for number, document in held.taken():
            self.numbers.append(number)
            yield document

    @property
    def words(self) -> str:
        if self._most is None or self.read <= self._most:
            return ""
        return f"{self._most:,} of {self.read:,} inputs, drawn with seed {self._seed}"


class _Built:
    """What was taken in of the chunks so far."""

    def __init__(
        self, sites: Sequence[Site], how: str, answer: AnswerSite | None, kept: KeptBuilder, measured: bool
    ) -> None:
        self.sites, self.how, self._answer, self._kept = list(sites), how, answer, kept
        self.wanted: dict[Site, list[str]] = {site: [how] for site in sites}
        if answer is not None and answer.how not in self.wanted.setdefault(answer.site, []):
            self.wanted[answer.site].append(answer.how)
        self.numbers: list[int] = []
        self._rows = {site: RowsBuilder() for site in sites}
        self._lengths: dict[Site, list[float]] = {site: [] for site in sites} if measured else {}
        self._said: list[str] = []
        self._digest = b""

    def add(self, rows: ChunkRows, numbers: Sequence[int]) -> None:
        """The rows of one chunk; `numbers`: of all documents so far, in the data."""
        chunk, present = rows.chunk, rows.present
        own = [numbers[chunk.first_document + place] for place in present]
        self._digest = chunk.digest
        self.numbers += own
        self._kept.add(chunk, present, own)
        for site in self.sites:
            self._rows[site].add(rows.rows(site, self.how))
            if site in self._lengths:
                self._lengths[site] += rows.lengths(site, self.how)
        if self._answer is not None and present:
            self._said += self._answer.names(rows.rows(self._answer.site, self._answer.how))

    def responses(self, live: LiveModel, data: Any, drawn: Drawn, seed: int) -> Responses:
        """All of it."""
        inputs = self._kept.inputs()
        described = {"documents": len(self.numbers), "digest": self._digest.hex()}
        names = [site.name for site in self.sites]
        original = opener(live, data)
        return Responses(
            {site.name: self._rows[site].rows(site.width) for site in self.sites},
            {site.name: site for site in self.sites},
            self.how,
            np.array(self.numbers, np.int64),
            inputs.entries["id"].tolist(),
            inputs.entries["label"].tolist(),
            self._said if self._answer is not None else None,
            inputs,
            {site.name: float(np.mean(each or [0.0])) for site, each in self._lengths.items()},
            drawn.read,
            drawn.words,
            Provenance.of_live(live, data=described, seed=seed, sites=names, how=self.how),
            None if original is None else data,
            original,
        )
