"""Pool of candidates: what a unit does in many documents, and from which value on it is said to fire."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.labels.blind.documents import FewWindows, further_end, of_atlas
from neuronwidget.analysis.labels.blind.example import ENDS, Candidate
from neuronwidget.analysis.labels.blind.peaks import Peaks
from neuronwidget.analysis.responses.collect import Drawn
from neuronwidget.analysis.responses.kept import KeptBuilder, KeptInputs
from neuronwidget.analysis.responses.run import run_over
from neuronwidget.corpus.documents import read_documents
from neuronwidget.corpus.kinds.registry import kind_of

if TYPE_CHECKING:
    from neuronwidget.atlas.base import AtlasBase
    from neuronwidget.live.model import LiveModel
    from neuronwidget.live.structure.sites import Unit

#: Between the tenth of values that is lowest and the middle one of the 20 strongest documents: from this part of the
#: way on a unit is said to fire, and up to that part not to.
FIRES, SILENT = 0.5, 0.25
_LOW, _STRONGEST = 0.1, 20


@dataclass(frozen=True, eq=False)
class Pool:
    """Candidates of one end of a unit.

    Attributes
    ----------
    fires, silent
        From which value on the unit fires, and up to which it does not, at this end.
    kept
        The inputs, where they run whole.
    searched, digest
        How many documents were run, and a checksum of them.
    """

    candidates: Sequence[Candidate]
    end: str
    fires: float
    silent: float
    kept: KeptInputs
    searched: int
    digest: str

    @property
    def sign(self) -> float:
        """1, or −1 where the unit fires at the lower end."""
        return ENDS[self.end]

    def firing(self) -> list[Candidate]:
        """Those at which the unit fires."""
        return [one for one in self.candidates if self.sign * one.value >= self.sign * self.fires]

    def not_firing(self) -> list[Candidate]:
        """Those where the unit fires nowhere in what is shown, nor nearly."""
        return [one for one in self.candidates if (self.sign * one.values).max() <= self.sign * self.silent]

    def content(self, one: Candidate) -> Any:
        """What is shown of a candidate."""
        return "".join(one.pieces) if one.pieces else self.kept.contents([one.document])[0]


def pool_of(
    live: LiveModel,
    unit: Unit,
    *,
    atlas: AtlasBase | None,
    data: Any,
    end: str | None,
    most: int,
    seed: int,
    progress: Callable[[int], object] | None = None,
    overtaken: Callable[[], bool] | None = None,
) -> Pool:
    """Run documents of an atlas or of `data` through the model, as far as the unit's site."""
    site = live.sites.resolve(unit.site)
    cutter: Any = kind_of(live.kind).cutter(live.inputs, None, None)
    peaks: Sequence[Iterable[int]] = ()
    if data is not None:
        documents: Iterable[Any] = Drawn(read_documents(data, cutter), most, seed)
    elif atlas is not None:
        items, peaks = of_atlas(live, atlas, unit, most, seed)
        documents, end = read_documents(items, cutter), end or further_end(atlas, unit)
    else:
        raise ValueError("Examples come from an atlas or from data: give atlas= or data=.")
    few = FewWindows(cutter, peaks, seed)
    lead = site.layout.lead if site.layout is not None else 0
    kept, candidates, searched, digest = KeptBuilder(live, few), list[Candidate](), 0, b""
    with run_over(live, documents, few, [site], lambda c: Peaks(c, unit.index, lead, seed), overtaken) as run:
        for chunk, sink in run:
            if kind_of(live.kind).whole:
                places = range(len(chunk.documents))
                kept.add(chunk, places, [chunk.first_document + place for place in places])
            candidates += sink.candidates
            searched += len(chunk.documents)
            digest = chunk.digest
            if progress is not None:
                progress(searched)
    return _with_ends(candidates, unit, end, kept.inputs(), searched, digest.hex())


def _with_ends(
    candidates: Sequence[Candidate], unit: Unit, end: str | None, kept: KeptInputs, searched: int, digest: str
) -> Pool:
    """The pool of the end that is asked for, or of the one that lies further from the middle."""
    if not candidates:
        raise ValueError(f"{unit} gave no finite number on {searched:,} documents.")
    if end is not None and end not in ENDS:
        raise ValueError(f"end= is one of {', '.join(ENDS)}, not {end!r}.")
    documents = np.array([one.document for one in candidates])
    values = np.array([one.value for one in candidates])
    usual = np.array([one.value for one in candidates if one.drawn])
    middle = float(np.median(usual))
    strong = {name: _strong(sign * values, documents) for name, sign in ENDS.items()}
    if end is None:
        end = max(ENDS, key=lambda name: strong[name] - ENDS[name] * middle)
    low = float(np.quantile(ENDS[end] * usual, _LOW))
    way = strong[end] - low
    if not way > 1e-9 * max(1.0, abs(low)):
        many = "all" if np.ptp(values) == 0 else "most"
        raise ValueError(f"{unit} does the same on {many} of {searched:,} documents ({middle:.3g}): nothing to test.")
    fires, silent = (ENDS[end] * (low + share * way) for share in (FIRES, SILENT))
    mine = [one for one in candidates if one.drawn or ENDS[end] * (one.value - middle) > 0]
    return Pool(mine, end, fires, silent, kept, searched, digest)


def _strong(values: NDArray[np.float64], documents: NDArray[np.int64]) -> float:
    """The middle one of the 20 documents of the largest values: one that is far beyond all others decides nothing."""
    order = np.argsort(values, kind="stable")[::-1]
    _, first = np.unique(documents[order], return_index=True)
    return float(np.median(np.sort(values[order][first])[::-1][:_STRONGEST]))
