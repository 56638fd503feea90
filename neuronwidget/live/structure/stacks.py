"""Finds the repeated blocks of a model that hand a stream of one width along: a transformer's layers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from neuronwidget.live.structure.sites import Site
from neuronwidget.live.structure.trace import Event, Place


@dataclass(frozen=True)
class Stack:
    """A run of blocks. `prefix` tells it from other stacks of the model, `first` is the number of its first layer.

    `ends` are the parts that hand the stream on: the blocks, or their last parts where a model calls only those.
    """

    prefix: str
    first: int
    blocks: tuple[str, ...]
    ends: tuple[str, ...]


def stacks_of(modules: dict[str, nn.Module], events: Sequence[Event], sites: Mapping[Place, Site]) -> list[Stack]:
    """The repeated parts that hand a stream of one width along: a transformer's layers."""
    called = {event.path: event for event in reversed(events)}
    stacks: list[list[tuple[str, str]]] = []
    for path, module in modules.items():  # parents come before their children
        if not isinstance(module, (nn.ModuleList, nn.Sequential)):
            continue
        if any(path.startswith(block + ".") for blocks in stacks for block, _ in blocks):
            continue
        children = [f"{path}.{name}" if path else name for name, _ in module.named_children()]
        inner = [called[child] for child in children if child in called and any(modules[child].children())]
        if inner and all(_is_steady(event) for event in inner):
            stacks.append([(event.path, event.path) for event in inner])
        elif not inner and len(children) > 1 and not any(isinstance(part, nn.ModuleList) for part in module):
            stacks.append(_by_their_ends(children, events))
    stacks = [blocks for blocks in stacks if any((end, 0, "out") in sites for _, end in blocks)]
    longest = max(map(len, stacks), default=0)
    stacks = [blocks for blocks in stacks if len(blocks) > 1 or len(blocks) == longest == 1]
    if longest == 1:
        stacks = stacks[:1]
    return _numbered(stacks)


def _by_their_ends(blocks: Sequence[str], events: Sequence[Event]) -> list[tuple[str, str]]:
    """Blocks of which a model calls only the parts, each with the last of them, if that is what the next one takes."""
    ends: list[tuple[str, str]] = []
    given: Tensor | None = None
    for block in blocks:
        inside = [event for event in events if event.path.startswith(block + ".")]
        takes = any(event.inside is given for event in inside)
        if len(inside) < 2 or inside[-1].outside is None or (ends and not takes):
            return []
        given = inside[-1].outside
        ends.append((block, inside[-1].path))
    return ends


def _is_steady(event: Event) -> bool:
    return event.inside is not None and event.outside is not None and event.inside.shape == event.outside.shape


def _numbered(runs: Sequence[list[tuple[str, str]]]) -> list[Stack]:
    """Stacks that differ by a number in their path go on counting; those that differ by a word get it as a prefix."""
    words = [[part for part in re.split(r"[.\d]+", blocks[0][0]) if part] for blocks in runs]
    stacks: list[Stack] = []
    for pairs, own in zip(runs, words, strict=True):
        others = [other for other in words if other != own]
        telling = [word for word in own if any(word not in other for other in others)]
        prefix = f"{telling[0]}." if telling else ""
        first = sum(len(stack.blocks) for stack in stacks if stack.prefix == prefix)
        blocks, ends = zip(*pairs, strict=True)
        stacks.append(Stack(prefix, first, blocks, ends))
    return stacks
