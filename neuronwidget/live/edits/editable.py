"""Base of live models: which edits act on their passes, for good, in one thread, or after a prompt."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from torch import nn

from neuronwidget.live.edits.binding import Host
from neuronwidget.live.edits.edit import BaseEdit
from neuronwidget.live.edits.edit_set import EditSet
from neuronwidget.live.replica.replica import Replica
from neuronwidget.live.structure.sites import Site, SiteTable


class EditsOn(list[BaseEdit]):
    """The edits that are on: as a list those that act in every pass of a live model.

    `in_views`: those that a person put on in its views, which act in these alone.
    """

    def __init__(self, edits: Iterable[BaseEdit] = (), in_views: Iterable[BaseEdit] = ()) -> None:
        super().__init__(edits)
        self.in_views = tuple(in_views)

    def __repr__(self) -> str:
        return super().__repr__() + (f", in its views {list(self.in_views)!r}" if self.in_views else "")


class Editable:
    """What can be edited while it runs.

    `_own_edits` act in all its passes; `_held`, by thread, are those inside `edit` and `generating`, with the length of
    the prompt. `_recorded`: reference values that were recorded of data. `edits_in_views`: those that its views show.
    """

    sites: SiteTable
    references: Any
    record: Any
    _replica: Replica
    _own_edits: EditSet
    _held: dict[int, tuple[EditSet, int | None]]
    _recorded: dict[Any, Any]
    edits_in_views: tuple[BaseEdit, ...] = ()

    @property
    @abstractmethod
    def module(self) -> nn.Module: ...

    @abstractmethod
    def _depth_of(self, site: Site) -> float: ...

    @abstractmethod
    def _with_edits(self, edits: EditSet) -> Self: ...

    def edited(self, *edits: BaseEdit) -> Self:
        """A second live model over the same weights, in whose passes these edits act.

        They come behind those that are on already; `edits` lists them all. Edits at one place act in their order. The
        live model itself stays as it is, and so does the module.
        """
        return self._with_edits(self._edits.added(edits, self._host))

    @contextmanager
    def edit(self, *edits: BaseEdit) -> Iterator[Self]:
        """Inside, these edits act on every pass of this thread: of this live model, and of the module itself.

        So they hold for code of your own, batches, gradients and `model.generate`, too; what `torch.compile` made runs
        as it was written meanwhile. They come behind those that are on already. Afterwards everything is as it was.

        >>> import torch, neuronwidget as nw
        >>> live = nw.demo("cancer")
        >>> row = torch.zeros(1, 30)
        >>> plain = live.module(row)
        >>> with live.edit(nw.Scale("dense.0:3", 5.0)):
        ...     changed = live.module(row)
        >>> torch.equal(plain, changed), torch.equal(plain, live.module(row))
        (False, True)
        """
        thread, now = threading.get_ident(), self._edits.added(edits, self._host)
        before = self._held.get(thread)
        fresh = now if before is None else EditSet(now.bound[len(before[0].bound) :])
        with fresh.on_module(self.module, rests=self._replica.runs_the_module):
            try:
                self._held[thread] = now, None if before is None else before[1]
                yield self
            finally:
                self._hold(thread, before)

    @contextmanager
    def generating(self, prompt: int) -> Iterator[None]:
        """Inside, texts of this thread go on from a prompt of so many tokens: scopes tell it from what is generated."""
        thread = threading.get_ident()
        before = self._held.get(thread)
        try:
            self._held[thread] = self._edits, prompt
            yield
        finally:
            self._hold(thread, before)

    def _hold(self, thread: int, before: tuple[EditSet, int | None] | None) -> None:
        if before is None:
            self._held.pop(thread, None)
        else:
            self._held[thread] = before

    @property
    def _now(self) -> tuple[EditSet, int | None]:
        """The edits that act on passes of this thread, and how long the prompt is that they go on from."""
        return self._held.get(threading.get_ident(), (self._own_edits, None))

    @property
    def _edits(self) -> EditSet:
        return self._now[0]

    @property
    def _host(self) -> Host:
        """What edits are bound to."""
        signature, record = self._replica.signature, self.unedited.record
        return Host(self.sites, self._depth_of, self.references, record, signature, self._recorded)

    @property
    def edit_set(self) -> EditSet:
        """Edits that are on, with their places and all that was looked up for them."""
        return self._edits

    @property
    def edits(self) -> EditsOn:
        """The edits that act in its passes, in their order; `edits.in_views`: those that act in its views alone."""
        return EditsOn(self._edits.edits, self.edits_in_views)

    @property
    def edited_sites(self) -> list[Site]:
        """Where its edits act, and where their conditions look."""
        gates = [one.gate.site for one in self._edits.bound if one.gate is not None]
        return [*self._edits.sites, *gates]

    @property
    def unedited(self) -> Self:
        """The live model without edits."""
        return self._with_edits(EditSet()) if self._edits else self
