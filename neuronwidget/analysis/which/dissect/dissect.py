"""Network Dissection: finds units of pictures that are on where masks say that a concept is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.responses.numbered import numbered
from neuronwidget.analysis.result import Provenance
from neuronwidget.analysis.scores.corrected import q_values
from neuronwidget.analysis.scores.halves import halves
from neuronwidget.analysis.scores.intervals import bootstrap
from neuronwidget.analysis.which.dissect.count import Counter, Floats, Numbers, Overlap, Pictures, counted, thresholds
from neuronwidget.analysis.which.dissect.masks import Masks, read_masks
from neuronwidget.analysis.which.dissect.outlines import outlined
from neuronwidget.analysis.which.dissect.result import Dissection
from neuronwidget.analysis.which.dissect.upsample import Upsampling
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.edits.edit import BaseEdit
    from neuronwidget.live.model import LiveModel

_FEWEST, _LEVEL = 8, 0.05
#: Of so many found units pictures are kept, and so many of each.
_SHOWN, _EACH = 8, 4
#: So many pictures are kept as they were read, to be run three times.
_KEPT = 4096


def dissect(
    live: LiveModel,
    images: Any,
    masks: Mapping[str, Any],
    sites: Sequence[str] | None = None,
    *,
    categories: Mapping[str, str] | None = None,
    rate: float = 0.005,
    least: float = 0.04,
    draws: int = 39,
    edits: Sequence[BaseEdit] = (),
    seed: int = 0,
    progress: Callable[[int, int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> Dissection:
    """Which units are on where a concept is: Network Dissection.

    A unit is on above the value T with P(a > T) = `rate` over all positions. Its map is laid over the picture, each
    value at the middle of what it looks at; IoU is what unit and concept have in common over what either has, summed
    over all pictures that are annotated for the concept's category: being on in such a picture without the concept is
    an error. T and the concept of each unit are chosen on one half of the pictures, and IoU is reported on the other,
    beside what it is when each picture has the masks of another one.

    Parameters
    ----------
    images
        Pictures, as `nw.scan` takes them, in a list or an array; also what `nw.collect` gave.
    masks
        By concept what `nw.predicate_of` takes: bool [pictures, height, width], a list of masks with None for pictures
        in which nobody looked, a function picture → mask. A mask spans the picture as the model sees it.
    sites
        Names of sites whose units lie over the picture; None for all such default ones.
    categories
        The category of each concept, where a picture that is annotated for one concept of a category is so for all of
        them; without it each concept is a category of its own.
    least
        From which IoU on a unit is reported.
    draws
        How many permutations of the masks: q ≤ .05 for a single unit takes 20 at least.
    progress
        Called with the passes that were made, and all.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> dissection = nw.dissect(live, pictures, {"disc": discs, "bar": bars})                    # doctest: +SKIP
    >>> dissection.table().head()                                                                # doctest: +SKIP
    """
    edited = live.edited(*edits) if edits else live
    places = [site for site in edited.choose(sites) if site.grid is not None and site.grid != (1, 1)]
    if not places:
        raise ValueError(
            f"None of {', '.join(site.name for site in edited.choose(sites))} lies over a picture: choose sites of "
            "pictures that have more than one position, such as convolutions (live.sites)."
        )
    cutter = kind_of(edited.kind).cutter(edited.inputs, None, None)
    source = numbered(images, cutter) or numbered(list(images), cutter)
    assert source is not None
    if source.count < _FEWEST:
        raise ValueError(f"{source.count} pictures are too few to choose on one half and report on the other.")
    document = cache(source.one) if source.count <= _KEPT else source.one
    read = read_masks(masks, categories, source.count, lambda number: document(number).content)
    first, second = (np.flatnonzero(half) for half in halves(np.arange(source.count), seed=seed))
    done = _Steps(progress, 2 * len(first) + len(second))
    pictures = Pictures(edited, cutter, document, done.step, overtaken)
    above = thresholds(pictures, places, first, rate, seed)
    maker, even = _CounterMaker(read, seed, draws, source.count), []
    counters: dict[Site, Counter] = {}
    for site in places:
        upsampling = Upsampling.of(edited, site, read.size)
        even += [] if upsampling.anchored else [site.name]
        counters[site] = maker.counter(site, above[site], upsampling, first)
    counted(pictures, counters, first)
    chosen = {site: counter.overlap.iou.argmax(2) for site, counter in counters.items()}
    in_sample = {site: counter.overlap.iou[0] for site, counter in counters.items()}
    held: dict[Site, _HeldOut] = {}
    for site, counter in counters.items():
        held[site] = _HeldOut(chosen[site][0], second)
        counters[site] = maker.counter(site, counter.above, counter.upsampling, second, held[site].add)
    counted(pictures, counters, second)
    units = _units(counters, chosen, in_sample, held, read, least, seed)
    provenance = Provenance.of_live(
        edited, data={"documents": source.count}, seed=seed, sites=[s.name for s in places], concepts=read.names,
        categories=read.categories, rate=rate, least=least, draws=draws,
    )  # fmt: skip
    shown = _pictures(pictures, units, counters, held, read)
    return Dissection(units, _concepts(units, read), least, rate, tuple(even), shown, provenance)


class _Steps:
    """Tells how many passes were made."""

    def __init__(self, progress: Callable[[int, int], object] | None, total: int) -> None:
        self._progress, self._done, self._total = progress, 0, total

    def step(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)


class _CounterMaker:
    """Makes counters whose draws of other masks are the same at all sites."""

    def __init__(self, masks: Masks, seed: int, draws: int, count: int) -> None:
        self._masks, self._source, self._draws, self._count = masks, seed, draws, count

    def counter(self, site: Site, above: Floats, upsampling: Upsampling, chosen: Numbers, heard: Any = None) -> Counter:
        """For some pictures; in each draw these have each other's masks."""
        others = np.zeros((1 + self._draws, self._count), np.int64)
        source = np.random.default_rng([self._source, int(chosen[0])])
        for draw, row in enumerate(others):
            row[chosen] = chosen if draw == 0 else source.permutation(chosen)
        shape = 1 + self._draws, site.width, len(self._masks.names)
        overlap = Overlap(np.zeros(shape), np.zeros(shape), threading.Lock())
        return Counter(site, above, upsampling, self._masks, others, overlap, heard)


