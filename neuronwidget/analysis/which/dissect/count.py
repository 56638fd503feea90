"""Counting over pictures: the values above which a unit counts as on, and how far it then lies over each concept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.analysis.responses.run import run_over
from neuronwidget.analysis.which.dissect.masks import Masks
from neuronwidget.analysis.which.dissect.upsample import Upsampling
from neuronwidget.corpus.documents import Chunk
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
#: So many positions of a unit are held at most to find its threshold.
MOST_POSITIONS = 200_000


class EachPicture:
    """A sink: gives what a site did on each picture, [positions, units], to a function, as the model goes along."""

    def __init__(self, chunk: Chunk, take: Callable[[Site, int, Floats], None]) -> None:
        self._take = take

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        for rows, place in zip(values, batch.documents.tolist(), strict=True):
            self._take(site, place, rows.float().numpy())


@dataclass
class Pictures:
    """Pictures of a data set that are run through a model, some of them at a time."""

    live: LiveModel
    cutter: Any
    document: Callable[[int], Any]
    progress: Callable[[], None]
    overtaken: Callable[[], bool] | None

    def run(self, sites: Sequence[Site], chosen: Numbers, take: Callable[[Site, int, Floats], None]) -> None:
        """`take` gets site, number of the picture, and [positions, units], in any order and from several threads."""

        def documents() -> Iterator[Any]:
            for number in chosen.tolist():
                self.progress()
                yield self.document(number)

        def told(site: Site, place: int, rows: Floats) -> None:
            take(site, int(chosen[place]), rows)

        with run_over(
            self.live, documents(), self.cutter, sites, lambda chunk: EachPicture(chunk, told), self.overtaken
        ) as run:
            for _ in run:
                pass


def thresholds(
    pictures: Pictures, sites: Sequence[Site], chosen: Numbers, rate: float, seed: int
) -> dict[Site, Floats]:
    """Thresholds T of the units of each site, with P(a > T) = `rate` over positions of the chosen pictures.

    Where there are more positions than `MOST_POSITIONS`, over as many of each picture, drawn by `seed`.
    """
    each = max(1, MOST_POSITIONS // max(1, len(chosen)))
    held: dict[Site, dict[int, Floats]] = {site: {} for site in sites}

    def take(site: Site, number: int, rows: Floats) -> None:
        rows = rows[site.layout.lead :] if site.layout is not None else rows
        if len(rows) > each:
            rows = rows[np.random.default_rng([seed, number]).choice(len(rows), each, replace=False)]
        held[site][number] = rows.copy()

    pictures.run(sites, chosen, take)
    stacked = {site: np.concatenate([rows for _, rows in sorted(parts.items())]) for site, parts in held.items()}
    return {
        site: np.quantile(rows, 1 - rate, axis=0, method="higher").astype(np.float32) for site, rows in stacked.items()
    }


@dataclass
class Overlap:
    """Pixels that units and concepts have in common, over pictures that are annotated: [draws, units, concepts] each.

    Draw 0 are the masks as they are; in the others each picture has the masks of another one.
    """

    both: NDArray[np.float64]
    either: NDArray[np.float64]
    lock: Any = field(repr=False)

    @property
    def iou(self) -> NDArray[np.float64]:
        """Intersection over union; 0 where there is neither."""
        return np.divide(self.both, self.either, out=np.zeros_like(self.both), where=self.either > 0)


@dataclass
class Counter:
    """Counts overlaps of a site's units with concepts, picture by picture.

    `others` [draws, pictures]: whose masks each picture has, by draw; the first row are its own.
    """

    site: Site
    above: Floats
    upsampling: Upsampling
    masks: Masks
    others: Numbers
    overlap: Overlap
    #: Of each picture what draw 0 gave: both and either [units, concepts], and the largest value of each unit.
    heard: Callable[[int, Floats, Floats, Floats], None] | None = None

    def add(self, number: int, rows: Floats) -> None:
        """One picture: [positions, units]."""
        on = (self.upsampling(rows) > self.above).reshape(-1, len(self.above)).astype(np.float32)
        whose = self.others[:, number].tolist()
        masks = np.concatenate([self.masks.of(other) for other in whose], axis=1)  # [pixels, draws * concepts]
        looked = self.masks.looked[whose].astype(np.float32)[:, None]  # [draws, 1, concepts]
        shape = len(whose), len(self.above), len(self.masks.names)
        both = (on.T @ masks).reshape(shape[1], shape[0], shape[2]).swapaxes(0, 1) * looked
        either = (on.sum(0)[:, None] + masks.sum(0).reshape(shape[0], 1, shape[2])) * looked - both
        with self.overlap.lock:
            self.overlap.both += both
            self.overlap.either += either
        if self.heard is not None:
            self.heard(number, both[0], either[0], rows[self.upsampling.lead :].max(0))


def counted(pictures: Pictures, counters: Mapping[Site, Counter], chosen: Numbers) -> None:
    """Runs pictures through the model, and counts at all sites."""
    pictures.run(list(counters), chosen, lambda site, number, rows: counters[site].add(number, rows))
