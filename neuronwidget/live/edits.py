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


class EditError(RuntimeError):
    """An edit that cannot act where it should, or whose function raised or gave something that does not fit."""


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
    >>> str(Edit("mlp.1", torch.zeros_like))
    'Edit(mlp.1, zeros_like)'
    """

    site: str
    change: Callable[[Tensor], Tensor]

    def __str__(self) -> str:
        return f"Edit({self.site}, {getattr(self.change, '__name__', type(self.change).__name__)})"


class Editable(Protocol):
    """What runs: `editing` are the edits that act on it now."""

    editing: EditSet | None


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
    def on(self, target: Editable, parts: Mapping[str, nn.Module]) -> Iterator[None]:
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

    def _put_on(self, hooks: Hooks, target: Editable, parts: Mapping[str, nn.Module]) -> None:
        places: dict[tuple[str, Side], list[tuple[Edit, Site]]] = {}
        for edit, site in zip(self.edits, self.sites, strict=True):
            if site.module not in parts:
                raise EditError(f"{edit}: the model has no part {site.module!r} any more. Attach it again.")
            places.setdefault((site.module, "in" if site.side == "in" else "out"), []).append((edit, site))
        calls: dict[tuple[str, Side], int] = {}

        def act(place: tuple[str, Side], here: list[tuple[Edit, Site]], value: Any) -> Any:
            if target.editing is not self:
                return value
            call = calls[place] = calls.get(place, -1) + 1
            for edit, site in here:
                if site.call == call:
                    value = edited(edit, site, value)
            return value

        hooks.observe(parts[""], "in", lambda _: calls.clear(), first=True)  # another pass begins
        for place, here in places.items():
            hooks.edit(parts[place[0]], place[1], partial(act, place, here))


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


def edited(edit: Edit, site: Site, value: Any) -> Any:
    """What a module took or gave, with what an edit makes of it."""
    tensor = first_tensor(value)
    if tensor is None:
        raise EditError(f"{edit}: {site.name} holds no tensor but {type(value).__name__}.")
    layout, inputs = _layout_of(site, tensor)
    try:
        given = layout.rows(tensor.detach(), inputs)
    except RuntimeError as error:
        raise EditError(f"{edit}: {site.name} gave {list(tensor.shape)} on this input: {error}.") from error
    rows = torch.stack([_changed(edit, site, one) for one in given])
    placed = torch.empty_like(tensor).copy_(
        layout.tensor(rows, tensor.shape)
    )  # in memory as it was: sums keep their order
    return with_first_tensor(value, placed)


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
