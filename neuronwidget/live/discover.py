"""Finds where a model's units live, by watching it run and not by a list of class names.

The model runs twice on a short input, once a little longer than the other. The dimension that grows with the input is
the one that counts positions; what follows is units. Names come from structure: repeated blocks that hand a stream of
one width along are layers; the last matrix that brings a block's inner width back to the stream is its down-projection,
and what goes into it are the neurons.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor, nn

from neuronwidget.live.capture import describe_output, first_tensor, undisturbed
from neuronwidget.live.sites import Site, SiteTable


@dataclass
class Event:
    """One call of one module: what went in and what came out."""

    path: str
    call: int
    inside: Tensor | None
    outside: Tensor | None
    versions: tuple[int, int]

    @property
    def changed_later(self) -> tuple[bool, bool]:
        """Did the model write into the input or the output after this call?"""
        return (
            self.inside is not None and self.inside._version != self.versions[0],
            self.outside is not None and self.outside._version != self.versions[1],
        )


@dataclass
class Trace:
    """All calls of a pass, in the order in which they ended, and what the model returned."""

    events: list[Event] = field(default_factory=list)
    output: object = None


@dataclass(frozen=True)
class Anatomy:
    """What discovery found: the sites, the module that makes the logits (if splitting it off is exact), the output."""

    sites: SiteTable
    head: str | None
    output_axis: int | None
    classes: int


def watch_pass(root: nn.Module, modules: dict[str, nn.Module], run: Callable[[], object]) -> Trace:
    """Run the model with an eye on every module."""
    trace = Trace()
    calls: dict[str, int] = {}
    handles = []
    thread = threading.get_ident()

    def note(path: str) -> Callable[..., None]:
        def hook(_: nn.Module, args: tuple[object, ...], kwargs: dict[str, object], output: object) -> None:
            if threading.get_ident() != thread:
                return
            call = calls[path] = calls.get(path, -1) + 1
            inside, outside = first_tensor((args, kwargs)), first_tensor(output)
            versions = (inside._version if inside is not None else 0, outside._version if outside is not None else 0)
            trace.events.append(Event(path, call, inside, outside, versions))

        return hook

    try:
        for path, module in modules.items():
            if path:
                handles.append(module.register_forward_hook(note(path), with_kwargs=True))
        with undisturbed(root):
            trace.output = run()
    finally:
        for handle in handles:
            handle.remove()
    return trace


def discover(root: nn.Module, modules: dict[str, nn.Module], run: Callable[[int], object]) -> Anatomy:
    """Find the sites of a model. `run(n)` calls it on an input of n positions."""
    short, long = (watch_pass(root, modules, lambda n=n: run(n)) for n in (5, 7))  # type: ignore[misc]
    paired = [(a, b) for a, b in zip(short.events, long.events, strict=False) if (a.path, a.call) == (b.path, b.call)]
    notes = []
    if len(paired) != len(long.events):
        notes.append("The model ran different modules on inputs of different length; only the common ones are listed.")
    sites: dict[tuple[str, int, str], Site] = {}
    for a, b in paired:
        for side, ta, tb, changed in (
            ("in", a.inside, b.inside, a.changed_later[0]),
            ("out", a.outside, b.outside, a.changed_later[1]),
        ):
            site = _site(a.path, a.call, side, ta, tb)
            if site is not None:
                sites[a.path, a.call, side] = replace(site, changed_later=changed)
    named = _short_names(modules, [b for _, b in paired], sites)
    order = {(event.path, event.call): place for place, (event, _) in enumerate(paired)}
    listed = sorted(named, key=lambda site: (order[site.module, site.call], site.side == "out"))
    logits = describe_output(long.output)
    axis = _grown_axis(describe_output(short.output), logits)
    return Anatomy(
        SiteTable(listed, notes),
        _head(long, logits, modules),
        axis,
        0 if logits is None else logits.shape[-1],
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
    """The one dimension that was 5 and became 7."""
    if short is None or long is None or short.ndim != long.ndim:
        return None
    grown = [i for i, (a, b) in enumerate(zip(short.shape, long.shape, strict=True)) if a != b]
    return grown[0] if len(grown) == 1 and (short.shape[grown[0]], long.shape[grown[0]]) == (5, 7) else None


def _short_names(
    modules: dict[str, nn.Module], events: Sequence[Event], sites: dict[tuple[str, int, str], Site]
) -> list[Site]:
    """Give neurons, stream and recurrent layers their short names; leave the rest under their paths."""
    blocks = _blocks(modules, events)
    renamed = dict(sites)

    def rename(path: str, call: int, side: str, name: str, kind: str, layer: int) -> None:
        site = sites.get((path, call, side))
        if site is not None:
            name = name + (f"#{call + 1}" if call else "")
            renamed[path, call, side] = replace(site, name=name, kind=kind, layer=layer)

    matrices = [e for e in events if _is_matrix(modules[e.path]) and e.inside is not None and e.outside is not None]
    for layer, block in enumerate(blocks):
        for event in events:
            if event.path == block:
                rename(block, event.call, "out", f"resid.{layer}", "resid", layer)
        down = _down_projection([e for e in matrices if e.path.startswith(block + ".")])
        for event in matrices:
            if down is not None and event.path == down:
                rename(event.path, event.call, "in", f"mlp.{layer}", "mlp", layer)
        for event in events:
            if event.path.startswith(block + ".") and _is_recurrent(modules[event.path]):
                rename(event.path, event.call, "out", f"state.{layer}", "state", layer)
    if not blocks:
        recurrent = [e for e in events if isinstance(modules[e.path], nn.RNNBase)]
        for layer, event in enumerate(recurrent):
            rename(event.path, event.call, "out", f"rnn.{layer}", "rnn", layer)
        _name_dense(modules, events, matrices, rename)
    return list(renamed.values())


def _name_dense(
    modules: dict[str, nn.Module],
    events: Sequence[Event],
    matrices: Sequence[Event],
    rename: Callable[[str, int, str, str, str, int], None],
) -> None:
    """Dense layers outside any stack of blocks: looked at after the nonlinearity that takes their output."""
    leaves = [e for e in events if not any(True for _ in modules[e.path].children())]
    for layer, event in enumerate(matrices):
        path, side, call = event.path, "out", event.call
        following = leaves[leaves.index(event) + 1 :]
        if following:
            after = following[0]
            if after.inside is event.outside and _is_nonlinearity(modules[after.path]):
                path, call = after.path, after.call
            elif after.inside is not None and event.outside is not None and after.inside is not event.outside:
                same = after.inside.shape == event.outside.shape
                if same:  # a functional nonlinearity: what reaches the next module is what came out of it
                    path, side, call = after.path, "in", after.call
        rename(path, call, side, f"dense.{layer}", "dense", layer)


def _blocks(modules: dict[str, nn.Module], events: Sequence[Event]) -> list[str]:
    """Paths of the repeated parts that hand a stream of one width along: a transformer's layers."""
    called = {event.path: event for event in reversed(events)}
    best: list[str] = []
    for path, module in modules.items():
        if not isinstance(module, (nn.ModuleList, nn.Sequential)):
            continue
        children = [f"{path}.{name}" if path else name for name, _ in module.named_children()]
        inner = [called[child] for child in children if child in called and any(modules[child].children())]
        steady = [
            e.path
            for e in inner
            if e.inside is not None and e.outside is not None and e.inside.shape == e.outside.shape
        ]
        if len(steady) == len(inner) and len(steady) > len(best):
            best = steady
    return best


