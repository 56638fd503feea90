"""The work on one site: from responses to points, clusters, their stability, and the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.patterns.beside import Beside, agreement
from neuronwidget.analysis.patterns.density.cluster import Clusters, Labels, Settings
from neuronwidget.analysis.patterns.describe import averages, by_pattern, markers, strongest
from neuronwidget.analysis.patterns.maps import draw_map
from neuronwidget.analysis.patterns.place import Placer
from neuronwidget.analysis.patterns.result import Patterns
from neuronwidget.analysis.patterns.space import Extent, Floats, fit_space
from neuronwidget.analysis.patterns.stability import Stability, stability
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.result import Provenance

if TYPE_CHECKING:
    import pandas as pd

_HALF = 0.5


class Work:
    """Work on the patterns of one site.

    Attributes
    ----------
    chosen
        The places of the inputs that the patterns are found in, in the order of the responses.
    rows
        Their rows [inputs, columns]; `scaled`, `points`: the same as they are compared.
    """

    def __init__(self, responses: Responses, site: str, settings: Settings, scale: str, most: int, seed: int) -> None:
        self.responses, self.site, self.settings, self.seed = responses, site, settings, seed
        rows = responses.of(site)
        _check(len(rows), rows.shape[1], site, settings, most)
        extent = Extent.of(responses, site)
        if len(extent.differ) < 2:
            raise ValueError(
                f"Only one unit of {site} differs between these inputs: a pattern is what several units do together."
            )
        self.chosen = np.arange(len(rows))
        if len(rows) > most:
            self.chosen = np.sort(np.random.default_rng(seed).permutation(len(rows))[:most])
        self.rows = rows[self.chosen]
        self.scale = extent.scale(responses.how, scale, responses.sites[site].width)
        self.space = fit_space(self.rows, extent, self.scale, seed)
        self.scaled = self.space.scaled(self.rows)
        self.points: Floats = self.space.points(self.rows)

    @property
    def labels(self) -> list[str | None]:
        """Names of the chosen inputs' labels."""
        return [self.responses.labels[place] for place in self.chosen]

    def judged(self, draws: int, step: Callable[[], None]) -> tuple[Clusters, Stability]:
        """The patterns, the most stable first, and how well each comes back."""
        clusters = self.settings.clusters(self.points)
        step()
        held = stability(self.points, clusters.labels, self.settings, draws, self.seed, step)
        order = np.argsort(-held.mean, kind="stable")
        return clusters.ordered(order), Stability(held.draws[:, order], held.repeats[order])

    def result(
        self,
        clusters: Clusters,
        held: Stability,
        projection: str,
        null: Beside | None,
        twin: Beside | None,
        provenance: Provenance,
    ) -> Patterns:
        """The result: patterns, inputs, the map, and what stands beside them."""
        responses = self.responses
        placer = self._placer(clusters, projection)
        inputs = self._inputs(placer)
        labels = inputs["pattern"].to_numpy(np.int64)
        marking = markers(responses, self.site, self.rows, clusters.labels, self.scale, self.seed)
        table = self._found(labels, held, null)
        return Patterns(
            self.site,
            responses.how,
            inputs,
            table.join(strongest(marking, len(table))),
            marking,
            averages(responses.inputs, labels),
            null,
            twin,
            agreement(labels, responses.labels),
            self._sample(),
            placer,
            responses.inputs,
            provenance,
        )

    def _sample(self) -> str:
        all_of, fitted = len(self.responses), len(self.chosen)
        words = [self.responses.sample] if self.responses.sample else []
        if fitted < all_of:
            words.append(
                f"found in {fitted:,} of {all_of:,} inputs, drawn with seed {self.seed}; the rest was assigned to them"
            )
        return "; ".join(words)

    def _placer(self, clusters: Clusters, projection: str) -> Placer:
        drawn = draw_map(self.points, projection, self.seed)
        return Placer(
            self.site,
            self.responses.how,
            self.space,
            self.points.astype(np.float32),
            self.responses.documents[self.chosen],
            clusters,
            drawn.places,
            drawn.middle,
            drawn.axes,
            self.settings.neighbours,
        )

    def _inputs(self, placer: Placer) -> pd.DataFrame:
        """A row an input: those that the patterns were found in, and those that are assigned to them."""
        import pandas as pd

        responses, count = self.responses, len(self.responses)
        labels: Labels = np.full(count, -1)
        membership, outlier, places = np.zeros(count), np.ones(count), np.zeros((count, 2))
        fitted = np.zeros(count, bool)
        fitted[self.chosen] = True
        clusters = placer.clusters
        labels[self.chosen], membership[self.chosen] = clusters.labels, clusters.membership
        outlier[self.chosen], places[self.chosen] = clusters.outlier, placer.map
        field = placer.field
        for start, block in responses.of(self.site).blocks():
            at = np.nonzero(~fitted[start : start + len(block)])[0]
            if len(at):
                points = self.space.points(block[at])
                assigned = field.assign(points, _NEAREST_ON_MAP)
                at += start
                labels[at], membership[at], outlier[at] = assigned.labels, assigned.membership, assigned.outlier
                places[at] = placer.onto_map(points, assigned)
        columns: dict[str, Any] = {
            "document": responses.documents,
            "name": responses.names,
            "pattern": labels,
            "membership": membership,
            "outlier": outlier,
            "x": places[:, 0],
            "y": places[:, 1],
            "fitted": fitted,
        }
        if any(label is not None for label in responses.labels):
            columns["label"] = pd.Series(responses.labels, dtype=object)
        if responses.predictions is not None:
            columns["prediction"] = pd.Series(responses.predictions, dtype=object)
        return pd.DataFrame(columns)

    def _found(self, labels: Labels, held: Stability, null: Beside | None) -> pd.DataFrame:
        """A row a pattern."""
        import pandas as pd

        count = held.draws.shape[1]
        low, high = np.percentile(held.draws, [2.5, 97.5], axis=0) if count else (np.zeros(0), np.zeros(0))
        inputs: NDArray[np.int64] = np.bincount(labels[labels >= 0], minlength=count)
        share = inputs / max(1, len(labels))
        return pd.DataFrame(
            {
                "pattern": np.arange(count),
                "inputs": inputs,
                "share": share,
                "stability": held.mean,
                "low": low,
                "high": high,
                "repeats": held.repeats,
                "null": np.full(count, float("nan") if null is None else null.stability),
                "holds": held.holds,
                "largest": share > _HALF,
                "label": pd.Series(by_pattern(self.responses.labels, labels, count), dtype=object),
                "prediction": pd.Series(by_pattern(self.responses.predictions, labels, count), dtype=object),
            }
        )


_NEAREST_ON_MAP = 8


def _check(inputs: int, columns: int, site: str, settings: Settings, most: int) -> None:
    """Refuse what no patterns can be made of."""
    if settings.smallest < 2 or settings.neighbours < 1:
        raise ValueError("smallest= is at least 2 and neighbours= at least 1: a pattern is more than one input.")
    least = 2 * max(settings.smallest, settings.neighbours + 1) + 1
    for number, what in ((inputs, "There are {:,} inputs"), (most, "most= lets {:,} inputs make the patterns")):
        if number < least:
            raise ValueError(
                f"{what.format(number)}, and patterns of at least {settings.smallest} need {least} or more, so that "
                "they can be found again in half of them."
            )
    if columns < 2:
        raise ValueError(f"{site} has one unit: a pattern is what several units do together.")
