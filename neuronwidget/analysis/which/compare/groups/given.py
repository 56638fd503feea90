"""Makes groups of inputs of whatever they are given as."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.predicates.given import predicate_of
from neuronwidget.analysis.predicates.predicate import Example, Predicate
from neuronwidget.analysis.responses.responses import Responses, checked_labels
from neuronwidget.analysis.responses.same import content_codes, in_several, without_contradictions
from neuronwidget.analysis.which.compare.groups.input_groups import Ask, InputGroups, checked
from neuronwidget.analysis.which.compare.groups.joined import joined
from neuronwidget.analysis.which.compare.groups.places import marked_groups
from neuronwidget.analysis.which.compare.groups.pool import Pool
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.corpus.sources import Item, as_label, items

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel


def groups_of(live: LiveModel, groups: Any, data: Any, ask: Ask) -> InputGroups:
    """Groups as they were given to `compare`, with what the model does on them."""
    if isinstance(groups, InputGroups):
        return checked(groups.of_model(live, ask))
    if isinstance(groups, Responses):
        return checked(_of_responses(groups, groups.labels).of_model(live, ask))
    if data is None:
        return checked(_of_documents(live, groups, ask))
    if isinstance(groups, Mapping):
        return checked(_of_concepts(live, {str(k): predicate_of(v, str(k)) for k, v in groups.items()}, data, ask))
    if isinstance(groups, (Predicate, str, re.Pattern)) or callable(groups):
        concept = predicate_of(groups)
        return checked(_of_concepts(live, {concept.name: concept}, data, ask))
    return checked(_of_labels(live, groups, data, ask))


def _of_documents(live: LiveModel, groups: Any, ask: Ask) -> InputGroups:
    """Of documents, or of responses, by the name of their group."""
    if not isinstance(groups, Mapping):
        raise TypeError(
            f"groups= is {type(groups).__name__}. Give a dict of documents by the name of their group; or data= with "
            "one label a document or with a concept; or what nw.right_wrong or nw.collect(…, labels=…) gives."
        )
    named = {str(name): given for name, given in groups.items()}
    given = list(named.values())
    if given and all(isinstance(one, Responses) for one in given):
        return _of_joined(named).of_model(live, ask)
    pool, cutter = Pool(named, ask.most, ask.seed), kind_of(live.kind).cutter(live.inputs, None, None)
    for name, source in named.items():
        for item in items(source, cutter.lookup(None), None, None):
            pool.add(name, item)
    taken, shared = _of_one_group(live, pool.taken())
    return _run(live, taken, tuple(named), [*pool.notes, *shared], ask)


def _of_one_group(live: LiveModel, taken: Sequence[tuple[str, Item]]) -> tuple[list[tuple[str, Item]], list[str]]:
    """Inputs that are in one group alone, and what should be told of the others."""
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    shared = in_several(_codes(cutter.document(item) for _, item in taken), [group for group, _ in taken])
    own = [pair for pair, both in zip(taken, shared, strict=True) if not both]
    return own, _left_out(int(shared.sum()), "in more than one group")


def _of_joined(named: Mapping[str, Responses]) -> InputGroups:
    """Of responses by the name of their group."""
    together = joined(named)
    codes = content_codes(together)
    shared = in_several(codes, [str(label) for label in together.labels])
    if shared.any():
        together, codes = together.only(together.documents[~shared]), codes[~shared]
    notes = _left_out(int(shared.sum()), "in more than one group")
    return InputGroups(tuple(named), together, tuple(notes), codes)


def _of_labels(live: LiveModel, labels: Any, data: Any, ask: Ask) -> InputGroups:
    """Of labels, one for each document of the data."""
    if labels is None:
        raise TypeError("There are no groups: with data= give one label for each input, or a concept.")
    name = getattr(labels, "name", None)
    given = [_group_name(label, name) for label in labels]
    if isinstance(data, Responses):
        return _of_responses(data, checked_labels(given, len(data))).of_model(live, ask)
    if hasattr(data, "__len__"):
        checked_labels(given, len(data))
    names = tuple(dict.fromkeys(label for label in given if label is not None))
    lookup = kind_of(live.kind).cutter(live.inputs, None, None).lookup(None)
    pool = Pool(names, ask.most, ask.seed)
    left = 0
    for item in items(data, lookup, None, given):
        if item.label is None:
            left += 1
        else:
            pool.add(item.label, item)
    taken, shared = _of_one_group(live, pool.taken())
    return _run(live, taken, names, [*pool.notes, *_left_out(left, "that had no label"), *shared], ask)


def _group_name(label: Any, column: Any) -> str | None:
    """A label as the name of a group; yes and no of a column that has a name are called by that."""
    if column is not None and isinstance(label, (bool, np.bool_)):
        return str(column) if label else f"not {column}"
    return as_label(label)


def _of_responses(responses: Responses, labels: Sequence[str | None]) -> InputGroups:
    """Of responses that have labels."""
    labelled = np.array([label is not None for label in labels], bool)
    if not labelled.any():
        raise ValueError("These inputs have no labels to compare by: nw.collect(live, data, labels=…) gives them some.")
    responses = responses.with_labels(labels)
    if not labelled.all():
        responses = responses.only(responses.documents[labelled])
    responses, shared = without_contradictions(responses)
    names = tuple(dict.fromkeys(str(label) for label in responses.labels))
    return InputGroups(names, responses, (*_left_out(int((~labelled).sum()), "that had no label"), *shared))


def _of_concepts(live: LiveModel, concepts: Mapping[str, Predicate], data: Any, ask: Ask) -> InputGroups:
    """Of concepts: inputs that have one of them, or places in the inputs, where the concepts tell places."""
    for concept in concepts.values():
        concept.check_length(data)
    places, entries = _tell_places(concepts, _entries(live, data))
    if places:
        return marked_groups(live, concepts, entries, ask)
    names = tuple(concepts) if len(concepts) > 1 else (next(iter(concepts)), f"not {next(iter(concepts))}")
    labels: list[str | None] = []
    pool, none, several = Pool(names, ask.most, ask.seed), 0, 0
    for number, content, item in entries:
        held = [name for name, concept in concepts.items() if _holds(concept, number, content)]
        group = held[0] if len(held) == 1 else None
        if group is None and len(concepts) == 1 and _looked(next(iter(concepts.values())), number, content):
            group = names[1]
        several, none = several + (len(held) > 1), none + (group is None and not held)
        labels.append(group)
        if group is not None and not isinstance(data, Responses):
            pool.add(group, item)
    left = [*_left_out(several, "that had more than one of the concepts"), *_left_out(none, "of which none is known")]
    if isinstance(data, Responses):
        groups = _of_responses(data, labels).of_model(live, ask)
        return replace(groups, names=names, notes=(*groups.notes, *left))
    return _run(live, pool.taken(), names, [*pool.notes, *left], ask)


def _tell_places(
    concepts: Mapping[str, Predicate], entries: Iterator[tuple[int, Any, Item]]
) -> tuple[bool, Iterator[tuple[int, Any, Item]]]:
    """Do concepts tell where they are, or only whether? By the first input of which one is known; and all inputs."""
    seen = []
    for entry in entries:
        seen.append(entry)
        example = Example(entry[1], entry[0])
        answers = [concept.found(example) for concept in concepts.values()]
        if any(one is not None for one in answers):
            return any(not isinstance(one, (bool, type(None))) for one in answers), chain(seen, entries)
    if not seen:
        raise ValueError("The data is empty: there is nothing to compare.")
    raise ValueError(f"Of none of the {len(seen):,} inputs is it known whether it has {' or '.join(concepts)}.")


def _holds(concept: Predicate, number: int, content: Any) -> bool:
    return concept.holds(Example(content, number))


def _looked(concept: Predicate, number: int, content: Any) -> bool:
    """Did somebody look whether an input has it?"""
    return concept.found(Example(content, number)) is not None


def _entries(live: LiveModel, data: Any) -> Iterator[tuple[int, Any, Item]]:
    """Inputs of a data set: number, what a person edits, and the item."""
    if isinstance(data, Responses):
        for number, name in zip(data.documents.tolist(), data.names, strict=True):
            content = data.input(number)
            yield number, content, Item(content, name)
        return
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    for number, item in enumerate(items(data, cutter.lookup(None), None, None)):
        yield number, cutter.document(item).content, item


def _run(
    live: LiveModel, taken: Sequence[tuple[str, Item]], names: tuple[str, ...], notes: Sequence[str], ask: Ask
) -> InputGroups:
    """Runs inputs, each with the name of its group; an empty group is refused before."""
    counts = {name: sum(group == name for group, _ in taken) for name in names}
    empty = next((name for name, count in counts.items() if not count), None)
    if empty is not None and len(names) > 1:
        raise ValueError(" ".join([f"The group {empty!r} is empty: give it inputs, or leave it out.", *notes]))
    listed = [Item(item.content, item.id, group) for group, item in taken]
    responses = ask.run(live, listed, len(names))
    cutter = kind_of(live.kind).cutter(live.inputs, None, None)
    codes = _codes(cutter.document(listed[number]) for number in responses.documents.tolist())
    return InputGroups(names, responses, tuple(notes), codes)


def _codes(documents: Iterable[Any]) -> NDArray[np.int64]:
    """A number for the content of each document: the same for those that read the same."""
    numbers: dict[bytes, int] = {}
    codes = [numbers.setdefault(document.content_hash(), len(numbers)) for document in documents]
    return np.array(codes, np.int64)


def _left_out(count: int, words: str) -> list[str]:
    return [f"{_count(count, 'input')} {words} {_were(count)} left out."] if count else []


def _count(number: int, name: str) -> str:
    """A count in words.

    >>> _count(1, "input"), _count(2000, "input")
    ('1 input', '2,000 inputs')
    """
    return f"{number:,} {name}" + ("" if number == 1 else "s")


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
