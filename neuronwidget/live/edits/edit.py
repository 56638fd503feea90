"""Edits: other activations in the place of those that a site gives. The base of all kinds, and a function of one's own.

An edit says what is to be done; what it needs for that (means, another input's activations) is looked up when it is put
on a live model: see `binding`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Protocol

import torch
from torch import Tensor

from neuronwidget.live.edits.acts import Act, Call
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.edits.places import Place
from neuronwidget.live.edits.references import References
from neuronwidget.live.edits.scope import AnyScope, Condition, Scope, checked, in_words
from neuronwidget.live.structure.sites import Unit

AnyUnits = str | Unit | tuple[str, int] | Sequence[str | Unit | tuple[str, int]]
#: So many units are named one by one in what a person reads.
_NAMED = 6


class Sources(Protocol):
    """What edits look up when they are put on a live model."""

    def references(self, data: Any, /) -> References | None:
        """Reference values from `data`, or where that is None from what the live model knows; None without any."""
        ...

    def recorded(self, x: Any, site: str, /) -> Tensor:
        """What a site does on an input in the model without edits: float32 [positions, units]."""
        ...


class BaseEdit(ABC):
    """Base of all edits: frozen dataclasses that say where they act and what they put there.

    Attributes
    ----------
    site, units
        Where it acts: any name of a site, and numbers of units; None for all that stands there.
    scope
        At which positions: see `neuronwidget.live.edits.scope`.
    when
        A condition that must hold at a position, made by `neuronwidget.when`.
    """

    site: str
    units: tuple[int, ...] | None
    scope: AnyScope
    when: Condition | None

    @property
    def where(self) -> Scope:
        """`scope` as it was checked."""
        return checked(self.scope)

    @abstractmethod
    def act(self, place: Place, sources: Sources) -> Act:
        """What it does at a place of a model, with all that it needs looked up."""

    @property
    @abstractmethod
    def _how(self) -> str:
        """What it does, in words: "to its mean"."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "scope", checked(self.scope))
        if self.when is not None and not isinstance(self.when, Condition):
            raise EditError(f"when={self.when!r} is no condition. Write when=nw.when({str(self.when)!r}, above=0.5).")

    def __str__(self) -> str:
        how = [self._how] if self._how else []
        how += [] if self.scope == "all" else [in_words(self.where)]
        how += [] if self.when is None else [str(self.when)]
        return f"{type(self).__name__}({', '.join([self._what, *how])})"

    @property
    def _what(self) -> str:
        if self.units is None:
            return self.site
        named = ", ".join(map(str, self.units[:_NAMED]))
        return f"{self.site}:{named}" + (f" and {n} more" if (n := len(self.units) - _NAMED) > 0 else "")

    def __repr__(self) -> str:
        parts: list[str] = []
        for each in sorted(fields(self), key=lambda each: bool(each.kw_only)):  # type: ignore[arg-type]
            value = getattr(self, each.name)
            if not each.init or (each.name != "scope" and value is each.default):
                continue
            shown = f"<{len(value)} numbers>" if isinstance(value, Tensor) and value.ndim == 1 else repr(value)
            parts.append(shown if each.default is MISSING else f"{each.name}={shown}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = [each.name for each in fields(self)]  # type: ignore[arg-type]
        return all(_same(getattr(self, name), getattr(other, name)) for name in names)

    def __hash__(self) -> int:
        return hash((type(self), self.site, self.units))


def _same(one: Any, other: Any) -> bool:
    """Is it the same value? Of things of any make, such as data: the same thing."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return torch.equal(one, other) if one.shape == other.shape else False
    if isinstance(one, (str, int, float, bool, slice, Condition, type(None))) or (
        isinstance(one, tuple) and all(isinstance(item, (str, int)) for item in one)
    ):
        return type(one) is type(other) and bool(one == other)
    return one is other


def units_of(unit: AnyUnits) -> tuple[tuple[str, ...] | str, str, tuple[int, ...]]:
    """Units in any spelling, all of one site: as they are written, the site, their numbers."""
    parsed = Unit.several(unit)
    sites = list(dict.fromkeys(each.site for each in parsed))
    if len(sites) != 1:
        apart = f"The units of one edit are of one site, not of {' and '.join(sites)}: write an edit for each."
        raise EditError(apart if sites else "An edit needs a unit, such as 'mlp.2:417'.")
    numbers = tuple(each.index for each in parsed)
    written = tuple(f"{sites[0]}:{number}" for number in numbers)
    return written[0] if Unit.is_one(unit) else written, sites[0], numbers


@dataclass(frozen=True, eq=False, repr=False)
class Edit(BaseEdit):
    """An edit by a function of one's own.

    Attributes
    ----------
    site
        Where it acts: any name of a site.
    change
        The activations of one input, [positions, units] → what stands there instead, in the same shape. They are a copy
        in the model's own type and on its device, and may be written to. At positions outside of `scope` what it gives
        is not used.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> silent = nw.demo("code").edited(nw.Edit("mlp.1", torch.zeros_like))
    >>> silent.record("x = 1")["mlp.1"].any(), str(silent.edits[0])
    (tensor(False), 'Edit(mlp.1, zeros_like)')
    """

    site: str
    change: Callable[[Tensor], Tensor]
    scope: AnyScope = field(default="all", kw_only=True)
    when: Condition | None = field(default=None, kw_only=True)
    units: None = field(default=None, init=False)

    def act(self, place: Place, sources: Sources) -> Act:
        place.refuse_heads(self)
        return Call(self.change)

    @property
    def _how(self) -> str:
        return str(getattr(self.change, "__name__", type(self.change).__name__))
