"""Values at single tokens: what chosen units do at tokens of a data set, beside what the model reads there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from neuronwidget.analysis.responses.numbered import in_drawn_order
from neuronwidget.analysis.steps import IsOvertaken, Step, Steps, done_again
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.capture import capture
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.corpus.documents import Window
    from neuronwidget.live.model import LiveModel

Numbers = NDArray[np.int64]
#: Of many documents a long one gives this share of all tokens at most: then there are many to split and to resample.
_SHARE = 1 / 64
#: So many numbers are held at most, whatever is asked for: fewer tokens where the units are many.
MOST_VALUES = 1 << 26
#: Stands before the first token that a model reads.
NOTHING = -1


@dataclass(frozen=True, eq=False)
class PositionValues:
    """What units do at tokens of a data set, those of a document one after another.

    Attributes
    ----------
    values
        By name of a site float32 [tokens, units].
    documents
        The number of each token's document [tokens].
    tokens, before
        What the model reads there, and before it: numbers of tokens; `NOTHING` at the beginning.
    positions
        How many tokens the model reads before it.
    sample
        Which tokens these are, in words.
    digest
        A checksum of the documents that were read.
    """

    values: Mapping[str, NDArray[np.float32]]
    documents: Numbers
    tokens: Numbers
    before: Numbers
    positions: Numbers
    sample: str
    digest: str

    def __len__(self) -> int:
        return len(self.documents)

    def only(self, chosen: NDArray[np.bool_]) -> PositionValues:
        """Those of some tokens [tokens]."""
        values = {name: rows[chosen] for name, rows in self.values.items()}
        documents, tokens, before, positions = (
            each[chosen] for each in (self.documents, self.tokens, self.before, self.positions)
        )
        return PositionValues(values, documents, tokens, before, positions, self.sample, self.digest)

    def described(self) -> dict[str, Any]:
        """The data, as provenance tells of them."""
        return {"documents": len(np.unique(self.documents)), "tokens": len(self), "digest": self.digest}


def position_steps(
    live: LiveModel,
    data: Any,
    units: Mapping[Site, Sequence[int]],
    *,
    most: int = 100_000,
    seed: int = 0,
    overtaken: IsOvertaken | None = None,
) -> Steps[PositionValues]:
    """Runs the model on documents until it has read `most` tokens, and keeps what units do at each; a window a step.

    So memory does not grow with the data. Documents come in an order drawn by `seed`, where they can be asked for by
    number; from a long one come its beginning and some windows drawn by `seed`.

    `units`: numbers of units by site. Steps tell the tokens that are done, and how many there will be at most.
    """
    kind = kind_of(live.kind)
    whole = [site.name for site in units if not site.per_token]
    if kind.whole or whole:
        what = f"{live.name} takes no texts" if kind.whole else f"{whole[0]} says one thing of the whole text"
        raise ValueError(f"This question is about single tokens, and {what}.")
    settings = data.origin().settings if isinstance(data, AtlasBase) else {}
    cutter = kind.cutter(live.inputs, settings.get("window"), settings.get("overlap"))
    most = max(1, min(most, MOST_VALUES // max(1, sum(map(len, units.values())))))
    held, read, digest = _Held(units), 0, b""
    source = np.random.default_rng(seed + 1)
    count, documents = in_drawn_order(data, cutter, seed)
    each = max(1, int(most * max(_SHARE, 1 / count if count else 0)))
    for number, document in documents:
        windows = cutter.cut(number, document, 0, 0).windows
        digest = hashlib.sha256(digest + document.digest()).digest()
        for window in _some(windows, each, source):
            yield from done_again(partial(held.add, live, window, number, overtaken))
            yield Step(min(held.count, most), most)
        read += 1
        if held.count >= most:
            break
    return held.values(f"{held.count:,} tokens of {read:,} documents", digest.hex())


def _some(windows: Sequence[Window], tokens: int, source: np.random.Generator) -> Iterator[Window]:
    """The first window, and others in an order drawn at random, until there are so many tokens."""
    order = [0, *(1 + source.permutation(len(windows) - 1))] if len(windows) > 1 else range(len(windows))
    count, chosen = 0, []
    for place in order:
        if count >= tokens:
            break
        chosen.append(int(place))
        count += len(windows[place].ids) - windows[place].skip
    return (windows[place] for place in sorted(chosen))


class _Held:
    """What was taken in so far; `count`: of how many tokens."""

    def __init__(self, units: Mapping[Site, Sequence[int]]) -> None:
        self._units = {site: list(numbers) for site, numbers in units.items()}
        self._values: dict[Site, list[NDArray[np.float32]]] = {site: [] for site in units}
        self._read: list[Numbers] = []
        self.count = 0

    def add(self, live: LiveModel, window: Window, document: int, overtaken: IsOvertaken | None) -> None:
        """One pass of the model over a window; one that is broken off adds nothing."""
        ids, skip = window.ids, window.skip
        if len(ids) <= skip:
            return
        with live.running(whole=True), torch.no_grad():
            sites = list(self._units)
            tensors, _ = capture(live.parts, lambda: live.run_given(ids), sites, overtaken=overtaken)
            for site, numbers in self._units.items():
                rows = live.rows_of(site, tensors[site], ids)[skip:, numbers]
                self._values[site].append(rows.float().numpy().copy())
        before = [NOTHING, *ids[:-1]]
        rows_read = (np.full(len(ids), document), ids, before, np.arange(len(ids)))
        self._read.append(np.array(rows_read, np.int64)[:, skip:])
        self.count += len(ids) - skip

    def values(self, sample: str, digest: str) -> PositionValues:
        """All of it."""
        if not self._read:
            raise ValueError("There are no tokens in these data.")
        documents, tokens, before, positions = np.concatenate(self._read, axis=1)
        values = {site.name: np.concatenate(parts) for site, parts in self._values.items()}
        return PositionValues(values, documents, tokens, before, positions, sample, digest)