class _HeldOut:
    """Of each held-out picture what each unit has in common with its concept, and its largest value."""

    def __init__(self, concepts: Numbers, chosen: Numbers) -> None:
        self._concepts, self._place = concepts, {number: place for place, number in enumerate(chosen.tolist())}
        self.numbers = chosen
        self.both, self.either, self.peak = (np.zeros((len(chosen), len(concepts)), np.float32) for _ in range(3))

    def add(self, number: int, both: Floats, either: Floats, peak: Floats) -> None:
        place, units = self._place[number], np.arange(len(self._concepts))
        self.both[place], self.either[place] = both[units, self._concepts], either[units, self._concepts]
        self.peak[place] = peak


def _units(
    counters: Mapping[Site, Counter],
    chosen: Mapping[Site, Numbers],
    in_sample: Mapping[Site, NDArray[np.float64]],
    held: Mapping[Site, _HeldOut],
    masks: Masks,
    least: float,
    seed: int,
) -> pd.DataFrame:
    """One row a unit, the largest IoU first."""
    import pandas as pd

    frames, chance = [], []
    for site, counter in counters.items():
        units, reported = np.arange(site.width), counter.overlap.iou
        told = np.take_along_axis(reported, chosen[site][:, :, None], 2)[:, :, 0]  # [draws, units]
        chance.append(told[1:].ravel())
        own = held[site]
        low, high = bootstrap(np.concatenate([own.both, own.either], axis=1), _iou, seed=seed)
        concept = chosen[site][0]
        frames.append(
            pd.DataFrame(
                {
                    "site": site.name,
                    "unit": [str(site.unit(unit)) for unit in units.tolist()],
                    "concept": [masks.names[number] for number in concept],
                    "category": [masks.categories[number] for number in concept],
                    "effect": told[0],
                    "low": low,
                    "high": high,
                    "in_sample": in_sample[site][units, concept],
                    "threshold": counter.above.astype(np.float64),
                }
            )
        )
    frame, null = pd.concat(frames, ignore_index=True), np.sort(np.concatenate(chance))
    reached = len(null) - np.searchsorted(null, frame["effect"])
    frame["p"] = (1 + reached) / (1 + len(null))
    frame["q"], frame["searched"] = q_values(frame["p"]), len(frame)
    frame["null"] = float(np.quantile(null, 0.95)) if len(null) else 0.0
    frame["found"] = (frame["effect"] >= least) & (frame["q"] <= _LEVEL)
    return frame.sort_values("effect", ascending=False, kind="stable").reset_index(drop=True)


