"""The type of what an adapter says of a model: how it is fed and read, and what its places are called."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from neuronwidget.live.reuse import Causal
from neuronwidget.live.structure.sites import SiteTable


@dataclass(frozen=True)
class Adaptation:
    """What an adapter says of a model.

    `inputs` are those of a kind, such as `TextInputs`; `causal` is a way to run on from a cache, to be tried;
    `predicts` overrides what the output looks like (see `LiveModel.predicts`); `named` names places where the framework
    knows better than structure tells; `notes` are for the person; `finish` is what the model does to the output of its
    head, if that is to be tried; `ends` are the token numbers with which it ends a text.
    """

    inputs: Any
    causal: Causal | None = None
    predicts: str | None = None
    named: Callable[[SiteTable], SiteTable] | None = None
    notes: Sequence[str] = ()
    finish: Callable[[Tensor], Tensor] | None = None
    ends: frozenset[int] = frozenset()

    def apply(self, sites: SiteTable) -> SiteTable:
        """The table with what is known of the framework."""
        table = self.named(sites) if self.named is not None else sites
        table.notes.extend(self.notes)
        return table
