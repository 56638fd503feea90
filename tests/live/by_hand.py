"""Hooks placed by hand that copy at once: the truth that recordings and atlases are compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

import neuronwidget as nw

Place = tuple[str, str, int]


def place_of(site: nw.Site) -> Place:
    return site.module, site.side, site.call


def first_float(value: Any) -> Tensor | None:
    """The first floating-point tensor in nested tuples, lists and dicts."""
    if isinstance(value, Tensor):
        return value if value.is_floating_point() else None
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, list)) else ()
    return next((found for one in inner if (found := first_float(one)) is not None), None)


def seen_by_hand(module: nn.Module, run: Callable[[], object], places: Iterable[Place]) -> dict[Place, Tensor]:
    """What goes into or comes out of modules in one pass in evaluation mode, raw, as float32."""
    wanted, seen, calls, handles = set(places), {}, {}, []

    def keep(path: str, side: str, value: object) -> None:
        call = calls[path, side] = calls.get((path, side), -1) + 1
        if (path, side, call) in wanted:
            seen[path, side, call] = first_float(value).detach().clone().float()  # type: ignore[union-attr]

    for path, part in module.named_modules():
        handles.append(
            part.register_forward_pre_hook(
                lambda _, args, kwargs, path=path: keep(path, "in", (args, kwargs)), with_kwargs=True
            )
        )
        handles.append(part.register_forward_hook(lambda _, args, out, path=path: keep(path, "out", out)))
    training = {part: part.training for part in module.modules()}
    module.eval()
    try:
        with torch.no_grad():
            run()
    finally:
        for handle in handles:
            handle.remove()
        for part, flag in training.items():
            part.training = flag
    return seen