def _iou(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of sums [draws, both and either of all units] the IoU of each unit."""
    both, either = np.split(sums, 2, axis=1)
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)


def _concepts(units: pd.DataFrame, masks: Masks) -> pd.DataFrame:
    """One row a concept."""
    import pandas as pd

    entries = []
    for number, (name, share) in enumerate(zip(masks.names, masks.share, strict=True)):
        own = units[units["concept"] == name]
        those = own[own["found"]]
        best = "" if own.empty else str(own["unit"].iloc[0])
        iou = float("nan") if own.empty else float(own["effect"].iloc[0])
        looked = int(masks.looked[:, number].sum())
        entries.append((name, masks.categories[number], looked, share, len(those), best, iou))
    return pd.DataFrame(entries, columns=["concept", "category", "pictures", "share", "units", "best", "iou"])


def _pictures(
    pictures: Pictures,
    units: pd.DataFrame,
    counters: Mapping[Site, Counter],
    held: Mapping[Site, _HeldOut],
    masks: Masks,
) -> pd.DataFrame:
    """Of the best units that were found the held-out pictures in which they are strongest."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    wanted: dict[tuple[str, int], list[dict[str, Any]]] = {}
    sites = {site.name: site for site in counters}
    for unit in units[units["found"]].head(_SHOWN).to_dict("records"):
        own = held[sites[unit["site"]]]
        index = int(unit["unit"].rpartition(":")[2])
        for rank, place in enumerate(np.argsort(-own.peak[:, index], kind="stable")[:_EACH].tolist()):
            number = int(own.numbers[place])
            row = {"unit": unit["unit"], "concept": unit["concept"], "rank": rank + 1, "document": number}
            rows.append({**row, "value": float(own.peak[place, index]), "image": ""})
            wanted.setdefault((unit["site"], number), []).append(rows[-1])
    numbers = np.array(sorted({number for _, number in wanted}), np.int64)

    def take(site: Site, number: int, values: Floats) -> None:
        counter = counters[site]
        for row in wanted.get((site.name, number), []):
            index = int(row["unit"].rpartition(":")[2])
            on = counter.upsampling(values)[:, :, index] > counter.above[index]
            mask = masks.of(number)[:, masks.names.index(row["concept"])].reshape(masks.size) > 0
            row["image"] = outlined(_seen(pictures, number), mask, on)

    if len(numbers):
        pictures.run([sites[name] for name in dict.fromkeys(name for name, _ in wanted)], numbers, take)
    return pd.DataFrame(rows, columns=["unit", "concept", "rank", "document", "value", "image"])


def _seen(pictures: Pictures, number: int) -> NDArray[np.uint8]:
    """A picture as the model sees it, small: uint8 [height, width, 1 or 3]."""
    prepared = pictures.live.inputs.prepare(pictures.document(number).content)
    small: NDArray[np.uint8] = pictures.cutter.small(prepared)
    return small
