"""Runs passes through a live model and hands over the tensors of chosen sites when they are seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress

import torch
from torch import Tensor

from neuronwidget.live.capture import CaptureError, Reached, Watch
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensors import strongest_step
from neuronwidget.live.token_model import TokenModel


def listen(live: TokenModel, ids: Tensor, sites: Sequence[Site], take: Callable[[Site, Tensor], None]) -> None:
    """One pass over token numbers [windows, tokens], no deeper than the deepest of `sites`."""

    def run() -> None:
        args, kwargs = live.inputs.arguments(ids)
        live.run(args, kwargs)

    listen_to(live, run, sites, take)


def listen_to(
    live: LiveModel, run: Callable[[], object], sites: Sequence[Site], take: Callable[[Site, Tensor], None]
) -> None:
    """One pass, made by `run`, no deeper than the deepest of `sites`. `take` gets each tensor when it is seen."""
    with live.running(sites) as parts, ExitStack() as at_the_end:
        watch = Watch(parts, sites, take=take)
        at_the_end.callback(watch.remove)
        with suppress(Reached):
            run()
            watch.finish()
    watch.check()


def as_batch(site: Site, tensor: Tensor, windows: int, tokens: int) -> Tensor:
    """A site's tensor as [windows, tokens, units]; one row a window where the site speaks of the whole input."""
    if site.axis is None:
        if site.steps is not None:  # of an input's steps the strongest
            tensor = strongest_step(tensor.movedim(site.steps, 0))
        rows = tensor.reshape(windows, 1, -1)
    elif windows == 1:
        rows = (
            tensor.movedim(site.axis, 0).flatten(1)[None] if site.read is None else tensor.movedim(site.axis, 0)[None]
        )
    else:
        rows = tensor.flatten(2) if site.read is None else tensor
    if site.read is not None:
        rows = site.read(rows.flatten(0, 1)).view(windows, rows.shape[1], -1)
    if rows.shape[2] != site.width:
        raise CaptureError(f"{site.name} gave {rows.shape[2]} units where it gave {site.width} before.")
    if site.per_token and rows.shape[1] < tokens:
        raise CaptureError(f"{site.name} gave {rows.shape[1]} positions for {tokens} tokens.")
    return rows[:, :tokens] if site.per_token else rows


def as_inputs(site: Site, tensor: Tensor, inputs: int) -> Tensor:
    """A site's tensor as [inputs, positions, units], of inputs that run whole."""
    if site.layout is None:
        raise CaptureError(f"{site.name} has no layout: it was not found on inputs of one size.")
    rows = site.layout.rows(tensor, inputs)
    if site.read is not None:
        rows = torch.stack([site.read(one) for one in rows])
    if rows.shape[2] != site.width:
        raise CaptureError(f"{site.name} gave {rows.shape[2]} units where it gave {site.width} before.")
    return rows
