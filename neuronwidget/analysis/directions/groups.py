"""Two groups of documents, each in halves: one makes directions, the other judges them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.directions.separation import Floats, auroc
from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

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
    """What two groups of documents do at some sites; `making` and `judging`: numbers of the documents of each half."""

    a: Responses
    b: Responses
    making: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]
    judging: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]

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
        """Run the model over both groups, and draw halves of each."""
        if at not in AT:
            raise ValueError(f"at= is one of {', '.join(AT)}, not {at!r}.")
        chosen = [site.name for site in sites]
        a = collect(live, docs_a, chosen, how=at, predictions=False, progress=progress, overtaken=overtaken)
        beyond = progress and (lambda read: progress(len(a) + read))
        b = collect(live, docs_b, chosen, how=at, predictions=False, progress=beyond, overtaken=overtaken)
        source, making, judging = np.random.default_rng(seed), [], []
        for name, group in (("docs_a", a), ("docs_b", b)):
            if len(group.names) < _LEAST:
                raise ValueError(
                    f"{name} has {len(group.names)} documents that say something; {_LEAST} are needed at least, half "
                    "of them to judge what the others make."
                )
            order = source.permutation(len(group.names))
            making.append(np.sort(order[: len(order) // 2]))
            judging.append(np.sort(order[len(order) // 2 :]))
        return cls(a, b, (making[0], making[1]), (judging[0], judging[1]))

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


def vectors(group: Responses, site: Site) -> Floats:
    """One vector a document of a group: float64 [documents, units]."""
    return np.asarray(group.values[site.name][:], np.float64)
