"""Patch grid: how much of the difference between two inputs one position of one layer carries."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import Tensor

from neuronwidget.analysis.cause.measure import Metric, metric_of
from neuronwidget.analysis.kinds.probe import Probe
from neuronwidget.analysis.kinds.registry import probe_of
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.steps import IsOvertaken, Progress, Step, Steps, done_again, to_the_end
from neuronwidget.analysis.theme import altair, themed
from neuronwidget.live.edits.edit import BaseEdit, Edit
from neuronwidget.live.resume import Resume
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.model import LiveModel

#: A difference smaller than this share of the metric is none.
_NOTHING = 1e-6
#: So many sites at each end are named in the verdict.
_TOLD = 3


@dataclass(frozen=True, eq=False, repr=False)
class PatchGrid(Result):
    """How much of the difference between two inputs comes back, by layer and position. Made by `patch_grid`.

    Attributes
    ----------
    metric, clean, corrupted
        By what the two inputs are compared, in words, and what it is on each of them.
    cells
        site, layer, position, name, recovered: 0 for nothing, 1 for all of the difference.
    """

    metric: str
    clean: float
    corrupted: float
    cells: pd.DataFrame
    provenance: Provenance

    @property
    def best(self) -> pd.DataFrame:
        """The cell of each site that brings most back, in the order of the sites."""
        cells = self.cells.dropna(subset=["recovered"])
        rows = cells.loc[cells.groupby("site", sort=False)["recovered"].idxmax()]
        return rows.reset_index(drop=True)

    @property
    def verdict(self) -> str:
        """Where in each layer most of it comes back, and how much at most anywhere else."""
        between = f"of the difference in {self.metric} ({self.corrupted:.3g} → {self.clean:.3g})"
        best = self.best
        if best.empty:
            return f"No cell gave a number {between}."
        places = set(zip(best["site"], best["position"], strict=True))
        others = [
            recovered
            for site, position, recovered in self.cells[["site", "position", "recovered"]].itertuples(index=False)
            if (site, position) not in places and recovered == recovered
        ]
        told = [
            f"{site} {recovered:.0%} at position {position} ({name!r})"
            for site, position, name, recovered in best[["site", "position", "name", "recovered"]].itertuples(
                index=False
            )
        ]
        if len(told) > 2 * _TOLD:
            told = [*told[:_TOLD], "…", *told[-_TOLD:]]
        rest = f"; nowhere else more than {max(others):.0%}" if others else ""
        weak = "No single place carries it. " if best["recovered"].max() < 0.5 else ""
        return f"{weak}What a patch brings back {between}: {', '.join(told)}{rest}."

    def table(self) -> pd.DataFrame:
        """One row a cell: site, layer, position, name, recovered."""
        return self.cells

    def chart(self) -> Any:
        """Layers × positions, coloured by how much comes back."""
        alt = altair()
        cells = self.cells.assign(
            place=[f"{p} {n}" for p, n in zip(self.cells["position"], self.cells["name"], strict=True)]
        )
        sites = list(dict.fromkeys(cells["site"]))
        chart = (
            alt.Chart(cells, title=alt.Title("What a patch brings back", subtitle=self.verdict))
            .mark_rect()
            .encode(
                x=alt.X("place:N", title="position", sort=list(dict.fromkeys(cells["place"]))),
                y=alt.Y("site:N", title=None, sort=sites[::-1]),
                color=alt.Color(
                    "recovered:Q", scale=alt.Scale(scheme="blueorange", domain=[-1, 1], clamp=True), title="recovered"
                ),
                tooltip=["site:N", "position:Q", "name:N", alt.Tooltip("recovered:Q", format=".1%")],
            )
        )
        return themed(chart)


def patch_grid(
    live: LiveModel,
    clean: Any,
    corrupted: Any,
    metric: Metric = None,
    site: str | Sequence[str] = "resid",
    *,
    edits: Sequence[BaseEdit] = (),
    progress: Progress | None = None,
    overtaken: IsOvertaken | None = None,
) -> PatchGrid:
    """Which position of which layer carries the difference between two inputs.

    The model reads the corrupted input again and again; each time one position of one layer is given what it did on the
    clean one. What comes back of the difference in `metric` is drawn as layers × positions. What lies before a layer
    is run once for all of its positions.

    Parameters
    ----------
    clean, corrupted
        Two inputs of one size: texts of as many tokens, pictures, rows.
    metric
        An output by name or number (the logarithm of its probability), a pair of outputs (the difference), or a
        function of the logarithms of all outputs' probabilities, a tensor [outputs]. None: the clean input's most
        probable output against the corrupted one's.
    site
        A kind of site ("resid", "mlp", "attn", "conv"), of which every layer is patched, or names of sites.
    progress
        Called with the number of cells that are done and of all.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> grid = nw.patch_grid(nw.demo("code"), 'x = "ab', "x = [ab")
    >>> grid.cells.loc[grid.cells["recovered"].idxmax(), "position"]          # doctest: +SKIP
    """
    live = live.edited(*edits) if edits else live
    return to_the_end(patch_grid_steps(live, clean, corrupted, metric, site, overtaken), progress, overtaken)


def patch_grid_steps(
    live: LiveModel,
    clean: Any,
    corrupted: Any,
    metric: Metric = None,
    site: str | Sequence[str] = "resid",
    overtaken: IsOvertaken | None = None,
) -> Steps[PatchGrid]:
    """`patch_grid`, a cell a step."""
    probe, other = probe_of(live, clean), probe_of(live, corrupted)
    _check_sizes(probe, other)
    whole, broken = probe.outputs(probe.given), other.outputs(other.given)
    named = metric_of(live, metric, whole, broken)
    best, worst = named.of(whole), named.of(broken)
    if not math.isfinite(best - worst) or abs(best - worst) <= _NOTHING * max(abs(best), abs(worst)):
        raise ValueError(f"Both inputs give the same {named.name} ({best:.4g}): there is no difference to bring back.")
    cells, resume = _cells(live, probe, other, _sites(live, site)), Resume(live)
    for done, cell in enumerate(cells):
        if cell.row is not None:
            patched = live.edited(Edit(cell.site.name, cell.patch))
            outputs = yield from done_again(partial(other.resumed, resume, patched, overtaken))
            cell.recovered = (named.of(outputs) - worst) / (best - worst)
        yield Step(done + 1, len(cells))
    where = site if isinstance(site, str) else list(site)
    return PatchGrid(named.name, best, worst, _table(cells), Provenance.of_live(live, metric=named.name, site=where))


@dataclass
class _Cell:
    """One position of one site: what the clean input did there, None where the corrupted one does the same."""

    site: Site
    position: int
    name: Any
    row: Tensor | None
    recovered: float = 0.0

    def patch(self, rows: Tensor) -> Tensor:
        """The site's rows with what it did there on the clean input."""
        assert self.row is not None
        rows[self.position] = self.row.to(rows.device, rows.dtype)
        return rows


