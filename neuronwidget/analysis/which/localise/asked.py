"""Rows that localising is asked of: the units that they are of, and which of them have each concept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.predicates.given import predicate_of
from neuronwidget.analysis.predicates.holding import holding
from neuronwidget.analysis.predicates.predicate import Example, Predicate
from neuronwidget.analysis.responses.collect import collect
from neuronwidget.analysis.responses.kept import opener
from neuronwidget.analysis.responses.marked import marked_values
from neuronwidget.analysis.responses.reduce import HOW
from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.analysis.responses.same import without_contradictions
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site, Unit, natural_key

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

#: So many positions are looked at.
_POSITIONS = 20_000
_MOST_CLASSES = 20
_TRUE = ("True", "true", "1", "yes")


@dataclass(frozen=True)
class Asked:
    """Rows of a site, and which of them have each concept.

    Attributes
    ----------
    values, documents
        float32 [rows, units], and [rows]: the number of the document that each row is of.
    units
        What the columns are.
    concepts
        By name bool [rows].
    of
        What a row is: "inputs", or "positions" of them.
    input
        Brings a document whole by its number; None where it cannot be had again.
    described
        The data, for provenance.
    notes
        What of the data should be told with the answer.
    """

    values: NDArray[np.float32]
    documents: NDArray[np.int64]
    units: list[Unit]
    concepts: dict[str, NDArray[np.bool_]]
    of: str
    input: Callable[[int], Any] | None
    described: dict[str, Any]
    notes: tuple[str, ...]


def ask(
    live: LiveModel,
    data: Any,
    labels: Any,
    sites: Sequence[Site],
    *,
    of: str | Sequence[str] | None,
    how: str | None,
    positions: bool | None,
    most: int,
    seed: int,
    progress: Callable[[int], object] | None,
    overtaken: Callable[[], bool] | None,
) -> Asked:
    """The rows of a data set that is run, or of responses, with the concepts that labels or a predicate name."""
    names = [site.name for site in sites]
    predicate = predicate_of(labels) if _is_predicate(labels) else None
    if predicate is not None:
        predicate.check_length(data)
    if predicate is not None and _at_positions(live, data, predicate, positions):
        return _of_positions(live, data, predicate, sites, seed, progress, overtaken)
    responses = data
    if not isinstance(data, Responses):
        responses = collect(
            live,
            data,
            names,
            how=how or ("mean" if kind_of(live.kind).whole else "max"),
            labels=None if predicate is not None else labels,
            most=most,
            predictions=False,
            seed=seed,
            progress=progress,
            overtaken=overtaken,
        )
    elif predicate is None and labels is not None:
        responses = responses.with_labels(labels)
    if predicate is not None:
        concepts = {predicate.name: holding(predicate, live, responses)}
        return _of_responses(responses, names, concepts, np.ones(len(responses), bool), ())
    responses, left_out = without_contradictions(responses)
    concepts, labelled, notes = _classes(responses.labels, of)
    return _of_responses(responses, names, concepts, labelled, (*left_out, *notes))


def _is_predicate(labels: Any) -> bool:
    """Is it a concept that inputs are asked for, and not one label for each?"""
    if isinstance(labels, (str, Predicate)) or callable(labels) or hasattr(labels, "finditer"):
        return True
    first = next((one for one in labels if one is not None), None) if isinstance(labels, Sequence) else labels
    return getattr(first, "ndim", 0) >= 2  # masks of pictures


def _at_positions(live: LiveModel, data: Any, predicate: Predicate, wanted: bool | None) -> bool:
    """Are the rows positions? Where nobody says, if the predicate says of the first input where it has the concept."""
    if isinstance(data, Responses):
        if wanted:
            raise ValueError("Responses have no positions: give the data themselves, or leave positions= out.")
        return False
    if wanted is not None:
        return wanted
    first = opener(live, data)
    if first is None:
        raise ValueError("A concept is looked for in inputs that can be read again: give a list of them.")
    return len(data) > 0 and predicate.finds_places(Example(first(0)))


def _of_positions(
    live: LiveModel,
    data: Any,
    predicate: Predicate,
    sites: Sequence[Site],
    seed: int,
    progress: Callable[[int], object] | None,
    overtaken: Callable[[], bool] | None,
) -> Asked:
    names = [site.name for site in sites]
    marked = marked_values(
        live, data, dict.fromkeys(names), predicate, most=_POSITIONS, seed=seed, progress=progress, overtaken=overtaken
    )
    notes = (f"Looked at were {marked.sample}.",) if marked.sample else ()
    return Asked(
        np.concatenate([marked.values[name] for name in names], 1),
        marked.documents,
        [Unit(site.name, index) for site in sites for index in range(site.width)],
        {predicate.name: marked.marked},
        "positions",
        opener(live, data),
        {"documents": marked.read, "digest": marked.digest, "positions": len(marked.marked)},
        notes,
    )


def _of_responses(
    responses: Responses,
    names: Sequence[str],
    concepts: dict[str, NDArray[np.bool_]],
    kept: NDArray[np.bool_],
    notes: tuple[str, ...],
) -> Asked:
    if len(HOW[responses.how]) > 1 or responses.how == "none":
        raise ValueError(
            f"These responses are {responses.how!r}, which is not one number a unit: collect them with how= one of "
            "mean, max, last."
        )
    values = np.concatenate([np.asarray(responses.of(name)[:])[kept] for name in names], 1)
    several = {name: responses.sites[name].axes for name in names}
    if any(several.values()):
        notes += (f"Each input counts by the {responses.how} over its positions.",)
    notes += (f"{responses.sample}.",) if responses.sample else ()
    return Asked(
        values,
        responses.documents[kept],
        [Unit(name, index) for name in names for index in range(responses.sites[name].width)],
        {name: positive[kept] for name, positive in concepts.items()},
        "inputs",
        responses.input,
        dict(responses.provenance.data),
        notes,
    )


def _classes(
    labels: Sequence[str | None], of: str | Sequence[str] | None
) -> tuple[dict[str, NDArray[np.bool_]], NDArray[np.bool_], tuple[str, ...]]:
    """Each class that is asked for against the rest; which inputs have a label; and what should be told."""
    there = Counter(label for label in labels if label is not None)
    if not there:
        raise ValueError("The inputs have no labels: give labels=, one for each, or a predicate.")
    if len(there) == 1:
        raise ValueError(f"All labels are {next(iter(there))!r}: there is nothing to tell apart.")
    wanted = [of] if isinstance(of, str) else None if of is None else [str(one) for one in of]
    if wanted is None:
        wanted = _usual(there)
    missing = [name for name in wanted if name not in there]
    if missing:
        shown = ", ".join(sorted(there)[:12])
        raise ValueError(f"of= names {missing[0]!r}, which is no label; there are {shown}.")
    array, labelled = np.array(labels, object), np.array([label is not None for label in labels])
    notes: tuple[str, ...] = ()
    if not labelled.all():
        notes = (f"{int((~labelled).sum()):,} inputs without a label were left out.",)
    return {name: array == name for name in wanted}, labelled, notes


def _usual(there: Counter[str]) -> list[str]:
    """The classes that are looked for where nobody says: all; of two the one that says yes, or the rarer one."""
    names = sorted(there, key=natural_key)
    if len(names) > _MOST_CLASSES:
        raise ValueError(f"There are {len(names):,} labels: say which are wanted, of={names[:2]!r}.")
    if len(names) > 2:
        return names
    says_yes = [name for name in names if name in _TRUE]
    return says_yes[:1] or [min(names, key=lambda name: (there[name], name))]
