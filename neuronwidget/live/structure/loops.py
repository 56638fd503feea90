"""Finds parts that are called in a loop: their calls are steps of one place, not as many places.

A cell that is called once for each position, or a decoder that writes its answer step by step, gives tensors of one
shape, call after call. They are one site; where there are as many calls as positions, the steps are the positions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

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
            shapes = {None if t is None else tuple(t.shape) for t in _tensors([*before[path], *events], side)}
            shape = next(iter(shapes))
            if len(shapes) > 1 or not shape:
                continue
            grown = (len(before[path]), len(events)) == lengths
            along = 1 if len(shape) > 1 else 0
            site = Site("", path, side, "module", _product(shape), axis=along if grown else None, steps=along)
            stepping[path, 0, side] = replace(site, name=site.canonical)
    return stepping


def with_free_steps(stepping: Mapping[Place, Site], third: Trace, positions: int) -> dict[Place, Site]:
    """The same, where on a third input of so many positions a loop took another number of steps: they count nothing.

    A loop that ends when it likes, as a greedy decoder does, may happen to take a step a position twice.
    """
    calls = _by_path(third)
    return {
        place: site if site.axis is None or len(calls.get(site.module, ())) == positions else replace(site, axis=None)
        for place, site in stepping.items()
    }


def steps_of_whole_inputs(
    modules: Mapping[str, nn.Module], one: Trace, layouts: Mapping[Place, Layout]
) -> dict[Place, Site]:
    """The same for inputs of one size, where a call speaks of the whole input: as many steps as this input took."""
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
    """The calls of a pass, of those in a loop only the first."""
    looping = {path for path, _, _ in steps}
    return [event for event in events if not event.call or event.path not in looping]


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