def _down_projection(matrices: Sequence[Event]) -> str | None:
    """The last matrix of a block that changes the width to the stream's, else the last one that follows another."""
    narrowing = [e for e in matrices if _width(e.inside) > _width(e.outside)]
    if narrowing:
        return narrowing[-1].path
    changing = [e for e in matrices if _width(e.inside) != _width(e.outside)]
    return changing[-1].path if len(changing) > 1 else None


def _head(trace: Trace, logits: Tensor | None, modules: dict[str, nn.Module]) -> str | None:
    """The matrix whose output is, to the last bit, what the model returns as logits."""
    if logits is None:
        return None
    for event in reversed(trace.events):
        if event.outside is not None and _is_matrix(modules[event.path]):
            same = event.outside.shape == logits.shape and torch.equal(event.outside, logits)
            return event.path if same and event.call == 0 else None
    return None


def _width(tensor: Tensor | None) -> int:
    return 0 if tensor is None or not tensor.ndim else tensor.shape[-1]


def _is_matrix(module: nn.Module) -> bool:
    """Linear, or anything else that multiplies by one two-dimensional weight (Hugging Face's Conv1D)."""
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) and weight.ndim == 2 and not isinstance(module, (nn.Embedding, nn.EmbeddingBag))


def _is_nonlinearity(module: nn.Module) -> bool:
    return type(module).__module__.startswith("torch.nn.modules.activation") and not list(module.parameters())


def _is_recurrent(module: nn.Module) -> bool:
    """A layer that carries a state along the positions, or says so."""
    return isinstance(module, nn.RNNBase) or getattr(module, "carries_state", False) is True
