"""Sites of the neurons of experts that are modules of their own.

The rows that an expert is given are rows of a tensor that the model made for all tokens: by them its neurons are put
back to their tokens, all experts beside each other, with zeros where a token was not sent. That is offered where the
experts' outputs, put back in the same way, make up what the model goes on with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from neuronwidget.live.capture import CaptureError
from neuronwidget.live.structure.mixtures.find import Mixture, assigned_rows, tensor_at_place
from neuronwidget.live.structure.mixtures.matching_rows import rows_within
from neuronwidget.live.structure.parts import is_matrix
from neuronwidget.live.structure.sites import Site, SiteTable
from neuronwidget.live.structure.trace import Place, Trace

#: How many places behind the experts are tried as what their outputs make up.
_BEHIND = 3


def with_mixtures(
    modules: Mapping[str, nn.Module],
    traces: Sequence[Trace],
    mixtures: Sequence[Mixture],
    table: SiteTable,
    sites: Mapping[Place, Site],
) -> SiteTable:
    """The table with a site `experts.5` for each mixture that can be put back in order, and notes on the others."""
    for mixture in mixtures:
        site = _experts_site(modules, traces, mixture, table, sites)
        if site is None:
            table.notes.append(
                f"{mixture.path}: each expert sees some of the tokens only, and what lies inside could not be put "
                "back in their order. It is left out."
            )
        else:
            table = table.added(site)
    return table


@dataclass(frozen=True)
class PutBack:
    """Neurons of all experts in turn, from what the experts saw in one pass: [..., experts × neurons].

    `numbers`: experts by their path; `downs`: experts by the path of the matrix that the neurons go into.
    """

    name: str
    numbers: Mapping[str, int]
    downs: Mapping[str, int]
    inner: int

    def __call__(self, gathered: object) -> Tensor:
        assert isinstance(gathered, list)
        source: Tensor = gathered[0][1]
        rows = source.flatten(0, -2)
        given: dict[int, list[Tensor]] = {}
        inside: dict[int, list[Tensor]] = {}
        for path, tensor in gathered[1:]:
            if path in self.numbers:
                given.setdefault(self.numbers[path], []).append(tensor.reshape(-1, rows.shape[1]))
            else:
                inside.setdefault(self.downs[path], []).append(tensor.reshape(-1, self.inner))
        found = rows.new_zeros(len(rows), len(self.numbers), self.inner)
        for number, parts in given.items():
            at, neurons = rows_within(rows, torch.cat(parts)), torch.cat(inside.get(number, [rows.new_zeros(0)]))
            if at is None or len(at) != len(neurons):
                raise CaptureError(
                    f"{self.name}: it cannot be told on this input which tokens went to which expert. "
                    "Change the input, or look at another site."
                )
            sent = at >= 0
            found[at[sent], number] = neurons[sent].to(found.dtype)
        return found.reshape(*source.shape[:-1], -1)


def _experts_site(
    modules: Mapping[str, nn.Module],
    traces: Sequence[Trace],
    mixture: Mixture,
    table: SiteTable,
    sites: Mapping[Place, Site],
) -> Site | None:
    """The site of all experts' neurons; None where they cannot be put back in the order of the tokens."""
    source = None if mixture.source is None else sites.get(mixture.source)
    tensor = None if mixture.source is None else tensor_at_place(traces[0], mixture.source)
    down = _down_projection(modules, traces, mixture)
    if source is None or tensor is None or down is None or tensor.ndim - 1 in source.axes:
        return None
    if source.width != tensor.shape[-1]:
        return None
    downs = {f"{expert}.{down}": number for number, expert in enumerate(mixture.experts)}
    if not all(path in modules and is_matrix(modules[path]) for path in downs):
        return None
    if not any(_adds_up(mixture, trace, down) for trace in traces):
        return None
    inner = next(e.inside.shape[-1] for t in traces for e in t.events if e.path in downs and e.inside is not None)
    name, layer = _name(mixture, table)
    numbers = {expert: number for number, expert in enumerate(mixture.experts)}
    parts = [(mixture.source[0], mixture.source[2]), *((path, "in") for path in (*numbers, *downs))]  # type: ignore[index]
    return replace(
        source, name=name, module=mixture.owner, side="out", call=0, kind="experts", layer=layer, parts=tuple(parts),
        width=len(numbers) * inner, pick=PutBack(name, numbers, downs, inner),
    )  # fmt: skip


