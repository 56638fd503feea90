"""Short names for places, from structure.

Repeated blocks that hand a stream of one width along are layers. Within a block, the last matrix that brings a wider
inside back to the stream is the down-projection, and what goes into it are the neurons; the matrix that brings what the
attention heads fetched back to the stream is the attention's output projection, and what goes into it are the heads.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from neuronwidget.live.sites import Site
from neuronwidget.live.watch import Event

Place = tuple[str, int, str]
Rename = Callable[[str, int, str, str, str, int], None]

#: Attributes by which attention modules say how many heads they have, or how wide one is: no tensor tells it.
_HEAD_COUNTS = ("num_heads", "num_attention_heads", "n_heads", "n_head", "heads")
_HEAD_WIDTHS = ("head_dim", "attention_head_size", "head_size", "key_value_proj_dim")


@dataclass(frozen=True)
class Stack:
    """A run of blocks. `prefix` tells it from other stacks of the model, `first` is the number of its first layer."""

    prefix: str
    first: int
    blocks: tuple[str, ...]


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

    matrices = [e for e in events if is_matrix(modules[e.path]) and e.inside is not None and e.outside is not None]
    stacks = _stacks(modules, events)
    for stack in stacks:
        for layer, block in enumerate(stack.blocks, stack.first):
            extra += _name_block(block, f"{stack.prefix}{{}}.{layer}", layer, modules, events, matrices, sites, rename)
            if _shares_experts(block, matrices, modules):
                notes.append(f"{block}: experts that share their tensors have no place where neurons could be seen.")
    if not stacks:
        recurrent = [e for e in events if isinstance(modules[e.path], nn.RNNBase)]
        for layer, event in enumerate(recurrent):
            rename(event.path, event.call, "out", f"rnn.{layer}", "rnn", layer)
        _name_dense(modules, events, matrices, rename)
    return [*renamed.values(), *extra], _at_most_one(notes)


def _name_block(
    block: str,
    name: str,
    layer: int,
    modules: dict[str, nn.Module],
    events: Sequence[Event],
    matrices: Sequence[Event],
    sites: dict[Place, Site],
    rename: Rename,
) -> list[Site]:
    """Name what lies in one block; `name` is a pattern for the kind. Returns the sites that are made of others."""
    inside = [e for e in events if e.path.startswith(block + ".")]
    mine = [e for e in matrices if e.path.startswith(block + ".")]
    for event in events:
        if event.path == block:
            rename(block, event.call, "out", name.format("resid"), "resid", layer)
    stream = sites.get((block, 0, "out"))
    width = stream.width if stream is not None and stream.axis is not None else None
    attention = _attention(block, mine, modules)
    mixers = _mixers(block, mine, modules)
    spoken_for = {path for _, path in (*attention, *mixers)}
    owners = tuple(f"{owner}." for owner, _ in (*attention, *mixers))
    down = _down_projection([e for e in mine if e.path not in spoken_for and not e.path.startswith(owners)], width)
    for event in mine:
        if event.path == down:
            rename(event.path, event.call, "in", name.format("mlp"), "mlp", layer)
        elif event.path in [path for _, path in mixers]:
            rename(event.path, event.call, "in", name.format("mixer"), "mixer", layer)
        elif _is_router(event, modules):
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
            count = _head_count(modules[owner], width_of(event.inside))
            if site is not None and count and site.width == width_of(event.inside):
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


# ---- stacks ----------------------------------------------------------------------------------------------------------


def _stacks(modules: dict[str, nn.Module], events: Sequence[Event]) -> list[Stack]:
    """The repeated parts that hand a stream of one width along: a transformer's layers."""
    called = {event.path: event for event in reversed(events)}
    found: list[list[str]] = []
    for path, module in modules.items():  # parents come before their children
        if not isinstance(module, (nn.ModuleList, nn.Sequential)):
            continue
        if any(path.startswith(block + ".") for blocks in found for block in blocks):
            continue
        children = [f"{path}.{name}" if path else name for name, _ in module.named_children()]
        inner = [called[child] for child in children if child in called and any(modules[child].children())]
        if inner and all(_is_steady(event) for event in inner):
            found.append([event.path for event in inner])
    longest = max(map(len, found), default=0)
    found = [blocks for blocks in found if len(blocks) > 1 or longest == 1]
    if longest == 1:
        found = found[:1]
    return _numbered(found)


