"""A request with every name in it looked up, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site, SiteTable, Unit
from neuronwidget.stream.protocol.asks import Ask
from neuronwidget.stream.protocol.frames import EditProblem
from neuronwidget.widgets.frames.edited import ActingEdit, look_up


class PlacedInputs(Protocol):
    """Inputs with patterns, among which the present one is placed: patterns that `nw.patterns` found."""

    @property
    def site(self) -> str:
        """The site that treats some of them alike."""

    def place_values(self, values: NDArray[np.float32], nearest: int) -> Any:
        """A `Placement` with so many of the nearest inputs, from what the site does on one: [positions, units]."""

    def name_of(self, document: int) -> str:
        """What an input is called."""


@dataclass(frozen=True)
class Request:
    """What a page asks, in sites and units of the model; `unit_site` and `pin_sites` are those of unit and pins.

    `edits` are those that are on and whose unit is there; `problems` says why others are not. `patterns`: those of one
    site or of several, in which the input is placed where a panel asks for that.
    """

    ask: Ask
    site: Site
    unit: Unit | None
    unit_site: Site | None
    pins: tuple[Unit, ...]
    pin_sites: tuple[Site, ...]
    table: SiteTable
    edits: tuple[ActingEdit, ...] = ()
    problems: tuple[EditProblem, ...] = ()
    patterns: tuple[PlacedInputs, ...] = ()

    @classmethod
    def of(cls, ask: Ask, live: LiveModel, patterns: Sequence[PlacedInputs] = ()) -> Request:
        """Look the names up; raises what the table raises for a name that is not there."""
        sites = live.sites
        site = sites.resolve(ask.site)
        unit = None if ask.unit is None else sites.unit(ask.unit)
        pins = tuple(sites.unit(name) for name in ask.pins)
        of_unit = None if unit is None else sites.resolve(unit.site)
        of_pins = tuple(sites.resolve(pin.site) for pin in pins)
        return cls(ask, site, unit, of_unit, pins, of_pins, sites, *look_up(ask.edits, live), tuple(patterns))

    @property
    def unit_sites(self) -> tuple[Site, ...]:
        """The sites of the unit and of the pins."""
        return self.pin_sites if self.unit_site is None else (self.unit_site, *self.pin_sites)

    @property
    def defaults(self) -> list[Site]:
        """The sites that an overview shows."""
        return self.table.defaults
