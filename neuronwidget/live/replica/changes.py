"""Notices that a model changed since it was last looked at.

What is noticed, and when
-------------------------
At once, by every `look`:

- A parameter, buffer, part or hook that was put on, taken off or replaced.
- Another tensor under a parameter (`param.data = …`, `vector_to_parameters`), and any operation in place that torch
  counts (optimiser steps, `load_state_dict`, `add_`).
- A change of a whole tensor that torch does not count (`weight.data *= 2`): some sixteen values spread over each tensor
  are compared bit by bit, one of them not zero where there is any.
- Another function as a hook, another value in a hook's closure, defaults, or among the globals that it names; another
  attribute of the object that it is a method of; other arguments of a partial.
- Plain attributes of every part, and what lists, dicts and objects hold in them, at any depth; so also adapters that
  are switched off or scaled.

Not by a `look`: single elements changed behind torch's back (`weight.data[0, 0] = 1`, numpy over a weight), what is in
containers of more than a thousand things, attributes of classes, and globals that are containers. For those
`trust.Trust` asks for everything anew after `KEYS` looks, and `LiveModel.changed` at once.

`training` flags and hooks for backward passes and saving are no change: passes here do not depend on them.
"""

from __future__ import annotations

import itertools
import operator
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from neuronwidget.live.hooks import ModuleHooks, is_passing
from neuronwidget.live.replica.references import is_atom
from neuronwidget.live.replica.trail import Trail
from neuronwidget.live.tensors import BITS

_SAMPLES = 16
_STANDARD = frozenset({*vars(nn.Module()), "_compiled_call_impl"})
_INNER = operator.itemgetter("_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks")
_SMALL = 1 << 16


@dataclass
class Difference:
    """What is different from the last look: maybe `everything`, else attributes (part, name) and values of tensors.

    Attributes are those whose value holds nothing else, or is a tensor.
    """

    everything: bool = False
    attributes: list[tuple[int, str]] = field(default_factory=list)
    tensors: list[Tensor] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.everything or bool(self.attributes or self.tensors)


