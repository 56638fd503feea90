"""Finds where a model's units live, by watching it run and not by a list of class names.

The model runs twice on a short input, once a little longer than the other. The dimension that grows with the input is
the one that counts positions; what follows is units. Names come from structure: see `naming`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from neuronwidget.live.structure.addresses import addresses
from neuronwidget.live.structure.loops import as_steps, with_free_steps, without_steps
from neuronwidget.live.structure.mixtures.find import find_mixtures, without_experts
from neuronwidget.live.structure.mixtures.sites import with_mixtures
from neuronwidget.live.structure.naming import short_names, width_of
from neuronwidget.live.structure.parts import is_matrix, takes_rows, unseen, without_makers
from neuronwidget.live.structure.sites import Site, SiteTable
from neuronwidget.live.structure.trace import Event, Place, Trace, trace_modules

SHORT, LONG = 5, 7
#: Positions of a further input, which shows whether all of them go the same way.
PROBE = 23
#: An input that is long enough to tell whether a part that gave one row for a few positions gives more for many.
_MANY = 41


@dataclass(frozen=True)
class TokenStructure:
    """What discovery found in a model of text.

    `head` is the module that makes the logits, if splitting it off is exact; `output_axis` the dimension of the output
    that counts positions; `causal`: what is said of a position did not change when more followed; `predictions`:
    how many rows of logits there are at each position.
    """

    sites: SiteTable
    head: str | None
    output_axis: int | None
    classes: int
    causal: bool
    predictions: int = 1


@dataclass(frozen=True)
class Pair:
    """One call of one module, on the short input and on the long one, and on a third where there was need of it."""

    short: Event
    long: Event
    third: Event | None


def discover(
    modules: dict[str, nn.Module],
    run: Callable[[int], object],
    finish: Callable[[Tensor], Tensor] | None = None,
) -> TokenStructure:
    """Find the sites of a model. `run(n)` calls it on an input of n positions; a shorter one begins the longer.

    `finish`: what the model does to the output of its head.
    """
    modules = without_makers(modules)
    traces = [trace_modules(modules, lambda n=n: run(n)) for n in (SHORT, LONG)]  # type: ignore[misc]
    mixtures = find_mixtures(modules, traces, lambda: trace_modules(modules, lambda: run(PROBE)))
    short, long = (without_experts(trace, mixtures) for trace in traces)
    steps = as_steps(modules, short, long, (SHORT, LONG))
    free = False  # do loops take as many steps as they like, which were as many as positions by chance?
    if any(site.axis is not None for site in steps.values()):
        third = _try(lambda: trace_modules(modules, lambda: run(PROBE)))
        if third is not None:
            kept = with_free_steps(steps, third, PROBE)
            free, steps = kept != steps and _lengths_differ(third.output), kept
    short.events, long.events = (without_steps(trace.events, steps) for trace in (short, long))
    pairs, notes = _paired(short, long, None), []
    if len(pairs) != len(long.events):
        notes.append("The model ran different modules on inputs of different length; only the common ones are listed.")
    further = _further(pairs)
    if further:
        pairs = _paired(short, long, _try(lambda: trace_modules(modules, lambda: run(further))))
    sites: dict[Place, Site] = {}
    missed: list[str] = []
    for pair in pairs:
        for side in ("in", "out"):
            site = steps.get((pair.long.path, pair.long.call, side)) or _site(pair, side, further)
            if site is not None:
                sites[site.module, site.call, side] = site
            elif side == "out" and _grows(pair) and is_matrix(modules[pair.long.path]):
                missed.append(pair.long.path)
    named, remarks = short_names(modules, [pair.long for pair in pairs], sites)
    order = {(pair.long.path, pair.long.call): place for place, pair in enumerate(pairs)}
    listed = sorted(named, key=lambda site: (order[site.module, site.call], site.side == "out"))
    first, logits = short.output, long.output
    axis = None if free else _grown_axis(first, logits)
    table = SiteTable(
        listed,
        [*notes, *remarks, *_positions_of_their_own(missed), *unseen(modules, long.events)],
        addresses(listed, [pair.long for pair in pairs]),
    )
    return TokenStructure(
        with_mixtures(modules, traces, mixtures, table, sites),
        _head(long, logits, modules, finish),
        axis,
        0 if logits is None or not logits.ndim or (axis is None and logits.ndim > 3) else width_of(logits, axis),
        _is_causal(first, logits, axis),
        _predictions(logits, axis),
    )


def _paired(short: Trace, long: Trace, third: Trace | None) -> list[Pair]:
    """The calls that both inputs led to, in order."""
    before = {(event.path, event.call): event for event in short.events}
    beyond = {(event.path, event.call): event for event in third.events} if third is not None else {}
    return [
        Pair(before[e.path, e.call], e, beyond.get((e.path, e.call))) for e in long.events if (e.path, e.call) in before
    ]


def _lengths_differ(output: Tensor | None) -> bool:
    """Is no dimension of the output as long as the probe is?"""
    return output is None or PROBE not in output.shape


def _try(run: Callable[[], Trace]) -> Trace | None:
    """A pass on an input that may be longer than the model takes."""
    try:
        return run()
    except Exception:
        return None


def _site(pair: Pair, side: str, third_length: int) -> Site | None:
    short, long = (_of(event, side) for event in (pair.short, pair.long))
    if short is None or long is None or short.ndim != long.ndim or long.ndim == 0:
        return None
    axis = _grown_axis(short, long)
    if axis is None and short.shape != long.shape:
        return None  # its units change with the length of the input
    third = _of(pair.third, side) if pair.third is not None else None
    if third is not None and axis is not None and (third.ndim != long.ndim or third.shape[axis] < third_length):
        return None  # cut into pieces of some length
    if axis is None and third is not None:
        axis = _filled_axis(long, third, third_length)
        if axis is None and third.shape != long.shape:
            return None
    width = long.numel() // (long.shape[axis] if axis is not None else 1)
    site = Site("", pair.long.path, side, "module", width, -1, pair.long.call, axis)
    return replace(site, name=site.canonical)


def _of(event: Event, side: str) -> Tensor | None:
    return event.inside if side == "in" else event.outside


def _grown_axis(short: Tensor | None, long: Tensor | None) -> int | None:
    """The one dimension that grew as the input did."""
    if short is None or long is None or short.ndim != long.ndim:
        return None
    grown = [i for i, (a, b) in enumerate(zip(short.shape, long.shape, strict=True)) if a != b]
    return grown[0] if len(grown) == 1 and (short.shape[grown[0]], long.shape[grown[0]]) == (SHORT, LONG) else None


# ---- inputs that the model fills up to a multiple of something -------------------------------------------------------


def _further(pairs: Sequence[Pair]) -> int:
    """The length of a third input that tells more; 0 where none is needed.

    A model that attends in windows fills its input up: then the stream is as long as the input in one place and of one
    length in another, or nowhere as long. One that pools positions gives a few rows for a few of them.
    """
    grown, steady = set(), set()
    for pair in pairs:
        for side in ("in", "out"):
            short, long = _of(pair.short, side), _of(pair.long, side)
            if short is None or long is None or long.ndim < 3:
                continue
            if (axis := _grown_axis(short, long)) is not None:
                grown.add((axis, _without(long.shape, axis)))
            elif short.shape == long.shape:
                steady.add(tuple(long.shape))
    like = {shape[axis] for axis, others in grown for shape in steady if _without(shape, axis) == others}
    lengths = like if grown else {shape[-2] for shape in steady}
    filled = min((length for length in lengths if length > LONG), default=0)
    return filled + 1 if filled else _MANY * any(length < SHORT for length in lengths)


def _without(shape: Sequence[int], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], *shape[axis + 1 :])


def _filled_axis(long: Tensor, third: Tensor, length: int) -> int | None:
    """The one dimension that was filled up to a multiple, and to a larger one for an input of `length` positions."""
    if long.ndim != third.ndim:
        return None
    grown = [i for i, (a, b) in enumerate(zip(long.shape, third.shape, strict=True)) if a != b]
    if len(grown) != 1 or long.shape[grown[0]] < LONG or third.shape[grown[0]] < length:
        return None
    return grown[0]


# ---- what cannot be listed -------------------------------------------------------------------------------------------


def _grows(pair: Pair) -> bool:
    """Does it give more for a longer input, but not one row a position?"""
    short, long = pair.short.outside, pair.long.outside
    third = pair.third.outside if pair.third is not None else None
    last = long if third is None else third
    return short is not None and last is not None and short.ndim == last.ndim == 3 and short.numel() < last.numel()


def _positions_of_their_own(paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    more = f" and {len(paths) - 1} other parts" if len(paths) > 1 else ""
    return [f"{paths[0]}{more}: they have positions of their own, not those of the tokens, and are not listed."]


# ---- the output ------------------------------------------------------------------------------------------------------


def _predictions(logits: Tensor | None, axis: int | None) -> int:
    if logits is None or not logits.numel():
        return 0
    return logits.numel() // width_of(logits, axis) // (1 if axis is None else logits.shape[axis])


def _is_causal(short: Tensor | None, long: Tensor | None, axis: int | None) -> bool:
    """Is what was said of the first positions the same when more followed?"""
    if short is None or long is None or axis is None:
        return False
    began = long.narrow(axis, 0, SHORT).float()
    scale = short.float().abs().max().clamp_min(1e-30)
    tolerance = max(1e-4, 4 * torch.finfo(short.dtype).eps)  # above rounding, below what a word more changes
    return bool((began - short.float()).abs().max() / scale < tolerance)


def _head(
    trace: Trace, logits: Tensor | None, modules: dict[str, nn.Module], finish: Callable[[Tensor], Tensor] | None
) -> str | None:
    """The matrix whose output is, to the last bit, what the model returns as logits."""
    if logits is None:
        return None
    for event in reversed(trace.events):
        if event.outside is not None and takes_rows(modules[event.path]):
            result = event.outside if finish is None else finish(event.outside)
            same = result.shape == logits.shape and torch.equal(result, logits)
            return event.path if same and event.call == 0 else None
    return None
