"""Vectors at the peaks of exemplars: the model runs once on each input that shows a unit, and rows are picked there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import Tensor

from neuronwidget.analysis.concepts.reading import Floats, Reading, reading_steps
from neuronwidget.analysis.steps import IsOvertaken, Step, Steps, done_again, part_of
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.corpus.documents import one_document
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.corpus.sources import Item
from neuronwidget.live.capture import capture
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

Peak = tuple[int, int]
"""The number of a document, and a position in it."""


@dataclass(frozen=True)
class Peaks:
    """Records of a site at the peaks of exemplars.

    Attributes
    ----------
    reading
        What the units of the site read.
    read
        By peak what that was: one vector a place of the reading.
    values
        By peak what the units that were asked for did there [units].
    behind
        By peak what sites behind did there, by name [units]: at the same position, or over the whole input in the mean.
    """

    reading: Reading
    read: dict[Peak, list[Floats]] = field(default_factory=dict)
    values: dict[Peak, Floats] = field(default_factory=dict)
    behind: dict[Peak, dict[str, Floats]] = field(default_factory=dict)


def peak_steps(
    live: LiveModel,
    atlas: AtlasBase,
    site: Site,
    units: Sequence[int],
    peaks: Sequence[Peak],
    *,
    data: Any = None,
    behind: Sequence[Site] = (),
    overtaken: IsOvertaken | None = None,
) -> Steps[Peaks]:
    """Runs the model on the inputs of peaks, each once, an input a step. `units`: whose values are wanted, too.

    `data`: where the inputs are; None for the atlas.
    `behind`: sites whose units are to be looked at there as well.
    """
    if "document" in atlas.lacks:
        raise ValueError(f"Exemplars cannot be run again: {atlas.lacks['document']}")
    documents: dict[int, list[int]] = {}
    for document, position in peaks:
        documents.setdefault(document, []).append(position)
    cutter = _cutter(live, atlas)
    rerun: Peaks | None = None
    for done, (number, positions) in enumerate(documents.items()):
        cut = cutter.cut(number, _document(cutter, atlas, data, number), 0, 0)
        for window in cut.windows:
            here = [p for p in positions if atlas.kind.whole or _in(window, p) or not site.per_token]
            if not here:
                continue
            given = [window.prepared] if atlas.kind.whole else window.ids
            if rerun is None:
                rerun = Peaks((yield from part_of(reading_steps(live, site, given), 0, 0)))
            rows = [(p, p - window.start) for p in here]
            take = partial(_take, live, site, list(units), rerun, given, number, rows, behind, overtaken)
            yield from done_again(take)
            positions = [p for p in positions if p not in here]
        yield Step(done + 1, len(documents))
    if rerun is None:
        raise ValueError(f"No exemplar of {site.name} could be run again.")
    return rerun


def _document(cutter: Any, atlas: AtlasBase, data: Any, number: int) -> Any:
    """A document by its number: from the data that the atlas was made of, else as the atlas keeps it."""
    if data is None:
        return cutter.document(Item(atlas.kind.read(cast(Any, atlas), [number])[0], str(number)))
    return one_document(data, number, cutter)


def _cutter(live: LiveModel, atlas: AtlasBase) -> Any:
    """Cuts documents as the scan did."""
    if atlas.kind.name != live.kind:
        raise ValueError(f"The atlas is of inputs of kind {atlas.kind.name!r}, and {live.name} takes {live.kind!r}.")
    settings = atlas.origin().settings
    return kind_of(live.kind).cutter(live.inputs, settings.get("window"), settings.get("overlap"))


def _in(window: Any, position: int) -> bool:
    """Was this position counted in this window?"""
    return bool(window.start + window.skip <= position < window.start + len(window.ids))


def _take(
    live: LiveModel,
    site: Site,
    units: list[int],
    rerun: Peaks,
    given: Any,
    document: int,
    positions: Sequence[tuple[int, int]],
    behind: Sequence[Site],
    overtaken: IsOvertaken | None,
) -> None:
    """One pass, and its rows at some positions: (of the document, of the window); one broken off leaves nothing."""
    places = rerun.reading.places
    sites = list(dict.fromkeys([*places, site, *behind]))
    with live.running(whole=True), torch.no_grad():
        tensors, _ = capture(live.parts, lambda: live.run_given(given), sites, overtaken=overtaken)
        own = live.rows_of(site, tensors[site], given)
        read = [rerun.reading.rows(number, tensors[place]) for number, place in enumerate(places)]
        after = {other.name: live.rows_of(other, tensors[other], given) for other in behind}
    for position, row in positions:
        row = row if len(own) > 1 else 0
        peak = document, position
        rerun.values[peak] = own[row, units].float().numpy()
        rerun.read[peak] = [rows[row if len(rows) == len(own) else 0].numpy() for rows in read]
        rerun.behind[peak] = {name: _there(rows, row, len(own)) for name, rows in after.items()}


def _there(rows: Tensor, row: int, positions: int) -> Floats:
    """A site behind at the same position; where its positions are others, the mean over them."""
    values: Floats = (rows[row] if len(rows) == positions else rows.mean(0)).float().numpy()
    return values


def stacked(read: Mapping[Peak, Sequence[Floats]], peaks: Sequence[Peak]) -> list[Floats]:
    """Vectors of peaks below each other: one array [peaks, dimensions] a place."""
    return [np.stack(rows) for rows in zip(*(read[peak] for peak in peaks), strict=True)]