class Changes:
    """Remembers what a module is made of, without keeping it alive. Not for two threads at once."""

    def __init__(self, root: nn.Module) -> None:
        self._root = weakref.ref(root)
        self._remember()

    @property
    def parts(self) -> list[nn.Module | None]:
        """The parts as they were at the last look, the whole first."""
        return [reference() for reference in self._parts]

    def look(self) -> Difference:
        """What changed since the last look."""
        parts = self.parts
        change = Difference(everything=True)
        if not any(part is None for part in parts):
            dicts = [part.__dict__ for part in parts]
            try:
                if not self._is_other(dicts):
                    change = Difference(attributes=self._other_attributes(dicts))
            except (KeyError, RuntimeError):  # an attribute went, or went while it was looked at
                change = Difference(everything=True)
            values = itertools.starmap(lambda number, name: dicts[number][name], change.attributes)
            if not all(is_atom(value) or type(value) is Tensor for value in values):
                change = Difference(everything=True)
        if not change.everything:
            change.tensors = self._other_values()
        if change.everything or change.attributes:
            self._remember()
        elif change.tensors:
            self._weigh()
        return change

    # ---- structure -------------------------------------------------------------------------------------

    def _remember(self) -> None:
        root = self._root()
        if root is None:
            return
        parts = list(root.modules())
        self._parts = [weakref.ref(part) for part in parts]
        self._numbers = {id(part) for part in parts}
        dicts = [part.__dict__ for part in parts]
        self._sizes = list(map(len, dicts))
        self._own: list[tuple[int, Callable[[Any], Any], list[str]]] = []
        self._deep: list[tuple[int, str]] = []
        self._plain: list[tuple[int, str, weakref.ref[Tensor]]] = []
        self._held: list[object] = []  # else other things could get their ids
        for number, each in enumerate(dicts):
            values = {name: value for name, value in each.copy().items() if name not in _STANDARD}
            if values:
                self._own.append((number, operator.itemgetter("_modules", *values), list(values)))
            for name, value in values.items():
                if is_atom(value):
                    self._held.append(value)
                elif isinstance(value, Tensor):
                    self._plain.append((number, name, weakref.ref(value)))
                else:
                    self._deep.append((number, name))
        self._own_ids = self._own_now(dicts)
        inner = self._inner_now(dicts)
        self._inner_ids = list(map(id, inner))
        trail = Trail(self._deep_now(dicts), self._numbers)
        self._trail_ids = trail.ids
        self._held += trail.held
        plain = [tensor for _, _, reference in self._plain if (tensor := reference()) is not None]
        tensors = [thing for thing in (*inner, *plain, *trail.weak) if isinstance(thing, Tensor)]
        self._tensors = [weakref.ref(tensor) for tensor in {id(tensor): tensor for tensor in tensors}.values()]
        self._others = [weakref.ref(thing) for thing in trail.weak if not isinstance(thing, Tensor)]
        self._weigh()

    def _is_other(self, dicts: list[dict[str, Any]]) -> bool:
        """Are there other parts, parameters, buffers, hooks, or other things behind them?"""
        return (
            list(map(len, dicts)) != self._sizes
            or list(map(id, self._inner_now(dicts))) != self._inner_ids
            or any(reference() is None for reference in self._others)
            or Trail(self._deep_now(dicts), self._numbers).ids != self._trail_ids
        )

    def _other_attributes(self, dicts: list[dict[str, Any]]) -> list[tuple[int, str]]:
        ids = self._own_now(dicts)
        others = [(number, name) for number, name, was in self._plain if was() is not dicts[number][name]]
        if ids != self._own_ids:
            places = ((number, name) for number, _, names in self._own for name in names)
            others += [place for place, a, b in zip(places, ids, self._own_ids, strict=True) if a != b]
        return list(dict.fromkeys(others))

    def _own_now(self, dicts: list[dict[str, Any]]) -> list[int]:
        return list(map(id, itertools.chain.from_iterable([get(dicts[number])[1:] for number, get, _ in self._own])))

    @staticmethod
    def _inner_now(dicts: list[dict[str, Any]]) -> list[Any]:
        held = itertools.chain.from_iterable(map(_INNER, dicts))
        inner = list(itertools.chain.from_iterable(map(dict.values, held)))
        return [thing for thing in inner if not is_passing(thing)] if ModuleHooks.count else inner

    def _deep_now(self, dicts: list[dict[str, Any]]) -> list[Any]:
        hooks = [held for each in dicts for name in ("_forward_hooks", "_forward_pre_hooks") if (held := each[name])]
        attributes = [dicts[number][name] for number, name in self._deep]
        every = itertools.chain.from_iterable(held.copy().values() for held in hooks)
        return [*attributes, *(hook for hook in every if not is_passing(hook))]

    # ---- values ----------------------------------------------------------------------------------------

    def _weigh(self) -> None:
        """Remember versions, places and samples of all tensors."""
        tensors = [tensor for reference in self._tensors if (tensor := reference()) is not None]
        tensors = [tensor for tensor in tensors if _is_plain_memory(tensor)]
        self._weighed = [weakref.ref(tensor) for tensor in tensors]
        self._counted = [number for number, tensor in enumerate(tensors) if not tensor.is_inference()]
        self._versions = [tensors[number]._version for number in self._counted]
        self._pointers = [tensor.data_ptr() for tensor in tensors]
        groups: dict[tuple[torch.device, torch.dtype], list[tuple[int, Tensor]]] = {}
        for number, tensor in enumerate(tensors):
            if (sample := _sample(tensor)) is not None:
                groups.setdefault((sample.device, sample.dtype), []).append((number, sample))
        self._groups = [([n for n, _ in group], [sample for _, sample in group]) for group in groups.values()]
        self._samples = [torch.cat(samples).cpu() for _, samples in self._groups]

    def _other_values(self) -> list[Tensor]:
        """The tensors whose values are others than at the last look, as far as can be told."""
        tensors = [reference() for reference in self._weighed]
        if any(tensor is None for tensor in tensors):
            return [tensor for tensor in tensors if tensor is not None]
        versions = [tensors[number]._version for number in self._counted]  # type: ignore[union-attr]
        pointers = [tensor.data_ptr() for tensor in tensors]  # type: ignore[union-attr]
        others: set[int] = set()
        if versions != self._versions:
            pairs = zip(self._counted, versions, self._versions, strict=True)
            others.update(number for number, now, then in pairs if now != then)
        if pointers != self._pointers:
            pairs = zip(range(len(pointers)), pointers, self._pointers, strict=True)
            others.update(number for number, now, then in pairs if now != then)
        else:
            for (numbers, samples), then in zip(self._groups, self._samples, strict=True):
                now = torch.cat(samples).cpu()
                if not torch.equal(now, then):
                    sizes = [len(sample) for sample in samples]
                    pieces = zip(numbers, now.split(sizes), then.split(sizes), strict=True)
                    others.update(number for number, a, b in pieces if not torch.equal(a, b))
        return [tensor for number in sorted(others) if (tensor := tensors[number]) is not None]


def _is_plain_memory(tensor: Tensor) -> bool:
    if tensor.is_meta or tensor.layout is not torch.strided or tensor.is_quantized:
        return False
    try:
        return bool(tensor.data_ptr())
    except RuntimeError:  # some subclasses have no memory of their own
        return False


def _sample(tensor: Tensor) -> Tensor | None:
    """Some values spread over a tensor, as whole numbers; a view, so that it shows what is there later.

    One of them is not zero where there is any: what only scales a tensor shows nowhere else.
    """
    kind = BITS.get(tensor.element_size())
    if kind is None or not tensor.numel():
        return None
    try:
        bits = tensor.detach().view(kind)
    except RuntimeError:
        return None
    if not bits.is_contiguous():
        steps = [(size - 1) // (_SAMPLES - 1) for size in bits.shape]
        count = _SAMPLES if any(steps) else 1
        jump = sum(step * stride for step, stride in zip(steps, bits.stride(), strict=True))
        return bits.as_strided((count,), (jump,), bits.storage_offset())
    size = bits.numel()
    step = max(1, size // _SAMPLES - 1) | 1
    count = min(_SAMPLES, -(-size // step))
    sample = bits.as_strided((count,), (step,), bits.storage_offset())
    if not bool(sample.any()) and step > 1 and (size > _SMALL or bool(bits.any())):
        spare = size - (count - 1) * step
        for start in range(0, spare, max(1, spare // 64)):
            other = bits.as_strided((count,), (step,), bits.storage_offset() + start)
            if bool(other.any()):
                return other
    return sample
