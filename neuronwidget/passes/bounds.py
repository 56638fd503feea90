"""Finds sites whose values lie between known bounds, since they come straight out of a tanh or a sigmoid."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from torch import Tensor, nn

from neuronwidget.live.hooks import Hooks
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.tensors import copied, first_tensor, same_bits
from neuronwidget.passes.listen import listen_to


def find_bounds(live: LiveModel, sites: Sequence[Site], run: Callable[[], object]) -> dict[Site, str]:
    """Sites whose values come straight from a tanh or sigmoid, or are the state of a recurrent layer. `run`: a pass."""
    squashed: list[tuple[Tensor, Tensor, str]] = []  # what came out, the same as it was then, and its bounds
    bounds: dict[Site, str] = {}

    def note(bound: str, output: object) -> None:
        tensor = first_tensor(output)
        if tensor is not None:
            squashed.append((tensor.detach(), copied(tensor), bound))

    def take(site: Site, tensor: Tensor) -> None:
        for output, then, bound in squashed:
            same = output.data_ptr() == tensor.data_ptr() and output.numel() == tensor.numel()
            if same and same_bits(output, then):
                bounds[site] = bound

    with live.running() as parts, Hooks() as hooks:
        for module in parts.values():
            bound = _bound_of(module)
            if bound is not None:  # before hooks of the model's owner, which may return something else
                hooks.observe(module, "out", partial(note, bound), first=True)
        listen_to(live, run, sites, take)
    return bounds


def _bound_of(module: nn.Module) -> str | None:
    """Between what the values lie that a module gives: those of a tanh or a sigmoid; None where it is not known."""
    if isinstance(module, nn.RNNBase):
        return "tanh" if module.mode != "RNN_RELU" and not module.proj_size else None
    if type(module) in (nn.Tanh, nn.Softsign) or getattr(module, "carries_state", False) is True:
        return "tanh"
    if type(module) is nn.Hardtanh:
        return "tanh" if (module.min_val, module.max_val) == (-1, 1) else None
    return "sigmoid" if type(module) in (nn.Sigmoid, nn.Hardsigmoid) else None
