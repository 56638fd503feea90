"""Layer sweep: at which layer a difference holds, and at which steering along it does what it should."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from neuronwidget.analysis.cause.measure import divergence
from neuronwidget.analysis.directions.groups import Groups, Line
from neuronwidget.analysis.directions.separation import auroc, interval
from neuronwidget.analysis.kinds.probe import Probe
from neuronwidget.analysis.kinds.registry import probe_of
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.steps import IsOvertaken, Progress
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.corpus.documents import read_documents
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.capture import stop_if
from neuronwidget.live.edits.edit import BaseEdit, Edit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.model import LiveModel


@dataclass(frozen=True, eq=False, repr=False)
class LayerSweep(Result):
    """Where a difference holds and where steering along it acts. Made by `layer_sweep`.

    Attributes
    ----------
    layers
        site, layer, separation, low, high (AUROC on held-out documents), nearer (how much nearer to what group a says
        steering brings what is said of held-out documents of group b, in nats), random (the largest of that by random
        directions of the same length), of (how many of these).
    strength
        In units of each site's typical length.
    notes
        What should be known of the documents.
    """

    strength: float
    layers: pd.DataFrame
    provenance: Provenance
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> str | None:
        """The site at which steering brings most, above all random directions; None where it does so nowhere."""
        layers = self.layers[(self.layers["nearer"] > self.layers["random"]) & (self.layers["low"] > 0.5)]
        return None if layers.empty else str(layers.loc[layers["nearer"].idxmax(), "site"])

    @property
    def verdict(self) -> str:
        """At which layer to steer."""
        return " ".join([self._best_told(), *self.notes])

    def _best_told(self) -> str:
        how = f"{self.strength:g} × the typical length of the site"
        if self.best is None:
            return f"At no layer does steering by {how} bring b nearer to a than random directions do."
        row = self.layers[self.layers["site"] == self.best].iloc[0]
        return (
            f"Steer at {self.best}: there {how} along the difference brings what the model says of held-out b nearer "
            f"to what it says of a by {row['nearer']:.3g} nats, the best of {row['of']} random directions by "
            f"{row['random']:.3g}; the direction tells a from b with AUROC {row['separation']:.2f}."
        )

    def table(self) -> pd.DataFrame:
        """One row a site."""
        return self.layers

    def chart(self) -> Any:
        """What steering brings at each layer, beside the best of the random directions."""
        import pandas as pd

        alt = altair()
        named = {"nearer": "along the difference", "random": "best random direction"}
        parts = [
            pd.DataFrame({"site": self.layers["site"], "nats": self.layers[name], "direction": words})
            for name, words in named.items()
        ]
        chart = (
            alt.Chart(pd.concat(parts), title=alt.Title("Where to steer", subtitle=self.verdict))
            .mark_line(point=True)
            .encode(
                x=alt.X("site:N", sort=None, title=None),
                y=alt.Y("nats:Q", title="nearer to a (nats)"),
                color=alt.Color("direction:N", title=None, scale=alt.Scale(range=["#d55e00", "#888888"])),
            )
        )
        return themed(chart)


def layer_sweep(
    live: LiveModel,
    docs_a: Any,
    docs_b: Any,
    sites: Sequence[str] | None = None,
    *,
    strength: float = 0.5,
    at: str = "mean",
    documents: int = 8,
    random: int = 20,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Progress | None = None,
    overtaken: IsOvertaken | None = None,
) -> LayerSweep:
    """At which layer to steer from group b to group a.

    At each site half of the documents make a direction (see `difference`). Held-out documents of group b are then run
    with `strength` times the site's typical length along it added at every position; what the model says is compared
    with the mean of what it says of held-out documents of group a. Random directions of the same length are beside it.

    Parameters
    ----------
    sites
        Default: the stream behind each block.
    documents
        How many held-out documents of each group are run with each direction; texts are read to their end.
    random
        How many random directions.
    progress
        Called with the number of sites that are done and of all.

    Examples
    --------
    >>> sweep = nw.layer_sweep(live, comments, code)                         # doctest: +SKIP
    >>> sweep.verdict                                                        # doctest: +SKIP
    """
    docs_a, docs_b = list(docs_a), list(docs_b)
    if edits:
        live = live.edited(*edits)
    chosen = [s for s in live.sites if s.kind == "resid" and not s.call] if sites is None else live.choose(sites)
    if not chosen:
        raise ValueError(f"{live.name} has no stream: name the sites to steer at, sites=[…].")
    groups = Groups.read(live, docs_a, docs_b, chosen, at, seed, None, overtaken)
    (to_a, from_b), rows = _held_out(live, (docs_a, docs_b), groups, documents), []
    goal = torch.stack([_said(live, probe) for probe in to_a]).exp().mean(0).clamp_min(1e-30).log()
    before = _away(live, goal, from_b)
    source = np.random.default_rng(seed)
    for done, site in enumerate(chosen):
        line = Line.between(*groups.made(site))
        nearer = []
        for vector in (line.vector, *source.standard_normal((random, site.width))):
            stop_if(overtaken)
            steered = live.edited(Edit(site.name, _added(vector, strength * groups.typical(site))))
            nearer.append(before - _away(steered, goal, from_b))
        ones, others = (line.scores(vectors) for vectors in groups.held_out(site))
        held = auroc(ones, others), *interval(ones, others, seed)
        rows.append((site.name, site.layer, *held, nearer[0], max(nearer[1:]), random))
        if progress is not None:
            progress(done + 1, len(chosen))
    rests_on = Provenance.of_live(
        live, data=groups.described(), seed=seed, strength=strength, at=at, random=random, documents=documents
    )
    return LayerSweep(strength, _table(rows), rests_on, groups.notes)


def _held_out(live: LiveModel, both: tuple[Any, Any], groups: Groups, most: int) -> list[list[Probe]]:
    """Of each group some documents that took no part in making a direction."""
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    chosen = []
    for docs, group, judging in zip(both, (groups.a, groups.b), groups.judging, strict=True):
        documents = list(read_documents(docs, cutter))
        contents = [documents[int(group.documents[number])].content for number in judging[:most]]
        chosen.append([probe_of(live, content) for content in contents])
    return chosen


def _said(live: LiveModel, probe: Probe) -> Tensor:
    """Logarithms of the probabilities of the outputs for an input."""
    return probe.on(live).outputs(probe.given)


def _away(live: LiveModel, goal: Tensor, inputs: Sequence[Probe]) -> float:
    """How far what is said of some inputs is from the goal, in nats: the mean divergence."""
    return float(np.mean([float(divergence(goal, _said(live, probe))) for probe in inputs]))


def _added(vector: Any, length: float) -> Callable[[Tensor], Tensor]:
    along = torch.from_numpy(np.asarray(vector, np.float32))
    along = along * (length / max(float(along.norm()), 1e-30))
    return lambda rows: rows + along.to(rows.device, rows.dtype)


def _table(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    import pandas as pd

    columns = ["site", "layer", "separation", "low", "high", "nearer", "random", "of"]
    return pd.DataFrame(rows, columns=columns)
