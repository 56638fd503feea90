"""Short names for places, from structure.

Repeated blocks that hand a stream of one width along are layers. Within a block, the last matrix that brings a wider
inside back to the stream is the down-projection, and what goes into it are the neurons; the matrix that brings what the
attention heads fetched back to the stream is the attention's output projection, and what goes into it are the heads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from neuronwidget.live.structure.parts import is_matrix, is_mixer, is_nonlinearity, is_recurrent, layers_of
from neuronwidget.live.structure.sites import Site
from neuronwidget.live.structure.stacks import stacks_of
from neuronwidget.live.structure.trace import Event, Place

Rename = Callable[[str, int, str, str, str, int], None]
Width = Callable[[Event, str], int]
"""How many units there are at a side of a call."""

#: Attributes by which attention modules say how many heads they have, or how wide one is: no tensor tells it.
_HEAD_COUNTS = ("num_heads", "num_attention_heads", "n_heads", "n_head", "heads")
_HEAD_WIDTHS = ("head_dim", "attention_head_size", "head_size", "key_value_proj_dim")


def short_names(
    modules: dict[str, nn.Module], events: Sequence[Event], sites: dict[Place, Site]
) -> tuple[list[Site], list[str]]:
    """Give neurons, stream, heads and recurrent layers their short names; leave the rest under their paths.

    Returns the sites, and what should be said about those that were not found.
    """
    renamed, extra, notes = dict(sites), [], []

    def rename(path: str, call: int, side: str, name: str, kind: str, layer: int) -> None:
        site = sites.get((path, call, side))
        if site is not None:
            name = name + (f"#{call + 1}" if call else "")
            renamed[path, call, side] = replace(site, name=name, kind=kind, layer=layer)

    def width(event: Event, side: str) -> int:
        site = sites.get((event.path, event.call, side))
        return width_of(event.inside if side == "in" else event.outside, None if site is None else site.axis)

    layers = layers_of(modules, events)
    matrices = [e for e in layers if is_matrix(modules[e.path]) and e.inside is not None and e.outside is not None]
    stacks = stacks_of(modules, events, sites)
    for stack in stacks:
        for layer, (block, end) in enumerate(zip(stack.blocks, stack.ends, strict=True), stack.first):
            extra += _name_block(
                block, end, f"{stack.prefix}{{}}.{layer}", layer, modules, events, matrices, sites, rename, width
            )
            if _shares_experts(block, matrices, modules, width):
                notes.append(f"{block}: experts that share their tensors have no place where neurons could be seen.")
    if not stacks:
        recurrent = [e for e in events if isinstance(modules[e.path], (nn.RNNBase, nn.RNNCellBase))]
        for layer, event in enumerate(recurrent):
            rename(event.path, event.call, "out", f"rnn.{layer}", "rnn", layer)
        _name_dense(modules, layers, matrices, sites, rename)
    return [*renamed.values(), *extra], _at_most_one(notes)


def _name_block(
    block: str,
    end: str,
    name: str,
    layer: int,
    modules: dict[str, nn.Module],
    events: Sequence[Event],
    matrices: Sequence[Event],
    sites: dict[Place, Site],
    rename: Rename,
    width: Width,
) -> list[Site]:
    """Name what lies in one block; `name` is a pattern for the kind. Returns the sites that are made of others."""
    inside = [e for e in events if e.path.startswith(block + ".")]
    mine = [e for e in matrices if e.path.startswith(block + ".")]
    for event in events:
        if event.path == end:
            rename(end, event.call, "out", name.format("resid"), "resid", layer)
    site = sites.get((end, 0, "out"))
    handed_on = (
        [e for e in events if (e.path, e.call) == (end, 0)] if site is not None and site.axis is not None else []
    )
    stream = width(handed_on[0], "out") if handed_on else None
    attention = _attention(block, mine, modules)
    mixers = _mixers(block, mine, modules)
    spoken_for = {path for _, path in (*attention, *mixers)}
    owners = tuple(f"{owner}." for owner, _ in (*attention, *mixers))
    down = _down_projection(
        [e for e in mine if e.path not in spoken_for and not e.path.startswith(owners)], stream, width
    )
    for event in mine:
        if event.path == down:
            rename(event.path, event.call, "in", name.format("mlp"), "mlp", layer)
        elif event.path in [path for _, path in mixers]:
            rename(event.path, event.call, "in", name.format("mixer"), "mixer", layer)
        elif _is_router(event, modules, width):
            rename(event.path, event.call, "out", name.format("router"), "router", layer)
    for event in inside:
        if is_recurrent(modules[event.path]):
            rename(event.path, event.call, "out", name.format("state"), "state", layer)
    made = []
    for rank, (owner, path) in enumerate(attention):
        kinds = ("attn", "heads") if rank == 0 else ("cross", "crossheads")
        for event in (e for e in mine if e.path == path):
            rename(path, event.call, "in", name.format(kinds[0]), "attn", layer)
            site = sites.get((path, event.call, "in"))
            count = _head_count(modules[owner], width(event, "in"))
            if site is not None and count and site.width == width(event, "in"):
                called = name.format(kinds[1]) + (f"#{event.call + 1}" if event.call else "")
                made.append(replace(site, name=called, kind="heads", width=count, layer=layer, read=Norms(count)))
    return made


@dataclass(frozen=True)
class Norms:
    """How strongly each head speaks: the length of what it puts out, [positions, heads]."""

    heads: int

    def __call__(self, rows: Tensor) -> Tensor:
        strength: Tensor = torch.linalg.vector_norm(rows.float().reshape(len(rows), self.heads, -1), dim=2)
        return strength


# ---- within a block --------------------------------------------------------------------------------------------------


def _attention(block: str, matrices: Sequence[Event], modules: dict[str, nn.Module]) -> list[tuple[str, str]]:
    """Modules with heads, each with the path of the matrix that brings what the heads fetched back to the stream."""
    once = [e for e in matrices if not e.call]
    found: list[tuple[str, str]] = []
    for owner, module in modules.items():
        if not owner.startswith(block + ".") or any(owner.startswith(other + ".") for other, _ in found):
            continue
        told = any(isinstance(getattr(module, name, None), int) for name in (*_HEAD_COUNTS, *_HEAD_WIDTHS))
        own = [e for e in once if e.path.startswith(owner + ".")]
        if not told or len(own) < 2 or is_mixer(module):
            continue
        last = own[-1]
        if any(e.inside is last.inside for e in once[: once.index(last)]):
            # Queries, keys and values only: the projection is the next matrix, outside.
            after = once[once.index(last) + 1 :]
            if not after:
                continue
            last = after[0]
        found.append((owner, last.path))
    return found


def _head_count(attention: nn.Module, width: int) -> int:
    """How many heads share a row of this width; 0 where nothing says it."""
    for name in _HEAD_COUNTS:
        count = getattr(attention, name, None)
        if isinstance(count, int) and count > 0 and width % count == 0:
            return count
    for name in _HEAD_WIDTHS:
        size = getattr(attention, name, None)
        if isinstance(size, int) and size > 0 and width % size == 0:
            return width // size
    return 0


def _down_projection(matrices: Sequence[Event], stream: int | None, width: Width) -> str | None:
    """The last matrix of a block that narrows to the stream's width, else the last one that follows another.

    Blocks that bring the stream into a bottleneck first have matrices that narrow what another has widened.
    """
    back = [e for e in matrices if stream in (None, width(e, "out"))]
    narrowing = [e for e in back if width(e, "in") > width(e, "out")]
    if not narrowing:
        wide = {width(e, "out"): i for i, e in reversed(list(enumerate(matrices))) if width(e, "in") < width(e, "out")}
        narrowing = [
            e
            for i, e in enumerate(matrices)
            if width(e, "in") > width(e, "out") and wide.get(width(e, "in"), len(matrices)) < i
        ]
    if narrowing:
        return narrowing[-1].path
    changing = [e for e in matrices if width(e, "in") != width(e, "out")]
    return changing[-1].path if len(changing) > 1 and changing[-1] in back else None


def _mixers(block: str, matrices: Sequence[Event], modules: dict[str, nn.Module]) -> list[tuple[str, str]]:
    """State-space modules, each with the path of its last matrix, that brings its inside back to the stream."""
    found = []
    for owner, module in modules.items():
        own = [e for e in matrices if e.path.startswith(owner + ".")] if owner.startswith(block + ".") else []
        if len(own) > 1 and is_mixer(module):
            found.append((owner, own[-1].path))
    return found


def _is_router(event: Event, modules: dict[str, nn.Module], width: Width) -> bool:
    """Is this the matrix that shares tokens out to experts: as many outputs as something beside it has parts?"""
    parent = modules[event.path.rpartition(".")[0]]
    experts = width(event, "out")
    return any(_holds(child, experts) for child in parent.children())


def _holds(module: nn.Module, experts: int) -> bool:
    if isinstance(module, nn.ModuleList):
        return len(module) == experts
    if isinstance(module, nn.modules.conv._ConvNd):
        return False
    return experts > 1 and any(p.ndim == 3 and p.shape[0] == experts for p in module.parameters(recurse=False))


def _shares_experts(block: str, matrices: Sequence[Event], modules: dict[str, nn.Module], width: Width) -> bool:
    """Is there a router in the block, and beside it one module that holds all experts?"""
    routers = [e for e in matrices if e.path.startswith(block + ".") and _is_router(e, modules, width)]
    beside = [part for e in routers for part in modules[e.path.rpartition(".")[0]].children()]
    return any(p.ndim == 3 for part in beside for p in part.parameters(recurse=False))


def _at_most_one(notes: list[str]) -> list[str]:
    return notes if len(notes) < 2 else [f"{notes[0]} The same holds for {len(notes) - 1} more."]


def _name_dense(
    modules: dict[str, nn.Module],
    layers: Sequence[Event],
    matrices: Sequence[Event],
    sites: Mapping[Place, Site],
    rename: Rename,
) -> None:
    """Dense layers outside any stack of blocks: looked at after the nonlinearity that takes their output."""
    for layer, event in enumerate(event for event in matrices if not event.call):
        path, side, call = event.path, "out", event.call
        following = layers[layers.index(event) + 1 :]
        if following:
            after = following[0]
            if after.inside is event.outside and is_nonlinearity(modules[after.path]):
                path, call = after.path, after.call
            elif after.inside is not None and event.outside is not None and after.inside is not event.outside:
                same = after.inside.shape == event.outside.shape
                if same:  # a functional nonlinearity: what reaches the next module is what came out of it
                    path, side, call = after.path, "in", after.call
        if in_a_loop(sites, (path, call, side)) != in_a_loop(sites, (event.path, event.call, "out")):
            path, side, call = event.path, "out", event.call
        rename(path, call, side, f"dense.{layer}", "dense", layer)


def in_a_loop(sites: Mapping[Place, Site], place: Place) -> bool:
    """Is a place one whose positions are steps?"""
    return place in sites and sites[place].steps is not None


def width_of(tensor: Tensor | None, positions: int | None = None) -> int:
    """Length of the last dimension that does not count positions."""
    if tensor is None or not tensor.ndim:
        return 0
    return tensor.shape[-2] if tensor.ndim > 1 and positions == tensor.ndim - 1 else tensor.shape[-1]
