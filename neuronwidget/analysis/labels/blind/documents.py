"""Documents that candidates come from: those of an atlas, its unit's exemplars among them, or of other data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.responses.numbered import items_of
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.corpus.documents import Cut, Cutter
from neuronwidget.corpus.sources import Item
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

#: So many windows of a document are run: more of one document than of many says less.
WINDOWS = 2


def of_atlas(live: LiveModel, atlas: AtlasBase, unit: Unit, most: int, seed: int) -> tuple[list[Item], list[set[int]]]:
    """Documents of an atlas as items, and the tokens at which the unit's exemplars peak in each.

    Up to `most` in all: those of the exemplars first, which a rare unit has no others than, and others at random.
    """
    if "document" in atlas.lacks or atlas.size[0] is None:
        raise ValueError("This atlas does not keep whole documents: give the data, data=.")
    if atlas.input != live.kind:
        raise ValueError(f"The atlas is of {atlas.kind.counted}, and {live.name} reads {live.kind}s.")
    _check_whole_pictures(live, atlas)
    exemplars = atlas.exemplars(unit)
    exemplars = exemplars[exemplars["group"] != "quantiles"]
    peaks: dict[int, set[int]] = {}
    for document, position in zip(exemplars["document"], exemplars["position"].fillna(0), strict=True):
        peaks.setdefault(int(document), set()).add(int(position))
    shown = list(peaks)[: most // 2]
    rest = np.setdiff1d(np.arange(atlas.size[0]), shown)
    drawn = np.random.default_rng([seed, 1]).permutation(rest)[: most - len(shown)]
    numbers = sorted([*shown, *drawn.tolist()])
    return list(items_of(atlas, numbers)), [peaks.get(number, set()) for number in numbers]


def further_end(atlas: AtlasBase, unit: Unit) -> str:
    """The end of a unit's values that lies further from the middle one, "top" or "bottom", over all of the atlas."""
    histogram = atlas.histogram(unit)
    counts = histogram["count"].to_numpy(np.float64).cumsum()
    if not len(counts):
        return "top"
    place = int(np.searchsorted(counts, counts[-1] / 2))
    middle = float(histogram["low"].iloc[place] + histogram["high"].iloc[place]) / 2
    low, high = atlas.ends(unit)
    return "bottom" if middle - low > high - middle else "top"


def _check_whole_pictures(live: LiveModel, atlas: AtlasBase) -> None:
    """An atlas keeps small copies of large pictures, in which a model does not see what it saw."""
    if not atlas.kind.pictures:
        return
    kept = atlas.contents([0])[0].shape[:2]
    if tuple(kept) != tuple(live.inputs.picture):
        raise ValueError(
            f"The atlas keeps small copies of the pictures, {kept[0]} × {kept[1]}: give the data, data=, so that the "
            "model sees them as they are."
        )


class FewWindows:
    """A cutter that takes few windows of each document: those around given tokens first, then others at random.

    `peaks`: of each document, by its number, the tokens that are wanted.
    """

    def __init__(self, cutter: Cutter, peaks: Sequence[Iterable[int]], seed: int) -> None:
        self._cutter, self._peaks, self._seed = cutter, peaks, seed
        self.most = cutter.most

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cutter, name)

    def cut(self, number: int, document: Any, first_window: int, sample_key: int) -> Cut:
        cut = self._cutter.cut(number, document, first_window, sample_key)
        if len(cut.windows) <= WINDOWS:
            return cut
        wanted = self._peaks[number] if number < len(self._peaks) else ()
        held = [i for i, w in enumerate(cut.windows) if any(w.skip <= p - w.start < len(w.ids) for p in wanted)]
        drawn = np.random.default_rng([self._seed, 2, number]).permutation(len(cut.windows)).tolist()
        chosen = sorted(dict.fromkeys([*held[: WINDOWS - 1], *drawn]), key=lambda i: i in held, reverse=True)[:WINDOWS]
        windows = [
            replace(cut.windows[place], ordinal=first_window + i, skip=0) for i, place in enumerate(sorted(chosen))
        ]
        return replace(cut, windows=windows)
