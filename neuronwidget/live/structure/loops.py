"""Finds parts that are called in a loop: their calls are steps of one place, not as many places.

A cell that is called once for each position, or a decoder that writes its answer step by step, gives tensors of one
shape, call after call. They are one site; where there are as many calls as positions, the steps are the positions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from torch import Tensor, nn

from neuronwidget.live.structure.layout import Layout
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.structure.trace import Event, Place, Trace


def as_steps(
    modules: Mapping[str, nn.Module], short: Trace, long: Trace, lengths: tuple[int, int]
) -> dict[Place, Site]:
    """The sites whose positions are calls, by the place of their first call. `lengths`: those of the two inputs."""
    before, after = _by_path(short), _by_path(long)
    stepping: dict[Place, Site] = {}
    for path, events in after.items():
        if path not in before or max(len(events), len(before[path])) < 2 or not _loops(modules[path], events, after):
            continue
        for side in ("in", "out"):
            grown = (len(before[path]), len(events)) == lengths
            site = _stepping(path, side, [*before[path], *events], grown)
            if site is not None:
                stepping[path, 0, side] = replace(site, name=site.canonical)
    return {**stepping, **_shared(modules, before, after, {path for path, _, _ in stepping}, lengths)}


def _shared(
    modules: Mapping[str, nn.Module],
    before: Mapping[str, list[Event]],
    after: Mapping[str, list[Event]],
    looping: set[str],
    lengths: tuple[int, int],
) -> dict[Place, Site]:
    """Steps of parts without weights that loops share with what stands outside of them, by their first call in a loop.

    An activation that an encoder uses too, or that a loop uses in two places, follows now one part and now another.
    """
    sites: dict[Place, Site] = {}
    for path, events in after.items():
        if path in looping or path not in before or any(True for _ in modules[path].parameters()):
            continue
        partners, others = (_by_partner(calls[path], calls, looping) for calls in (after, before))
        for partner in partners.keys() & others.keys():
            calls, fewer = partners[partner], others[partner]
            gaps = {b - a for numbers in (calls, fewer) for a, b in pairwise(numbers)} or {1}
            if calls[0] != fewer[0] or len(gaps) > 1:
                continue
            in_loop = [*(before[path][call] for call in fewer), *(events[call] for call in calls)]
            grown, every = (len(fewer), len(calls)) == lengths, next(iter(gaps))
            for side in ("in", "out"):
                site = _stepping(path, side, in_loop, grown)
                if site is not None:
                    site = replace(site, call=calls[0], every=every)
                    sites[path, calls[0], side] = replace(site, name=site.canonical)
    return sites


def _by_partner(events: list[Event], calls: Mapping[str, list[Event]], looping: set[str]) -> dict[str, list[int]]:
    """The calls of a part by the part in a loop whose output it takes, or else which takes its own."""
    gave = {id(e.outside): path for path in looping for e in calls.get(path, ()) if e.outside is not None}
    takes = {id(e.inside): path for path in looping for e in calls.get(path, ()) if e.inside is not None}
    partners: dict[str, list[int]] = {}
    for event in events:
        partner = gave.get(id(event.inside)) or takes.get(id(event.outside))
        if partner is not None:
            partners.setdefault(partner, []).append(event.call)
    return partners


def _stepping(path: str, side: str, events: list[Event], grown: bool) -> Site | None:
    """A site whose positions are these calls, if they hold tensors of one shape. `grown`: one for each position."""
    shapes = {None if t is None else tuple(t.shape) for t in _tensors(events, side)}
    shape = next(iter(shapes))
    if len(shapes) > 1 or not shape:
        return None
    along = 1 if len(shape) > 1 else 0
    return Site("", path, side, "module", _product(shape), axis=along if grown else None, steps=along)


def with_free_steps(stepping: Mapping[Place, Site], third: Trace, positions: int) -> dict[Place, Site]:
    """The same, where on a third input of so many positions a loop took another number of steps: they count nothing.

    A loop that ends when it likes, as a greedy decoder does, may happen to take a step a position twice.
    """
    calls = _by_path(third)
    return {
        place: site if site.axis is None or _steps(site, calls) == positions else replace(site, axis=None)
        for place, site in stepping.items()
    }


def _steps(site: Site, calls: Mapping[str, list[Event]]) -> int:
    """How many of a part's calls are steps of a site."""
    return len(calls.get(site.module, [])[site.call :: site.every])


def steps_of_whole_inputs(
    modules: Mapping[str, nn.Module], one: Trace, layouts: Mapping[Place, Layout]
) -> dict[Place, Site]:
    """Sites of steps for inputs of one size: a call speaks of the whole input, and this one took as many steps."""
    calls = _by_path(one)
    stepping: dict[Place, Site] = {}
    for path, events in calls.items():
        if len(events) < 2 or not _loops(modules[path], events, calls):
            continue
        for side in ("in", "out"):
            shapes = {None if t is None else tuple(t.shape) for t in _tensors(events, side)}
            shape = next(iter(shapes))
            of_calls = [layouts.get((path, event.call, side)) for event in events]
            if len(shapes) > 1 or not shape or any(t is None or t.positions > 1 or t.batch for t in of_calls):
                continue
            layout = Layout(0, (1,), len(events), (1, len(events)))
            site = Site("", path, side, width=_product(shape), axis=None, steps=1, layout=layout)
            stepping[path, 0, side] = replace(site, name=site.canonical)
    return stepping


def without_steps(events: Sequence[Event], steps: Mapping[Place, Site]) -> list[Event]:
    """The calls of a pass, of those in a loop only the first; what follows a loop has no number that is always its."""
    firsts: dict[str, set[int]] = {}
    for path, call, _ in steps:
        firsts.setdefault(path, set()).add(call)
    return [
        event
        for event in events
        if event.path not in firsts or event.call in firsts[event.path] or event.call < min(firsts[event.path])
    ]


def _by_path(trace: Trace) -> dict[str, list[Event]]:
    calls: dict[str, list[Event]] = {}
    for event in trace.events:
        calls.setdefault(event.path, []).append(event)
    return calls


def _loops(module: nn.Module, events: list[Event], others: Mapping[str, list[Event]]) -> bool:
    """A part without weights is often used in several places: it loops if it always follows the same part."""
    if any(True for _ in module.parameters()):
        return True
    return any(
        len(calls) == len(events) and all(a.inside is b.outside for a, b in zip(events, calls, strict=True))
        for path, calls in others.items()
        if path != events[0].path
    )


def _tensors(events: list[Event], side: str) -> list[Tensor | None]:
    return [event.inside if side == "in" else event.outside for event in events]


def _product(shape: tuple[int, ...]) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