def _is_steady(event: Event) -> bool:
    return event.inside is not None and event.outside is not None and event.inside.shape == event.outside.shape


def _numbered(found: Sequence[list[str]]) -> list[Stack]:
    """Stacks that differ by a number in their path go on counting; those that differ by a word get it as a prefix."""
    words = [[part for part in re.split(r"[.\d]+", blocks[0]) if part] for blocks in found]
    stacks: list[Stack] = []
    for blocks, own in zip(found, words, strict=True):
        others = [other for other in words if other != own]
        telling = [word for word in own if any(word not in other for other in others)]
        prefix = f"{telling[0]}." if telling else ""
        first = sum(len(stack.blocks) for stack in stacks if stack.prefix == prefix)
        stacks.append(Stack(prefix, first, tuple(blocks)))
    return stacks


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
        if not told or len(own) < 2 or _is_mixer(module):
            continue
        last = own[-1]
        if all(e.inside is last.inside for e in own):
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


def _down_projection(matrices: Sequence[Event], stream: int | None) -> str | None:
    """The last matrix of a block that narrows to the stream's width, else the last one that follows another."""
    back = [e for e in matrices if stream in (None, width_of(e.outside))]
    narrowing = [e for e in back if width_of(e.inside) > width_of(e.outside)]
    if narrowing:
        return narrowing[-1].path
    changing = [e for e in matrices if width_of(e.inside) != width_of(e.outside)]
    return changing[-1].path if len(changing) > 1 and changing[-1] in back else None


def _mixers(block: str, matrices: Sequence[Event], modules: dict[str, nn.Module]) -> list[tuple[str, str]]:
    """State-space modules, each with the path of its last matrix, that brings its inside back to the stream."""
    found = []
    for owner, module in modules.items():
        own = [e for e in matrices if e.path.startswith(owner + ".")] if owner.startswith(block + ".") else []
        if len(own) > 1 and _is_mixer(module):
            found.append((owner, own[-1].path))
    return found


def _is_mixer(module: nn.Module) -> bool:
    """Has it a convolution along the positions beside its matrices, as state-space models do?"""
    return not isinstance(module, nn.ModuleList) and any(isinstance(child, nn.Conv1d) for child in module.children())


def _is_router(event: Event, modules: dict[str, nn.Module]) -> bool:
    """Is this the matrix that shares tokens out to experts: as many outputs as something beside it has parts?"""
    parent = modules[event.path.rpartition(".")[0]]
    experts = width_of(event.outside)
    return any(_holds(child, experts) for child in parent.children())


def _holds(module: nn.Module, experts: int) -> bool:
    if isinstance(module, nn.ModuleList):
        return len(module) == experts
    return experts > 1 and any(p.ndim == 3 and p.shape[0] == experts for p in module.parameters(recurse=False))


def _shares_experts(block: str, matrices: Sequence[Event], modules: dict[str, nn.Module]) -> bool:
    """Is there a router in the block, and beside it one module that holds all experts?"""
    routers = [e for e in matrices if e.path.startswith(block + ".") and _is_router(e, modules)]
    beside = [part for e in routers for part in modules[e.path.rpartition(".")[0]].children()]
    return any(p.ndim == 3 for part in beside for p in part.parameters(recurse=False))


def _at_most_one(notes: list[str]) -> list[str]:
    return notes if len(notes) < 2 else [f"{notes[0]} The same holds for {len(notes) - 1} more."]


def _name_dense(
    modules: dict[str, nn.Module], events: Sequence[Event], matrices: Sequence[Event], rename: Rename
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


def width_of(tensor: Tensor | None) -> int:
    """Length of the last dimension."""
    return 0 if tensor is None or not tensor.ndim else tensor.shape[-1]


def is_matrix(module: nn.Module) -> bool:
    """Linear, or anything else that multiplies by one two-dimensional weight (Hugging Face's Conv1D)."""
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) and weight.ndim == 2 and not isinstance(module, (nn.Embedding, nn.EmbeddingBag))


def _is_nonlinearity(module: nn.Module) -> bool:
    return type(module).__module__.startswith("torch.nn.modules.activation") and not list(module.parameters())


def is_recurrent(module: nn.Module) -> bool:
    """A layer that carries a state along the positions, or says so."""
    return isinstance(module, nn.RNNBase) or getattr(module, "carries_state", False) is True
