"""Values of a unit and of random units of its site, where a concept is and where it is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.predicates.predicate import Example, Predicate
from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.marked import marked_values
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.corpus.documents import read_documents
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel


@dataclass(frozen=True)
class Seen:
    """Values [rows, 1 + random units], the unit's own first; whether each row has the concept; of which input it is.

    `rows_are`: "positions" or "inputs". `sample`: which of all rows they are, in words; "" where all.
    """

    values: NDArray[np.float32]
    marked: NDArray[np.bool_]
    documents: NDArray[np.int64]
    rows_are: str
    sample: str
    digest: str


def see(
    live: LiveModel,
    unit: Unit,
    random: int,
    predicate: Predicate,
    data: Any,
    *,
    most: int,
    seed: int,
    progress: Callable[[int], object] | None,
    overtaken: Callable[[], bool] | None,
) -> Seen:
    """Run the data. A concept that speaks of whole inputs is compared with the largest value in each."""
    site = live.sites.resolve(unit.site)
    others = np.setdiff1d(np.arange(site.width), [unit.index])
    drawn = np.random.default_rng(seed).permutation(others)[:random]
    units = [unit.index, *drawn.tolist()]
    if not isinstance(data, Responses) and not hasattr(data, "__len__"):
        data = list(data)
    predicate.check_length(data)
    if _finds_places(live, predicate, data):
        marked = marked_values(
            live, data, {site.name: units}, predicate, most=most, seed=seed, progress=progress, overtaken=overtaken
        )
        values = marked.values[site.name]
        return Seen(values, marked.marked, marked.documents, "positions", marked.sample, marked.digest)
    options: Any = {"most": most, "seed": seed, "progress": progress, "overtaken": overtaken}
    own = (
        data
        if isinstance(data, Responses)
        else collect(live, data, [site.name], how="max", predictions=False, **options)
    )
    return _of_inputs(own, site.name, units, predicate)


def _of_inputs(responses: Responses, site: str, units: Sequence[int], predicate: Predicate) -> Seen:
    numbers = responses.documents.tolist()
    flags = [predicate.found(Example(responses.input(number), number)) for number in numbers]
    looked = np.array([flag is not None for flag in flags], np.bool_)
    marked = np.array([bool(np.any(flag)) for flag in flags if flag is not None], np.bool_)
    values = responses.of(site)[:][:, list(units)][looked]
    digest = str(responses.provenance.data.get("digest", ""))
    return Seen(values, marked, responses.documents[looked], "inputs", responses.sample, digest)


def _finds_places(live: LiveModel, predicate: Predicate, data: Any) -> bool:
    """Does the concept say where in an input it is? Asked of the first input of which it says anything."""
    if isinstance(data, Responses):
        return False
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    for number, document in enumerate(read_documents(data, cutter)):
        example = Example(document.content, number)
        if predicate.found(example) is not None:
            return predicate.finds_places(example)
    return False
