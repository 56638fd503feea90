"""Places of edits: what an edit's site is to the model that runs, and how what it gives is put back.

Neurons and channels stand in a tensor of the model, those of a loop in one for each step. Heads are slices of what
their attention hands on. Features of a sparse autoencoder are made of what stands at its site: there an edit acts on
the features, and the model goes on with what it had plus the difference that this makes to what the autoencoder gives
back, so that its error stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, cast, runtime_checkable

from torch import Tensor

from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.structure.sites import Site, SiteTable


@runtime_checkable
class PutsBack(Protocol):
    """Units that are made of rows, and go back into them: [positions, width] → [positions, width]."""

    def changed(self, rows: Tensor, change: Callable[[Tensor], Tensor], /) -> Tensor: ...


@runtime_checkable
class Slices(Protocol):
    """Units that are equal slices of rows; `heads` of them."""

    heads: int


@dataclass(frozen=True)
class Place:
    """Where an edit acts.

    Attributes
    ----------
    name
        What the site of the edit is called.
    stands
        The site whose tensor the model goes on with.
    site
        The site whose units an edit is given: `stands`, or features made of it.
    group
        Of heads: how many units of `site` each is; 0 for all others.
    repeats
        Is the part called more than once in a pass?
    """

    name: str
    stands: Site
    site: Site
    group: int = 0
    repeats: bool = False

    def columns(self, units: Iterable[int] | None) -> list[int]:
        """The units of `site` that units of the edit's own site are."""
        if units is None:
            return list(range(self.site.width))
        width = self.group or 1
        return [unit * width + i for unit in units for i in range(width)]

    def refuse_heads(self, edit: object) -> None:
        """Raises `EditError` where units are heads: their lengths alone do not tell what to put back."""
        if self.group:
            raise EditError(
                f"{edit}: {self.name} cannot be edited: its units are made of what stands at {self.stands.name}, "
                f"{self.group} numbers a head. Ablate, Scale, Clamp and Patch act on heads all the same; else edit "
                f"{self.stands.name}, where head h is the {self.group} units from {self.group} · h on."
            )

    def change(self, rows: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
        """Rows of `stands` in which the units of `site` were changed."""
        read: object = self.site.read
        return read.changed(rows, change) if isinstance(read, PutsBack) else change(rows)


def place_of(edit: object, name: str, units: Iterable[int] | None, table: SiteTable) -> Place:
    """The place of an edit at a site, its units checked; refused where what stands there cannot be put back."""
    site = table.resolve(name)
    for unit in units or ():
        site.unit(unit)
    if site.steps is not None and site.read is None and site.pick is None:
        return Place(site.name, site, site, 0, True)
    under, read = stands_at(site, table), cast("object", site.read)
    if under is site:
        return Place(site.name, site, site, 0, repeats(site, table))
    if under is not None and isinstance(read, Slices):
        return Place(site.name, under, under, under.width // site.width, repeats(site, table))
    if under is not None and isinstance(read, PutsBack):
        return Place(site.name, under, site, 0, repeats(site, table))
    why = "its units are put together from several places"
    if under is not None:
        why = f"its units are made of what stands at {under.name}, and nothing says how they go back"
    raise EditError(f"{edit}: {site.name} cannot be edited: {why}. live.sites lists the other places.")


def repeats(site: Site, table: SiteTable) -> bool:
    """Is the part of a site called more than once in a pass?"""
    return any(other.call for other in table if other.module == site.module)


def stands_at(site: Site, table: SiteTable) -> Site | None:
    """The site whose tensor the model goes on with, of which a site's units are made; None where it is no single one.

    Mostly that is the site itself.
    """
    if site.pick is not None or site.steps is not None:
        return None
    if site.read is None:
        return site
    return next((s for s in table if s.canonical == site.canonical and s.read is None and s.pick is None), None)
