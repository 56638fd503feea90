"""Finds the neurons of experts that share their tensors.

A mixture of experts in `transformers` runs all experts in one module, so that no place in the model holds an expert's
neurons. They are made again from what that module is given: the stream, and which experts each token goes to. They are
offered only where, sent through the down-projections, they give what the module itself gives.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from neuronwidget.live.replica.replica import replica_of
from neuronwidget.live.structure.sites import SiteTable

SHARED = "experts that share their tensors"


def with_experts(model: nn.Module, table: SiteTable) -> SiteTable:
    """The table with a site `experts.5` for each mixture of experts: units are the neurons of all experts in turn."""
    blocks = {site.module: site.layer for site in table if site.kind == "resid"}
    sites, missed = [], 0
    for path, module in model.named_modules():
        down = getattr(module, "down_proj", None)
        if not isinstance(down, Tensor) or down.ndim != 3:
            continue
        site = next((s for s in table if (s.module, s.side, s.call) == (path, "in", 0) and s.read is None), None)
        layer = next((layer for block, layer in blocks.items() if path.startswith(block + ".")), None)
        if site is None or layer is None:
            continue
        neurons = _Neurons(module)
        if not _gives_what_the_module_gives(module, neurons):
            missed += 1
            continue
        sites.append(
            replace(site, name=f"experts.{layer}", kind="experts", layer=layer, width=neurons.width,
                    pick=neurons.pick, read=neurons)
        )  # fmt: skip
    extended = table.added(*sites)
    if sites and not missed:
        extended.notes = [note for note in extended.notes if SHARED not in note]
    return extended


class _Neurons:
    """What goes into the down-projections: [tokens, width + experts] → [tokens, experts × neurons].

    A token has zeros for the experts that it is not sent to.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module: Callable[[], Any] = weakref.ref(module)
        self._experts = int(module.num_experts)  # type: ignore[arg-type]
        down: Any = module.down_proj
        self._inner = int(down.shape[1] if getattr(module, "is_transposed", False) else down.shape[2])
        self.width = self._experts * self._inner

    def pick(self, value: Any) -> Tensor:
        """The stream, and beside it a 1 for each expert that a token goes to."""
        args, kwargs = value
        given = [*args, *kwargs.values()]
        stream = next(x for x in given if isinstance(x, Tensor) and x.is_floating_point())
        index = next(x for x in given if isinstance(x, Tensor) and not x.is_floating_point())
        sent = torch.zeros(len(stream), self._experts + 1, dtype=stream.dtype, device=stream.device)
        sent.scatter_(1, index.clamp(0, self._experts), 1.0)  # one more than there are: sent to nobody here
        return torch.cat([stream.flatten(0, -2), sent[:, :-1]], 1)

    def __call__(self, rows: Tensor) -> Tensor:
        module = self._module()
        stream, sent = rows[:, : -self._experts], rows[:, -self._experts :]
        inside = stream.new_zeros(len(rows), self._experts, self._inner)
        for expert in sent.any(0).nonzero().flatten().tolist():
            tokens = sent[:, expert].nonzero().flatten()
            inside[tokens, expert] = _inside(module, stream[tokens], expert).to(inside.dtype)
        return inside.flatten(1)


def _inside(module: Any, stream: Tensor, expert: int) -> Tensor:
    """The neurons of one expert: [tokens, width] → [tokens, neurons]."""
    gated = getattr(module, "has_gate", True)
    up = _apply(module, "gate_up_proj" if gated else "up_proj", stream, expert)
    if not gated:
        return module.act_fn(up)  # type: ignore[no-any-return]
    return module._apply_gate(up)  # type: ignore[no-any-return]


def _apply(module: Any, name: str, x: Tensor, expert: int) -> Tensor:
    weight = getattr(module, name)[expert]
    bias = getattr(module, name + "_bias", None)
    product: Tensor = x @ (weight if getattr(module, "is_transposed", False) else weight.T)
    return product if bias is None else product + bias[expert]


def _gives_what_the_module_gives(module: Any, neurons: _Neurons) -> bool:
    """Tried on a few random tokens, each sent to two experts."""
    try:
        with replica_of(module).running() as parts:
            source = torch.Generator().manual_seed(0)
            up = module.gate_up_proj if getattr(module, "has_gate", True) else module.up_proj
            width = up.shape[1] if getattr(module, "is_transposed", False) else up.shape[2]
            stream = torch.randn(6, width, generator=source).to(up.device, up.dtype)
            index = torch.rand(6, neurons._experts, generator=source).topk(2, 1).indices.to(up.device)
            weights = torch.rand(6, 2, generator=source).to(up.device, up.dtype)
            expected = parts[""](stream, index, weights)
            inside = neurons(neurons.pick(((stream, index, weights), {}))).unflatten(1, (neurons._experts, -1))
            summed = torch.zeros_like(expected)
            for token in range(len(stream)):
                for expert, weight in zip(index[token].tolist(), weights[token], strict=True):
                    summed[token] += weight * _apply(module, "down_proj", inside[token, None, expert], expert)[0]
            error = (expected - summed).float().abs().max() / expected.float().abs().max()
            return bool(error < max(1e-5, 8 * torch.finfo(expected.dtype).eps))
    except Exception:
        return False
