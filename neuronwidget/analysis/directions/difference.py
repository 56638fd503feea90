"""Difference: the direction from one group of inputs to another, judged on documents that had no part in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.analysis.directions.groups import Groups, Line, vectors
from neuronwidget.analysis.directions.separation import Floats, auroc, interval
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

_LEVEL = 0.05


@dataclass(frozen=True, eq=False, repr=False)
class Difference(Result):
    """The direction from group b to group a at a site. Made by `difference`; `nw.Steer(site, found, 1.0)` takes it.

    Attributes
    ----------
    site, vector
        The mean of group a minus that of group b over the documents that it was made of: float32 [units of the site].
    documents
        document, group, held_out, score: each document's place along the direction, 0 in the middle of the two means.
    separation, low, high
        AUROC of the score on held-out documents, and its interval.
    shuffled
        The same where documents were put into the groups at random.
    agreement
        Cosine with the direction that the held-out documents would give.
    typical
        How long the vectors of the site are, in the mean.
    notes
        What should be known of the documents, such as how many are in both groups and were left out.
    """

    site: str
    vector: np.ndarray[Any, Any]
    documents: pd.DataFrame
    separation: float
    low: float
    high: float
    shuffled: tuple[float, ...]
    agreement: float
    typical: float
    provenance: Provenance
    notes: tuple[str, ...] = ()

    @property
    def direction(self) -> Tensor:
        """The direction as a tensor [units of the site]."""
        return torch.from_numpy(self.vector.copy())

    @property
    def p(self) -> float:
        """How often shuffled groups separate as well as these: the level of a permutation test."""
        return (1 + sum(other >= self.separation for other in self.shuffled)) / (1 + len(self.shuffled))

    @property
    def separates(self) -> bool:
        """Does it tell held-out documents apart, and better than shuffled groups do?"""
        return self.low > 0.5 and self.p <= _LEVEL

    @property
    def verdict(self) -> str:
        """How well the direction tells held-out documents apart, beside what shuffled groups give."""
        held = int(self.documents["held_out"].sum())
        score = f"AUROC {self.separation:.2f} (95 % {self.low:.2f} to {self.high:.2f})"
        beside = f"shuffled groups reach that in {self.p:.1%} of draws"
        if self.separates:
            sentence = f"At {self.site} the direction tells a from b in {held} held-out documents: {score}; {beside}."
        else:
            sentence = f"No difference that holds at {self.site}: {score} in {held} held-out documents; {beside}."
        return " ".join([sentence, *self.notes])

    def table(self) -> pd.DataFrame:
        """The held-out documents by score: document, group, score."""
        held = self.documents[self.documents["held_out"]].drop(columns="held_out")
        return held.sort_values("score", ascending=False, kind="stable").reset_index(drop=True)

    def chart(self) -> Any:
        """Where the held-out documents of both groups lie along the direction."""
        alt = altair()
        chart = (
            alt.Chart(self.table(), title=alt.Title(f"Along the difference at {self.site}", subtitle=self.verdict))
            .mark_tick(thickness=2)
            .encode(x="score:Q", y=alt.Y("group:N", title=None), color=alt.Color("group:N", legend=None))
            .properties(width=420)
        )
        return themed(chart)


def difference(
    live: LiveModel,
    docs_a: Any,
    docs_b: Any,
    site: str,
    *,
    at: str = "mean",
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> Difference:
    """The direction at a site from what group b does to what group a does, with how well it holds.

    Half of each group's documents, drawn by `seed`, make the direction: the difference of their means. The other half
    judge it. Beside it stands what comes of the same when all documents are put into groups at random, 200 times.
    Documents that are in both groups are left out, and that is said.

    Parameters
    ----------
    docs_a, docs_b
        Documents as `nw.scan` takes them: texts, pictures or rows; four of each at least.
    at
        What stands for a document: the "mean" over its positions, or its "last" one.
    progress
        Called with the number of documents that were read.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> live = nw.demo("code")
    >>> comments, code = [f"# a note, {n}" for n in range(8)], [f"x = {n}" for n in range(8)]
    >>> difference = nw.difference(live, comments, code, "resid.1")
    >>> difference.separation, difference.separates
    (1.0, True)
    """
    if edits:
        live = live.edited(*edits)
    place = live.sites.resolve(site)
    groups = Groups.read(live, docs_a, docs_b, [place], at, seed, progress, overtaken)
    line = Line.between(*groups.made(place))
    ones, others = (line.scores(half) for half in groups.held_out(place))
    low, high = interval(ones, others, seed)
    return Difference(
        place.name,
        line.vector.astype(np.float32),
        _table(groups, place, line),
        auroc(ones, others),
        low,
        high,
        groups.separations_of_shuffled(place, seed),
        _cosine(line.vector, Line.between(*groups.held_out(place)).vector),
        groups.typical(place),
        Provenance.of_live(live, data=groups.described(), seed=seed, site=place.name, at=at),
        groups.notes,
    )


def _table(groups: Groups, site: Site, line: Line) -> pd.DataFrame:
    """Every document with its group, its half and its score."""
    import pandas as pd

    parts = []
    for name, group, judging in (("a", groups.a, groups.judging[0]), ("b", groups.b, groups.judging[1])):
        held_out = np.isin(np.arange(len(group.names)), judging)
        columns = {"document": group.names, "group": name, "held_out": held_out}
        parts.append(pd.DataFrame({**columns, "score": line.scores(vectors(group, site))}))
    return pd.concat(parts, ignore_index=True)


def _cosine(one: Floats, other: Floats) -> float:
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0
