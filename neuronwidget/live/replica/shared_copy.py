"""Keeps the copy of a module what the original is: follows changes, and puts back what passes leave."""

from __future__ import annotations

import itertools
import operator
import weakref
from collections.abc import Sequence

from torch import Tensor, nn

from neuronwidget.live.replica.changes import Difference
from neuronwidget.live.replica.copier import HOOKS, Copier

_SAME = operator.is_
_INNER = operator.itemgetter("_parameters", "_buffers", "_modules", *HOOKS)


class Copy:
    """A module's copy, in evaluation mode, with the same parameters.

    Attributes
    ----------
    parts
        What it consists of, by path.
    is_shared
        Does it share more than parameters, such as a lock?
    """

    def __init__(self, module: nn.Module) -> None:
        copier = Copier()
        originals = list(module.modules())
        self.parts = dict(copier.module(module).named_modules())
        self.is_shared = copier.shared
        self._mine: list[nn.Module] = [copier.memo[id(part)] for part in originals]
        buffers = [t for part in originals for t in part._buffers.copy().values() if t is not None]
        self._buffers = {id(t): (weakref.ref(t), copier.memo[id(t)]) for t in buffers if id(t) in copier.memo}
        self._dicts = [part.__dict__ for part in self._mine]
        self._inner = [held for each in self._dicts for held in _INNER(each)]
        self._writes = False
        self._versions: list[int] = []
        self._remember()

    def follow(self, originals: Sequence[nn.Module | None], change: Difference) -> bool:
        """Take over plain attributes and buffers. False where the copy must be made anew."""
        if change.everything:
            return False
        self._put_back()
        for number, name in change.attributes:
            original = originals[number]
            if original is None or name not in original.__dict__:
                return False
            value = original.__dict__[name]
            self._mine[number].__dict__[name] = value.detach().clone() if isinstance(value, Tensor) else value
        for tensor in change.tensors:
            if isinstance(tensor, nn.Parameter):
                continue
            mine = self._buffers[id(tensor)][1] if id(tensor) in self._buffers else None
            if mine is None or (mine.shape, mine.dtype, mine.device) != (tensor.shape, tensor.dtype, tensor.device):
                return False
            mine.copy_(tensor.detach())
        self._remember()
        return True

    def settle(self) -> None:
        """After a pass: does the model change itself when it runs? Then that is put back before every pass."""
        self._writes = self._put_back() or self._writes

    def restore(self) -> None:
        """Put back what a pass changed."""
        if self._writes:
            self._put_back()
        versions = self._versions_now()
        if versions == self._versions:
            return
        for (original, mine), now, then in zip(self._buffers.values(), versions, self._versions, strict=True):
            if now != then and (theirs := original()) is not None:
                mine.set_(theirs.detach().clone())  # a pass may have resized it
        self._versions = self._versions_now()

    def _remember(self) -> None:
        self._then = [each.copy() for each in (*self._dicts, *self._inner)]
        self._state = list(itertools.chain.from_iterable(map(dict.values, self._then)))
        self._versions = self._versions_now()

    def _versions_now(self) -> list[int]:
        return [mine._version for _, mine in self._buffers.values()]

    def _put_back(self) -> bool:
        """Attributes, parts and hooks as they were; were they others?"""
        held = (*self._dicts, *self._inner)
        now = itertools.chain.from_iterable(map(dict.values, held))
        if list(map(len, held)) == list(map(len, self._then)) and all(map(_SAME, now, self._state)):
            return False
        for each, then in zip(held, self._then, strict=True):
            if len(each) != len(then) or not all(map(_SAME, each.values(), then.values())):
                each.clear()
                each.update(then)
        return True
