"""Question about groups: the units of which sites, and the rows of the data that answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.groups.products import Numbers
from neuronwidget.analysis.groups.sources import of_atlas, of_positions, of_responses
from neuronwidget.analysis.groups.stream import Block
from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.result import Provenance
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site, SiteTable

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

#: What a row may be: a position of an input, or what an input comes to.
HOW = ("positions", "mean", "max", "last")


class Asked:
    """Sites and rows that groups are asked of.

    Attributes
    ----------
    sites
        Where units are looked at, beside each other.
    how
        What a row is: one of `HOW`.
    atlas
        The atlas that is the data, where that is one.
    notes
        What of the data should be told with the answer.
    """

    def __init__(
        self, live: LiveModel | None, data: Any, site: str | Sequence[str] | None, how: str | None, seed: int
    ) -> None:
        self.live, self.data, self.seed = live, data, seed
        self.atlas = data if isinstance(data, AtlasBase) else None
        self._described: dict[str, Any] = {}
        self.notes: list[str] = []
        self.sites = self._sites(site)
        units = sum(one.width for one in self.sites)
        if units < 2:
            raise ValueError(f"{self.sites[0].name} has one unit, which makes no group: name a site that has more.")
        if self.atlas is not None:
            self.how = "positions"
        elif isinstance(data, Responses):
            self.how = data.how
            if self.how not in HOW:
                raise ValueError(
                    f"These responses are {self.how!r}, which is not one number a unit: collect them with "
                    f"how= one of {', '.join(HOW[1:])}."
                )
        else:
            assert live is not None
            self.how = how or ("mean" if kind_of(live.kind).whole else "positions")

    def _sites(self, site: str | Sequence[str] | None) -> list[Site]:
        names = None if site is None else [site] if isinstance(site, str) else list(site)
        if self.atlas is not None:
            table: SiteTable = self.atlas.sites
            return list(table) if names is None else list(dict.fromkeys(map(table.resolve, names)))
        if isinstance(self.data, Responses):
            there = self.data.sites
            resolve = (lambda name: there[name]) if self.live is None else self.live.sites.resolve
            return list(there.values()) if names is None else list(dict.fromkeys(map(resolve, names)))
        if self.live is None:
            raise TypeError("nw.groups(live, data, site) needs the live model, unless data is an atlas or responses.")
        return self.live.choose(names)

    def blocks(self, progress: Callable[[int], object] | None, overtaken: Callable[[], bool] | None) -> Iterator[Block]:
        """The rows, a block at a time."""
        names = [one.name for one in self.sites]
        if self.atlas is not None:
            self.notes.append("The rows are the atlas' sample: up to 10 places of each of up to 50 inputs.")
            self._described.update(self.atlas.origin().data)
            return of_atlas(self.atlas, self.sites)
        if isinstance(self.data, Responses):
            self._described.update(self.data.provenance.data)
            return of_responses(self.data, names)
        if self.how == "positions":
            return of_positions(self.live, self.data, self.sites, progress, overtaken, self._described)
        assert self.live is not None
        responses = collect(
            self.live, self.data, names, how=self.how, predictions=False, progress=progress, overtaken=overtaken
        )
        self._described.update(responses.provenance.data)
        return of_responses(responses, names)

    @property
    def where(self) -> str:
        """The sites in words."""
        return ", ".join(site.name for site in self.sites)

    def names(self) -> tuple[list[str], Numbers]:
        """The site and the number there of each unit."""
        sites = [one.name for one in self.sites for _ in range(one.width)]
        return sites, np.concatenate([np.arange(one.width) for one in self.sites])

    def provenance(self, **settings: Any) -> Provenance:
        """What an answer to it rests on."""
        if self.live is not None:
            return Provenance.of_live(self.live, data=self._described, seed=self.seed, **settings)
        if self.atlas is not None:
            return Provenance.of_atlas(self.atlas, None, seed=self.seed, **settings)
        origin: Provenance = self.data.provenance
        return Provenance(
            origin.model, origin.weights, origin.data, settings, self.seed, origin.edits, dict(origin.versions)
        )
