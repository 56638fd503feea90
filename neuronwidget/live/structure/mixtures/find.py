"""Finds experts that are modules of their own, of which each sees some of the tokens.

What lies inside such an expert has no row for each token, so it is no site; `sites` offers them together. Parts
of a container are experts if none is given what another gave, and who is given what depends on the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from neuronwidget.live.structure.mixtures.matching_rows import rows_within
from neuronwidget.live.structure.trace import Event, Place, Trace

#: How many places before the experts are tried as what their rows are taken from.
_BEFORE = 16


@dataclass(frozen=True)
class Mixture:
    """Experts in a container, and the place whose rows they are given, if there is one.

    `owner` is the module that calls them, "" for the model itself.
    """

    path: str
    owner: str
    experts: tuple[str, ...]
    source: Place | None

    def expert_of(self, path: str) -> int | None:
        """Which expert a module is, or is a part of."""
        return next((i for i, e in enumerate(self.experts) if path == e or path.startswith(e + ".")), None)


def find_mixtures(
    modules: Mapping[str, nn.Module], traces: Sequence[Trace], another: Callable[[], Trace]
) -> list[Mixture]:
    """Containers of parts that are alike and of which each is given some of the rows.

    `another` makes a pass over a longer input: it is asked where so far all went to one part.
    """
    found: list[Mixture] = []
    seen = list(traces)
    for path, module in modules.items():  # parents come before their children
        parts = {f"{path}.{name}" if path else name: part for name, part in module.named_children()}
        if not isinstance(module, (nn.ModuleList, nn.ModuleDict)) or not _are_alike(list(parts.values())):
            continue
        if any(mixture.expert_of(path) is not None for mixture in found):
            continue
        mixture = _mixture(path, tuple(parts), seen)
        if mixture is not None and len(seen) == len(traces) and _is_doubtful(mixture, seen):
            try:
                seen.append(another())
            except Exception:
                seen.append(traces[-1])
            mixture = _mixture(path, tuple(parts), seen)
        if mixture is not None and (_shares_out(mixture, seen) or _may_share_out(mixture, seen)):
            found.append(mixture)
    return found


def without_experts(trace: Trace, mixtures: Sequence[Mixture]) -> Trace:
    """The trace without what happened in experts."""
    kept = [event for event in trace.events if all(mixture.expert_of(event.path) is None for mixture in mixtures)]
    return Trace(kept, trace.output)


def _are_alike(parts: Sequence[nn.Module]) -> bool:
    shapes = [[parameter.shape for parameter in part.parameters()] for part in parts]
    return len(parts) > 1 and all(shape and shape == shapes[0] for shape in shapes)


def _mixture(path: str, experts: tuple[str, ...], traces: Sequence[Trace]) -> Mixture | None:
    """The parts as experts; None where one is given what another gave, or none is called."""
    for trace in traces:
        calls = [event for event in trace.events if event.path in experts]
        given = [event.inside for event in calls]
        if any(tensor is None for tensor in given):
            return None
        if any(event.outside is tensor for event in calls for tensor in given):
            return None
    if not any(event.path in experts for trace in traces for event in trace.events):
        return None
    called = {event.path for trace in traces for event in trace.events}
    owner = path
    while owner and owner not in called:
        owner = owner.rpartition(".")[0]
    mixture = Mixture(path, owner, experts, None)
    first, *others = (list(_sources(mixture, trace)) for trace in traces)
    shared = [place for place in first if all(place in places for places in others)]
    return replace(mixture, source=shared[0]) if shared else mixture


def _sources(mixture: Mixture, trace: Trace) -> Iterator[Place]:
    """Places whose rows the experts were given, the nearest first."""
    first = next((i for i, event in enumerate(trace.events) if mixture.expert_of(event.path) is not None), None)
    if first is None:
        yield from _places(trace.events)
        return
    owner = [event for event in trace.events if event.path == mixture.owner]
    before = trace.events[:first][::-1][:_BEFORE]
    for event, side in [(e, "in") for e in owner[:1]] + [(e, side) for e in before for side in ("out", "in")]:
        tensor = event.inside if side == "in" else event.outside
        if tensor is not None and not event.call and assigned_rows(mixture, trace, tensor) is not None:
            yield event.path, event.call, side


def _places(events: Sequence[Event]) -> Iterator[Place]:
    for event in events:
        yield event.path, event.call, "in"
        yield event.path, event.call, "out"


def assigned_rows(mixture: Mixture, trace: Trace, source: Tensor) -> dict[int, Tensor] | None:
    """Which rows of a tensor each expert was given; None where it was given others."""
    if source.ndim < 2:
        return None
    rows = source.flatten(0, -2)
    found: dict[int, Tensor] = {}
    for number, expert in enumerate(mixture.experts):
        given = [e.inside for e in trace.events if e.path == expert and e.inside is not None]
        if not given:
            continue
        if any(tensor.ndim == 0 or tensor.shape[-1] != rows.shape[1] for tensor in given):
            return None
        at = rows_within(rows, torch.cat([tensor.reshape(-1, rows.shape[1]) for tensor in given]))
        if at is None:
            return None
        found[number] = at
    return found


def tensor_at_place(trace: Trace, place: Place) -> Tensor | None:
    """What a module took or gave in a pass."""
    for event in trace.events:
        if (event.path, event.call) == place[:2]:
            return event.inside if place[2] == "in" else event.outside
    return None


def _counts(mixture: Mixture, trace: Trace) -> dict[str, int]:
    """How many rows each expert was given that was called."""
    counts: dict[str, int] = {}
    for event in trace.events:
        if event.path in mixture.experts and event.inside is not None:
            rows = event.inside.numel() // max(1, event.inside.shape[-1]) if event.inside.ndim else 0
            counts[event.path] = counts.get(event.path, 0) + rows
    return counts


def _shares_out(mixture: Mixture, traces: Sequence[Trace]) -> bool:
    """Does it depend on the rows who is given them?"""
    counts = [_counts(mixture, trace) for trace in traces]
    if any(count.keys() != counts[0].keys() for count in counts) or any(len(set(c.values())) > 1 for c in counts):
        return True
    if mixture.source is None:
        return False
    for trace in traces:
        source = tensor_at_place(trace, mixture.source)
        assigned = None if source is None else assigned_rows(mixture, trace, source)
        if source is None or assigned is None:
            continue
        every = list(range(source.numel() // source.shape[-1]))
        if any(at.tolist() != every for at in assigned.values()):
            return True
    return False


def _may_share_out(mixture: Mixture, traces: Sequence[Trace]) -> bool:
    """Was there one row only, in every pass, so that no pass could show it?"""
    single = all(count <= 1 for trace in traces for count in _counts(mixture, trace).values())
    return single and _is_doubtful(mixture, traces)


def _is_doubtful(mixture: Mixture, traces: Sequence[Trace]) -> bool:
    """Did all rows go to the same parts, and none to others?"""
    return not _shares_out(mixture, traces) and len(_counts(mixture, traces[0])) < len(mixture.experts)
