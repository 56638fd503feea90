"""Edits: other activations in the place of those that a site gives, while a live model runs.

An `Edit` names a site and a function. The `EditSet` of a live model puts its edits on the parts that run, for the
passes of one thread, and takes them off again; `LiveModel.running` does that, and every pass goes through it. What
observers see at an edited place is what the model goes on with (see `hooks`). The user's own module is not touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from neuronwidget.live.hooks import Hooks, Side
from neuronwidget.live.replica.changes import Changes
from neuronwidget.live.replica.random_numbers import PrivateDraws
from neuronwidget.live.structure.layout import Layout
from neuronwidget.live.structure.sites import Site, SiteTable
from neuronwidget.live.tensors import first_tensor, with_first_tensor

#: By how much of the largest magnitude rows that are kept may be others.
_SAME = 1e-6


class EditError(RuntimeError):
    """Raised where an edit cannot act, or where its function raised or gave something that does not fit."""


@dataclass(frozen=True)
class Edit:
    """An edit by a function of one's own.

    Attributes
    ----------
    site
        Where it acts: any name of a site.
    change
        The activations of one input, [positions, units] → what stands there instead, in the same shape. They are a copy
        in the model's own type and on its device, and may be written to.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> silent = nw.demo("code").edited(nw.Edit("mlp.1", torch.zeros_like))
    >>> silent.record("x = 1")["mlp.1"].any(), str(silent.edits[0])
    (tensor(False), 'Edit(mlp.1, zeros_like)')
    """

    site: str
    change: Callable[[Tensor], Tensor]

    def __str__(self) -> str:
        return f"Edit({self.site}, {getattr(self.change, '__name__', type(self.change).__name__)})"


class EditTarget(Protocol):
    """What edits are put on: `editing` are those that act on it now, `prefix` what they were given before."""

    editing: EditSet | None
    prefix: Prefix | None


class Stale(BaseException):
    """Raised where an edit changes tokens before those of a pass otherwise than it did.

    A `BaseException`, so that no `except Exception` of the model eats it.
    """


class Prefix:
    """Rows of the tokens before those of a pass, by edit: what edits were given for them, and what they gave.

    Edits see all positions, also where a pass runs on from a cache. What they make of the tokens before must be what
    the cache was made with.
    """

    def __init__(self) -> None:
        self._tokens = 0
        self._rows: dict[int, tuple[Tensor, Tensor]] = {}

    def begin(self, tokens: int) -> None:
        """A pass is to follow so many tokens."""
        self._tokens = tokens
        self._rows = {number: (given[:tokens], gave[:tokens]) for number, (given, gave) in self._rows.items()}

    def change(self, number: int, rows: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
        """What an edit makes of further rows [positions, units]. Raises `Stale` where the rows before change, too."""
        given, gave = self._rows.get(number, (rows[:0], rows[:0]))
        if len(given) < self._tokens:
            raise Stale
        given = torch.cat([given, rows])
        changed = change(given)
        before = changed[: self._tokens]
        if not torch.equal(before, gave) and not bool((before - gave).abs().max() <= _SAME * gave.abs().max()):
            raise Stale
        self._rows[number] = given, changed
        return changed[self._tokens :]


class EditSet:
    """The edits of a live model in the order in which they act, with their sites."""

    def __init__(self, edits: Sequence[Edit] = (), sites: Sequence[Site] = ()) -> None:
        self.edits, self.sites = tuple(edits), tuple(sites)
        self._functions = _Functions([edit.change for edit in edits])
        self._changes = Changes(self._functions)
        self._count = 0

    def __bool__(self) -> bool:
        return bool(self.edits)

    def __reduce__(self) -> tuple[Any, ...]:
        return EditSet, (self.edits, self.sites)

    def added(self, edits: Sequence[Edit], table: SiteTable) -> EditSet:
        """These and more of them, behind them. Raises `EditError` where no edit can act."""
        return EditSet([*self.edits, *edits], [*self.sites, *(_place_of(edit, table) for edit in edits)])

    def signature(self) -> object:
        """Another one as soon as another edit is on, or what the function of one leads to has changed."""
        self._count += bool(self._changes.look())
        return self.edits, self._count

    @contextmanager
    def on(self, target: EditTarget, parts: Mapping[str, nn.Module]) -> Iterator[None]:
        """Inside, passes of this thread go through the edits. Those of another live model rest meanwhile."""
        before, now = target.editing, self if self.edits else None
        if now is before:
            yield
            return
        target.editing = now
        try:
            with Hooks() as hooks:
                if now is not None:
                    self._put_on(hooks, target, parts)
                yield
        finally:
            target.editing = before

    def _put_on(self, hooks: Hooks, target: EditTarget, parts: Mapping[str, nn.Module]) -> None:
        places: dict[tuple[str, Side], list[int]] = {}
        for number, (edit, site) in enumerate(zip(self.edits, self.sites, strict=True)):
            if site.module not in parts:
                raise EditError(f"{edit}: the model has no part {site.module!r} any more. Attach it again.")
            places.setdefault((site.module, "in" if site.side == "in" else "out"), []).append(number)
        calls: dict[tuple[str, Side], int] = {}

        def act(place: tuple[str, Side], here: list[int], value: Any) -> Any:
            if target.editing is not self:
                return value
            call = calls[place] = calls.get(place, -1) + 1
            for number in here:
                if self.sites[number].call == call:
                    value = self._edited(number, value, target.prefix)
            return value

        hooks.observe(parts[""], "in", lambda _: calls.clear(), first=True)  # another pass begins
        for place, here in places.items():
            hooks.edit(parts[place[0]], place[1], partial(act, place, here))

    def _edited(self, number: int, value: Any, prefix: Prefix | None) -> Any:
        """What a module took or gave, with what an edit makes of it."""
        edit, site = self.edits[number], self.sites[number]
        tensor = first_tensor(value)
        if tensor is None:
            raise EditError(f"{edit}: {site.name} holds no tensor but {type(value).__name__}.")
        layout, inputs = _layout_of(site, tensor)
        try:
            given = layout.rows(tensor.detach(), inputs)
        except RuntimeError as error:
            raise EditError(f"{edit}: {site.name} gave {list(tensor.shape)} on this input: {error}.") from error
        change = partial(_changed, edit, site)
        rows = torch.stack([change(one) if prefix is None else prefix.change(number, one, change) for one in given])
        # In memory it lies as it did, so that the next sums are made in the same order.
        return with_first_tensor(value, torch.empty_like(tensor).copy_(layout.tensor(rows, tensor.shape)))


class _Functions(nn.Module):
    """Holds the functions of edits, so that `Changes` notices what they lead to."""

    def __init__(self, functions: list[Callable[[Tensor], Tensor]]) -> None:
        super().__init__()
        self.functions = functions


def _place_of(edit: Edit, table: SiteTable) -> Site:
    """The site of an edit; refused where what stands there cannot be put back into the model."""
    site = table.resolve(edit.site)
    if site.read is None and site.pick is None and site.steps is None:
        return site
    why = "its units are put together from several places"
    if site.steps is not None:
        why = "its positions are the steps of a loop, and come one at a time"
    elif not site.parts:
        under = next((s for s in table if s.canonical == site.canonical and s.read is None), None)
        why = f"its units are made of what stands at {'another place' if under is None else under.name}"
    raise EditError(f"{edit}: {site.name} cannot be edited: {why}. live.sites lists the other places.")


def _layout_of(site: Site, tensor: Tensor) -> tuple[Layout, int]:
    """Where positions and units lie in what is at a site now, and how many inputs it holds."""
    layout = site.layout
    if layout is None:
        along = site.axis is not None and site.axis < tensor.ndim
        axes = (site.axis,) if site.axis is not None and along else ()
        positions = tensor.shape[site.axis] if site.axis is not None and along else 1
        layout = Layout(1 if axes == (0,) and tensor.ndim > 1 else 0, axes, positions, None)
    return layout, max(1, tensor.numel() // max(1, layout.positions * site.width))


def _changed(edit: Edit, site: Site, rows: Tensor) -> Tensor:
    """What an edit makes of the rows [positions, units] of one input. Random numbers are drawn from a seed of ours."""
    try:
        with PrivateDraws():
            changed = edit.change(rows.clone(memory_format=torch.contiguous_format))
    except Exception as error:
        raise EditError(f"{edit} raised {type(error).__name__} at {site.name}: {error}") from error
    if not isinstance(changed, Tensor):
        raise EditError(f"{edit} gave no tensor at {site.name} but {type(changed).__name__}.")
    if changed.shape != rows.shape:
        raise EditError(
            f"{edit} gave {list(changed.shape)} at {site.name}, where {list(rows.shape)} (positions × units) stood."
        )
    if changed.is_complex():
        raise EditError(f"{edit} gave complex numbers at {site.name}.")
    return changed.detach().to(rows.device, rows.dtype)
