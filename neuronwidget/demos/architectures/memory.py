"""The code model's recurrent channels: each keeps one number from character to character."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from neuronwidget.demos.architectures.cache import Rows


class _Recurrence(torch.autograd.Function):
    """The memory's recurrence over time-first tensors, with a backward pass that is one linear scan."""

    @staticmethod
    def forward(
        ctx: Any, gate: Tensor, candidate: Tensor, to_gate: Tensor, to_candidate: Tensor, first: Tensor
    ) -> Tensor:
        states = run_memory(gate, candidate, to_gate, to_candidate, first, keep=True)
        ctx.save_for_backward(*states, to_gate, to_candidate, first)
        return states[0]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, ...]:
        states, z, c, to_gate, to_candidate, first = ctx.saved_tensors
        before = torch.cat([first.unsqueeze(0), states[:-1]])
        by_gate = (c - before) * z * (1 - z)  # d state / d gate, before the sigmoid
        by_candidate = z * (1 - c * c)
        carry = (1 - z) + by_gate * to_gate + by_candidate * to_candidate  # d state / d previous state
        total = grads[0].clone()
        for here, back, factor in zip(
            reversed(total.unbind()[1:]), reversed(total.unbind()[:-1]), reversed(carry.unbind()[1:]), strict=True
        ):
            back.addcmul_(here, factor)
        of_gate, of_candidate = total * by_gate, total * by_candidate
        return (
            of_gate,
            of_candidate,
            (of_gate * before).sum((0, 1)),
            (of_candidate * before).sum((0, 1)),
            total[0] * carry[0],
        )


def run_memory(
    gate: Tensor, candidate: Tensor, to_gate: Tensor, to_candidate: Tensor, first: Tensor, keep: bool = False
) -> tuple[Tensor, ...]:
    """Step ``h += sigmoid(gate + to_gate·h) · (tanh(candidate + to_candidate·h) - h)`` through time.

    ``gate`` and ``candidate`` are ``[tokens, batch, channels]``, ``first`` is ``[batch, channels]``. Returns the
    states of the shape of ``gate`` and, with ``keep``, the opened gates and candidates.
    """
    states = torch.empty_like(gate)
    # without keep, every step writes its gate and candidate over the last one's
    room = gate if keep else gate[:1]
    z, c = (torch.empty_like(room).expand_as(gate) for _ in range(2))
    h = first
    for g_in, c_in, g_out, c_out, s in zip(
        gate.unbind(), candidate.unbind(), z.unbind(), c.unbind(), states.unbind(), strict=True
    ):
        torch.addcmul(g_in, to_gate, h, out=g_out).sigmoid_()
        torch.addcmul(c_in, to_candidate, h, out=c_out).tanh_()
        h = torch.lerp(h, c_out, g_out, out=s)
    return (states, z, c) if keep else (states,)


class Memory(nn.Module):
    """Recurrent channels, ``[batch, tokens, width]`` → their states ``[batch, tokens, channels]`` in (-1, 1).

    A channel sees the stream and *its own* last state, never another channel's: what it remembers is
    not mixed with what others do, so single channels can be read.
    """

    carries_state = True

    def __init__(self, width: int, channels: int) -> None:
        super().__init__()
        self.inputs = nn.Linear(width, 2 * channels)
        self.to_gate = nn.Parameter(torch.zeros(channels))
        self.to_candidate = nn.Parameter(torch.zeros(channels))

    @torch.no_grad()
    def spread(self) -> None:
        """Let the channels start with spans from about two to about 150 characters."""
        channels = len(self.to_gate)
        self.inputs.bias[:channels] = torch.linspace(0.0, -5.0, channels)

    def forward(self, x: Tensor, rows: Rows | None = None) -> Tensor:
        gate, candidate = self.inputs(x).float().transpose(0, 1).contiguous().chunk(2, -1)
        first = rows.last() if rows is not None else None
        if first is None:
            first = gate.new_zeros(gate.shape[1:])
        coupling = self.to_gate.float(), self.to_candidate.float()
        if torch.is_grad_enabled():
            states: Tensor = _Recurrence.apply(gate, candidate, *coupling, first)  # type: ignore[no-untyped-call]
        else:
            states = run_memory(gate, candidate, *coupling, first)[0]
        states = states.transpose(0, 1)
        if rows is not None:
            rows.append(states)
        return states.to(x.dtype)
