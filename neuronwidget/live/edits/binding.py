"""Edits bound to a live model: each with its place, and with all that it needs looked up."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor

from neuronwidget.live.edits.acts import Act
from neuronwidget.live.edits.edit import BaseEdit
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.edits.places import Place, place_of, repeats, stands_at
from neuronwidget.live.edits.references import RecordedReferences, References
from neuronwidget.live.edits.scope import Stretch, counts_from_the_end, rows_in
from neuronwidget.live.structure.sites import Site, SiteTable

#: Of so many data recorded reference values are kept.
_KEPT = 4


@dataclass(frozen=True)
class Gate:
    """A condition: unit number `unit` of `seen`, which is made of what stands at `site`, is above a value.

    `repeats`: is the part called more than once in a pass?
    """

    site: Site
    seen: Site
    unit: int
    above: float
    repeats: bool

    def holds(self, rows: Tensor) -> Tensor:
        """At which of the rows [positions, units] of `site`: bool [positions]."""
        values = rows if self.seen.read is None else self.seen.read(rows)
        return values[:, self.unit].to(rows.device) > self.above


@dataclass(frozen=True, eq=False)
class Bound:
    """An edit on a live model: where it acts there, what it does, and under which condition."""

    edit: BaseEdit
    place: Place
    act: Act
    gate: Gate | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """For another process: what was looked up goes along, what it came from does not."""
        edit: Any = self.edit
        if any(each.name == "data" for each in fields(edit)):
            edit = replace(edit, data=None)
        return Bound, (edit, self.place, self.act, self.gate)

    @property
    def shares_passes(self) -> bool:
        """Does it do the same to an input that is filled up to the length of others?"""
        return not counts_from_the_end(self.edit.where)

    def changed(self, rows: Tensor, fires: Tensor | None, stretch: Stretch) -> Tensor:
        """What it makes of the rows [positions, units] of one input; `fires`: where its condition holds."""
        chosen = rows_in(self.edit.where, stretch, rows.device)
        if fires is not None:
            if len(fires) != len(rows):
                fires = self._spread(fires, len(rows))
            chosen = fires if chosen is None else chosen & fires
        if chosen is not None and not bool(chosen.any()):
            return rows
        changed = self.place.change(rows, lambda given: self._acted(given, chosen, stretch))
        return changed if chosen is None else torch.where(chosen[:, None], changed, rows)

    def _acted(self, given: Tensor, chosen: Tensor | None, stretch: Stretch) -> Tensor:
        edit, name = self.edit, self.place.site.name
        try:
            changed = self.act(given.clone(memory_format=torch.contiguous_format), stretch)
        except EditError as error:
            raise EditError(f"{edit}: {error}") from error
        except Exception as error:
            raise EditError(f"{edit} raised {type(error).__name__} at {name}: {error}") from error
        if not isinstance(changed, Tensor):
            raise EditError(f"{edit} gave no tensor at {name} but {type(changed).__name__}.")
        if changed.shape != given.shape:
            raise EditError(
                f"{edit} gave {list(changed.shape)} at {name}, where {list(given.shape)} (positions × units) stood."
            )
        if changed.is_complex():
            raise EditError(f"{edit} gave complex numbers at {name}.")
        changed = changed.to(given.device, given.dtype)
        return changed if chosen is None else torch.where(chosen[:, None], changed, given)

    def _spread(self, fires: Tensor, count: int) -> Tensor:
        """A condition on the whole input holds everywhere; one of positions, anywhere, for what is said of all."""
        if len(fires) == 1 or count == 1:
            return fires.any()[None].expand(count)
        assert self.gate is not None
        raise EditError(
            f"{self.edit}: {self.gate.seen.name} has {len(fires)} positions and {self.place.name} {count}, so it is "
            "not told which belong together. Take a unit of a site with the same positions."
        )


@dataclass(frozen=True)
class Host:
    """What edits are bound to: the sites of a live model, in which order they are reached, and how it is recorded.

    `usual`: what `live.references` says. `record` runs the model without edits. `kept`: reference values that were
    recorded of data, by the data and the state of the model.
    """

    table: SiteTable
    depth_of: Callable[[Site], float]
    usual: Any
    record: Callable[[Any, Sequence[str]], Any]
    state: Callable[[], object]
    kept: dict[Any, tuple[Any, References]]

    def bound(self, edits: Iterable[BaseEdit]) -> list[Bound]:
        """Edits on this live model. Raises `EditError` where one cannot act."""
        sources = _Sources(self)
        bound = []
        for edit in edits:
            if not isinstance(edit, BaseEdit):
                raise EditError(f"{edit!r} is no edit. There are nw.Ablate, Scale, Clamp, Steer, Patch and Edit.")
            place = place_of(edit, edit.site, edit.units, self.table)
            if place.stands.steps is not None and counts_from_the_end(edit.where) and edit.where != "generated":
                raise EditError(
                    f"{edit}: the positions of {place.name} are the steps of a loop, which is not told how many "
                    "follow. Give numbers from the beginning, or a slice of them."
                )
            bound.append(Bound(edit, place, edit.act(place, sources), self._gate(edit, place)))
        return bound

    def _gate(self, edit: BaseEdit, place: Place) -> Gate | None:
        if edit.when is None:
            return None
        unit = self.table.unit(edit.when.unit)
        site = self.table.resolve(unit.site)
        under = site if site == place.stands else stands_at(site, self.table)
        if under is None:
            raise EditError(f"{edit}: {site.name} is put together from several places and cannot be a condition.")
        if self.depth_of(site) > self.depth_of(place.stands):
            raise EditError(
                f"{edit}: {site.name} comes later in the model than {place.name}, so it is not known there whether "
                f"{unit} fires. Take a unit of an earlier site."
            )
        return Gate(under, site, unit.index, edit.when.above, repeats(site, self.table))


class _Sources:
    """What edits look up on a live model; what was recorded of data is kept for those that follow."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def references(self, data: Any, /) -> References | None:
        data = self._host.usual if data is None else data
        if data is None or isinstance(data, References):
            return data
        kept, key = self._host.kept, (id(data), self._host.state())
        if key not in kept:
            inputs = data() if callable(data) else data
            if isinstance(inputs, (str, bytes, dict)) or not hasattr(inputs, "__iter__"):
                raise EditError(f"data= is an atlas or a list of inputs, not {type(inputs).__name__}: write data=[…].")
            references = RecordedReferences(self._host.record, inputs)
            while len(kept) >= _KEPT:
                kept.pop(next(iter(kept)))
            kept[key] = data, references
        return kept[key][1]

    def recorded(self, x: Any, site: str, /) -> Tensor:
        values: Tensor = self._host.record(x, [site])[site]
        return values
