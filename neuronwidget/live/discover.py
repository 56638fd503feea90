"""Finds where a model's units live, by watching it run and not by a list of class names.

The model runs twice on a short input, once a little longer than the other. The dimension that grows with the input is
the one that counts positions; what follows is units. Names come from structure: see `naming`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from neuronwidget.live.naming import Place, is_matrix, short_names
from neuronwidget.live.sites import Site, SiteTable
from neuronwidget.live.watch import Trace, watch_pass

SHORT, LONG = 5, 7


@dataclass(frozen=True)
class Anatomy:
    """What discovery found.

    `head` is the module that makes the logits, if splitting it off is exact; `output_axis` the dimension of the output
    that counts positions; `causal`: what is said of a position did not change when more followed.
    """

    sites: SiteTable
    head: str | None
    output_axis: int | None
    classes: int
    causal: bool


def discover(
    root: nn.Module,
    modules: dict[str, nn.Module],
    run: Callable[[int], object],
    finish: Callable[[Tensor], Tensor] | None = None,
) -> Anatomy:
    """Find the sites of a model. `run(n)` calls it on an input of n positions; a shorter one begins the longer.

    `finish`: what the model does to the output of its head.
    """
    short, long = (watch_pass(root, modules, lambda n=n: run(n)) for n in (SHORT, LONG))  # type: ignore[misc]
    before = {(event.path, event.call): event for event in short.events}
    paired = [(before[e.path, e.call], e) for e in long.events if (e.path, e.call) in before]
    notes = []
    if len(paired) != len(long.events):
        notes.append("The model ran different modules on inputs of different length; only the common ones are listed.")
    sites: dict[Place, Site] = {}
    for a, b in paired:
        for side, ta, tb in (("in", a.inside, b.inside), ("out", a.outside, b.outside)):
            site = _site(a.path, a.call, side, ta, tb)
            if site is not None:
                sites[a.path, a.call, side] = site
    named, said = short_names(modules, [b for _, b in paired], sites)
    order = {(event.path, event.call): place for place, (event, _) in enumerate(paired)}
    listed = sorted(named, key=lambda site: (order[site.module, site.call], site.side == "out"))
    first, logits = short.output, long.output
    axis = _grown_axis(first, logits)
    return Anatomy(
        SiteTable(listed, [*notes, *said]),
        _head(long, logits, modules, finish),
        axis,
        0 if logits is None else logits.shape[-1],
        _is_causal(first, logits, axis),
    )


def _site(path: str, call: int, side: str, short: Tensor | None, long: Tensor | None) -> Site | None:
    if short is None or long is None or short.ndim != long.ndim or long.ndim == 0:
        return None
    axis = _grown_axis(short, long)
    if axis is None and short.shape != long.shape:
        return None  # its units change with the length of the input
    width = long.numel() // (long.shape[axis] if axis is not None else 1)
    site = Site("", path, side, "module", width, -1, call, axis)
    return replace(site, name=site.canonical)


def _grown_axis(short: Tensor | None, long: Tensor | None) -> int | None:
    """The one dimension that grew as the input did."""
    if short is None or long is None or short.ndim != long.ndim:
        return None
    grown = [i for i, (a, b) in enumerate(zip(short.shape, long.shape, strict=True)) if a != b]
    return grown[0] if len(grown) == 1 and (short.shape[grown[0]], long.shape[grown[0]]) == (SHORT, LONG) else None


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
        if event.outside is not None and is_matrix(modules[event.path]):
            made = event.outside if finish is None else finish(event.outside)
            same = made.shape == logits.shape and torch.equal(made, logits)
            return event.path if same and event.call == 0 else None
    return None
