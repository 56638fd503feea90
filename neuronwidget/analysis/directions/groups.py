"""Two groups of documents, each in halves: one makes directions, the other judges them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.directions.separation import Floats, auroc
from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.responses.same import content_codes, in_several
from neuronwidget.analysis.words import counted
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

Numbers = NDArray[np.int64]
#: What can stand for a document.
AT = ("mean", "last")
#: How often the groups are shuffled, to see what chance gives.
SHUFFLES = 200
_LEAST = 4


@dataclass(frozen=True)
class Line:
    """A direction [units], and the middle [units] between the means that it goes through."""

    vector: Floats
    middle: Floats

    @classmethod
    def between(cls, ones: Floats, others: Floats) -> Line:
        """Line from the mean of some documents [documents, units] to that of others; `ones` lie at its head."""
        head, foot = ones.mean(0), others.mean(0)
        return cls(head - foot, (head + foot) / 2)

    def scores(self, vectors: Floats) -> Floats:
        """How far along it documents [documents, units] lie, in units of the site."""
        length = float(np.linalg.norm(self.vector))
        scores: Floats = (vectors - self.middle) @ self.vector / (length or 1.0)
        return scores


@dataclass(frozen=True)
class Groups:
    """What two groups of documents do at some sites.

    `making`, `judging`: numbers of the documents of each half, of a and of b. `notes`: what should be told of them.
    """

    a: Responses
    b: Responses
    making: tuple[Numbers, Numbers]
    judging: tuple[Numbers, Numbers]
    notes: tuple[str, ...] = ()

    @classmethod
    def read(
        cls,
        live: LiveModel,
        docs_a: Any,
        docs_b: Any,
        sites: list[Site],
        at: str,
        seed: int,
        progress: Callable[[int], object] | None = None,
        overtaken: Callable[[], bool] | None = None,
    ) -> Groups:
        """Run the model over both groups, and draw halves of each.

        Documents that are in both groups are left out; those of one group that read the same are in one half.
        """
        if at not in AT:
            raise ValueError(f"at= is one of {', '.join(AT)}, not {at!r}.")
        chosen = [site.name for site in sites]
        collected = partial(collect, how=at, predictions=False, lengths=True, overtaken=overtaken)
        a = collected(live, docs_a, chosen, progress=progress)
        beyond = progress and (lambda read: progress(len(a) + read))
        b = collected(live, docs_b, chosen, progress=beyond)
        codes = content_codes(a, b)
        shared = in_several(codes, ["a"] * len(a) + ["b"] * len(b))
        notes, source, groups, making, judging = _left_out(int(shared.sum())), np.random.default_rng(seed), [], [], []
        for name, group, here in (("docs_a", a, slice(0, len(a))), ("docs_b", b, slice(len(a), None))):
            own = ~shared[here]
            distinct = len(np.unique(codes[here][own]))
            if distinct < _LEAST:
                same = " and do not read the same" if distinct < own.sum() else ""
                raise ValueError(
                    f"{name} has {distinct} documents that say something{same}; {_LEAST} are needed at least, half of "
                    f"them to judge what the others make.{''.join(f' {note}' for note in notes)}"
                )
            groups.append(group if own.all() else group.only(group.documents[own]))
            makes = _drawn(codes[here][own], source)
            making.append(np.flatnonzero(makes))
            judging.append(np.flatnonzero(~makes))
        return cls(groups[0], groups[1], (making[0], making[1]), (judging[0], judging[1]), notes)

    def made(self, site: Site) -> tuple[Floats, Floats]:
        """The vectors of the documents that make a direction."""
        return vectors(self.a, site)[self.making[0]], vectors(self.b, site)[self.making[1]]

    def held_out(self, site: Site) -> tuple[Floats, Floats]:
        """Those of the documents that judge it."""
        return vectors(self.a, site)[self.judging[0]], vectors(self.b, site)[self.judging[1]]

    def separations_of_shuffled(self, site: Site, seed: int) -> tuple[float, ...]:
        """The same where all documents were put into groups at random, those that judge as well: what chance gives."""
        halves = [*self.made(site), *self.held_out(site)]
        whole, source = np.concatenate(halves), np.random.default_rng(seed)
        ends = np.cumsum([len(half) for half in halves])[:-1]
        areas = []
        for _ in range(SHUFFLES):
            ones, others, judged, rest = np.split(source.permutation(whole), ends)
            line = Line.between(ones, others)
            areas.append(auroc(line.scores(judged), line.scores(rest)))
        return tuple(areas)

    def typical(self, site: Site) -> float:
        """How long the vectors of a site are, in the mean over both groups."""
        return (self.a.lengths[site.name] + self.b.lengths[site.name]) / 2

    def described(self) -> dict[str, Any]:
        """The data in words, for what a result rests on."""
        counts = {"documents": len(self.a.names) + len(self.b.names), "a": len(self.a.names), "b": len(self.b.names)}
        return {**counts, "digest": "".join(group.provenance.data["digest"] for group in (self.a, self.b))}


def _left_out(shared: int) -> tuple[str, ...]:
    """What should be told of documents that are in both groups."""
    if not shared:
        return ()
    return (f"{counted(shared, 'document')} in both groups {'was' if shared == 1 else 'were'} left out.",)


def _drawn(codes: Numbers, source: np.random.Generator) -> NDArray[np.bool_]:
    """Half of some documents at random, those with one code together: [documents]."""
    names, place = np.unique(codes, return_inverse=True)
    makes = np.zeros(len(names), bool)
    makes[source.permutation(len(names))[: len(names) // 2]] = True
    drawn: NDArray[np.bool_] = makes[place]
    return drawn


def vectors(group: Responses, site: Site) -> Floats:
    """One vector a document of a group: float64 [documents, units]."""
    return np.asarray(group.values[site.name][:], np.float64)