def _name(mixture: Mixture, table: SiteTable) -> tuple[str, int]:
    """`experts.5` in the block with the stream `resid.5`; outside of blocks they are counted."""
    inside = f"{mixture.path}."
    block = next((s for s in table if s.kind == "resid" and not s.call and inside.startswith(s.module + ".")), None)
    layer = sum(s.kind == "experts" for s in table) if block is None else block.layer
    name = f"experts.{layer}" if block is None else block.name.replace("resid", "experts")
    taken = {site.name for site in table}
    while name in taken:
        name += "b"
    return name, layer


def _down_projection(modules: Mapping[str, nn.Module], traces: Sequence[Trace], mixture: Mixture) -> str | None:
    """The matrix in an expert, by its path there, whose output is what the expert gives."""
    for trace in traces:
        for event in trace.events:
            if event.path not in mixture.experts or event.outside is None or not event.outside.numel():
                continue
            for inner in trace.events:
                within = inner.path.startswith(event.path + ".") and is_matrix(modules[inner.path])
                if within and inner.outside is not None and _same_rows(inner.outside, event.outside):
                    return inner.path[len(event.path) + 1 :]
    return None


def _same_rows(a: Tensor, b: Tensor) -> bool:
    return a is b or (a.numel() == b.numel() and torch.equal(a.reshape(b.shape), b))


def _adds_up(mixture: Mixture, trace: Trace, down: str) -> bool:
    """Is what comes behind the experts, for each row, a sum of what the experts gave for it and of what was there?"""
    assert mixture.source is not None
    source = tensor_at_place(trace, mixture.source)
    assigned = None if source is None else assigned_rows(mixture, trace, source)
    if source is None or not assigned:
        return False
    rows = source.flatten(0, -2)
    outputs = []
    for number, at in assigned.items():
        expert = mixture.experts[number]
        given = [e.outside for e in trace.events if e.path == expert and e.outside is not None]
        below = [e.outside for e in trace.events if e.path == f"{expert}.{down}" and e.outside is not None]
        if len(given) != len(below) or not all(map(_same_rows, below, given)):
            return False
        flat = torch.cat([tensor.reshape(-1, tensor.shape[-1]) for tensor in given])
        if len(flat) != len(at):
            return False
        spread = flat.new_zeros(len(rows), flat.shape[1])
        spread[at[at >= 0]] = flat[at >= 0]
        outputs.append(spread)
    beside = [t for t in _beside(mixture, trace, len(rows)) if t.shape[-1] == outputs[0].shape[1]]
    last = max(i for i, event in enumerate(trace.events) if mixture.expert_of(event.path) is not None)
    behind = [e.outside for e in trace.events if e.path == mixture.owner and not e.call]
    behind += [e.inside for e in trace.events[last + 1 :]][:_BEHIND]
    if not mixture.owner:
        behind.append(trace.output)
    targets = [t.reshape(-1, t.shape[-1]) for t in behind if t is not None and t.ndim > 1]
    shape = outputs[0].shape
    return any(t.shape == shape and _is_sum(t, outputs, beside) for t in targets)


def _beside(mixture: Mixture, trace: Trace, rows: int) -> list[Tensor]:
    """What else the model may have added: what the owner was given, and what parts of it gave for all rows."""
    within = mixture.owner + "." if mixture.owner else ""
    found = []
    for event in trace.events:
        depth = event.path[len(within) :].count(".")
        tensor = event.inside if event.path == mixture.owner else event.outside
        mine = event.path == mixture.owner or (event.path.startswith(within) and not depth)
        if mine and mixture.expert_of(event.path) is None and tensor is not None and tensor.ndim > 1:
            flat = tensor.reshape(-1, tensor.shape[-1])
            if len(flat) == rows:
                found.append(flat)
    return found[:2] + found[-2:] if len(found) > 4 else found


def _is_sum(target: Tensor, outputs: Sequence[Tensor], beside: Sequence[Tensor]) -> bool:
    """Is each row of the target a sum of the same row of the others, each times some number?"""
    terms = torch.stack([tensor.double() for tensor in (*outputs, *beside)], 2).cpu()  # [rows, width, terms]
    if terms.shape[2] >= terms.shape[1]:
        return False  # so few numbers can be made of anything
    wanted = target.double().cpu()[..., None]
    weights = torch.linalg.lstsq(terms, wanted, driver="gelsd").solution
    error = (terms @ weights - wanted).abs().amax()
    return bool(error <= max(1e-5, 16 * torch.finfo(target.dtype).eps) * wanted.abs().amax().clamp_min(1e-30))