def _check_sizes(clean: Probe, corrupted: Probe) -> None:
    ones, others = len(clean.names), len(corrupted.names)
    if ones != others:
        raise ValueError(
            f"The clean input has {ones} {clean.parts} and the corrupted one {others}: a position of the one stands "
            "for the same position of the other, so they must have as many."
        )


def _sites(live: LiveModel, site: str | Sequence[str]) -> list[Site]:
    """All sites of a kind, from the first layer to the last; or those that are named."""
    if isinstance(site, str):
        kind = [each for each in live.sites if each.kind == site and not each.call]
        if kind:
            return sorted(kind, key=lambda each: each.layer)
        site = [site]
    return live.choose(site)


def _cells(live: LiveModel, clean: Probe, corrupted: Probe, sites: Sequence[Site]) -> list[_Cell]:
    cells = []
    for site in sites:
        ones, others = clean.values(clean.given, site).clone(), corrupted.values(corrupted.given, site).clone()
        if ones.shape != others.shape:
            raise ValueError(
                f"{site.name} has {len(ones)} positions on the clean input and {len(others)} on the other."
            )
        for position, (one, other) in enumerate(zip(ones, others, strict=True)):
            same = bool((one == other).all())
            cells.append(_Cell(site, position, _name(site, position, clean, corrupted), None if same else one))
    return cells


def _name(site: Site, position: int, clean: Probe, corrupted: Probe) -> str:
    """What stands at a position; both tokens where they differ."""
    if site.layout is not None:
        return str(site.layout.places[position])
    if not site.per_token:
        return "(whole input)"
    one, other = str(clean.names[position]), str(corrupted.names[position])
    return one if one == other else f"{one} → {other}"


def _table(cells: Sequence[_Cell]) -> pd.DataFrame:
    import pandas as pd

    rows = [(c.site.name, c.site.layer, c.position, c.name, c.recovered) for c in cells]
    table = pd.DataFrame(rows, columns=["site", "layer", "position", "name", "recovered"])
    return table.replace([np.inf, -np.inf], np.nan)
