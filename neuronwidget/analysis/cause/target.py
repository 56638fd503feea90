"""Targets: the one number of a pass that a question about an input is about, a unit's or an output's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from neuronwidget.analysis.cause.measure import output_number
from neuronwidget.analysis.inspect.outputs import output_name
from neuronwidget.analysis.kinds.probe import Probe
from neuronwidget.live.capture import laid_out, tensor_at
from neuronwidget.live.hooks import Hooks
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel


@dataclass(frozen=True)
class Target:
    """A unit at one position, or the logarithm of an output's odds, which does not stand still where it is sure.

    `site` is None for an output; `sign` is −1 for a unit that is below zero, so that what drives it raises the value.
    """

    name: str
    index: int
    site: Site | None = None
    position: int | None = None
    sign: int = 1

    def value(self, probe: Probe, given: Any) -> float:
        """What it is on an input."""
        if self.site is None:
            return float(_log_odds(probe.outputs(given), self.index))
        assert self.position is not None
        return self.sign * float(probe.values(given, self.site)[self.position, self.index])

    def slope(self, live: LiveModel, probe: Probe) -> Tensor:
        """Its gradient with respect to the numbers of the input, in their shape."""
        if live.edits:
            raise ValueError("Gradients do not pass through edits: method='occlusion' does.")
        numbers = probe.numbers(probe.given).detach().clone().requires_grad_(True)
        seen: list[Tensor] = []
        with live.running(whole=True) as parts, Hooks() as hooks:
            if self.site is not None:
                self._watch(hooks, parts, self.site, seen)
            returned = probe.run(numbers)
            with torch.enable_grad():
                value = _log_odds(probe.outputs_of(returned), self.index) if self.site is None else seen[self.site.call]
                (slope,) = torch.autograd.grad(self.sign * value, numbers, allow_unused=True)
        return torch.zeros_like(numbers) if slope is None else slope.detach()

    def _watch(self, hooks: Hooks, parts: Any, site: Site, seen: list[Tensor]) -> None:
        """Keeps the value of the unit in each call of its module, with its history."""
        if site.steps is not None or site.parts:
            raise ValueError(f"{site.name} is put together from several places: use method='occlusion' there.")

        def look(value: object) -> None:
            with torch.enable_grad():
                seen.append(laid_out(site, tensor_at(site, value))[self.position, self.index])

        hooks.observe(parts[site.module], "in" if site.side == "in" else "out", look)


def target_of(
    live: LiveModel, probe: Probe, unit: Any = None, output: str | int | None = None, position: int | None = None
) -> Target:
    """What is asked about: a unit where it is strongest, or at a position; without a unit an output."""
    if unit is None:
        if position is not None:
            raise ValueError("position= is of a unit: name one, or leave it out.")
        outputs = probe.outputs(probe.given)
        index = int(outputs.argmax()) if output is None else output_number(live, output, outputs)
        return Target(f"the log-odds of {output_name(live, index)!r}", index)
    if output is not None:
        raise ValueError("Either a unit or an output drives the question: leave one of them out.")
    name = live.sites.unit(unit)
    site = live.sites.resolve(name.site)
    column = probe.values(probe.given, site)[:, name.index]
    if position is None:
        position = int(torch.nan_to_num(column).abs().argmax())
    elif not 0 <= position < len(column):
        raise IndexError(f"{site.name} has the positions 0 to {len(column) - 1} on this input, not {position}.")
    sign = -1 if column[position] < 0 else 1
    place = f" at {probe.names[position]!r} ({position})" if site.per_token and site.layout is None else ""
    return Target(f"{'−' if sign < 0 else ''}{name}{place}", name.index, site, position, sign)


def _log_odds(logarithms: Tensor, index: int) -> Tensor:
    """How much more probable an output is than all others together, of logarithms of probabilities [outputs]."""
    others = torch.cat([logarithms[:index], logarithms[index + 1 :]])
    return logarithms[index] - others.logsumexp(0)
