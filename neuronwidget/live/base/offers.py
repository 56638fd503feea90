"""Base of live models: further sites and named directions, and who hears when there are more."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

from torch import nn

from neuronwidget.live.adapters.sae import features_of
from neuronwidget.live.base.directions import Directions
from neuronwidget.live.base.listeners import Listeners
from neuronwidget.live.replica.replica import Replica, replica_of
from neuronwidget.live.structure.sites import Site, SiteTable


class Offers:
    """Base of live models: further sites, made by autoencoders, and named directions."""

    sites: SiteTable
    _saes: list[Replica]

    def __init__(self) -> None:
        self._saes = []
        self._offer({})

    @property
    @abstractmethod
    def lock(self) -> Any: ...

    def _offer(self, directions: Mapping[str, Any]) -> None:
        """Begin with these, and with nobody who hears of more."""
        self._listeners = Listeners()
        self._directions = Directions(directions, self._listeners.tell)

    @property
    def directions(self) -> MutableMapping[str, Any]:
        """Directions to steer along, by name; views offer them as soon as they are there."""
        return self._directions

    @directions.setter
    def directions(self, named: Mapping[str, Any]) -> None:
        self._directions = Directions(named, self._listeners.tell)
        self._listeners.tell()

    def add_sae(self, site: str, sae: Any, name: str | None = None) -> Site:
        """Put a sparse autoencoder on a site: its features become the units of a new site, `sae.8`.

        `sae` is anything with `encode`: [positions, width of the site] → [positions, features]. SAELens' objects know
        their hook: `live.add_sae(sae.cfg.metadata.hook_name, sae)`.
        """
        with self.lock:
            features = features_of(self.sites, self.sites.resolve(site), sae, name)
            self.sites = self.sites.added(features)
            if isinstance(sae, nn.Module):
                self._saes.append(replica_of(sae))
        self._listeners.tell()
        return features

    def tell_of_offers(self, listener: Callable[[], None]) -> None:
        """Call a method whenever there are other sites or directions, for as long as its object lives."""
        self._listeners.add(listener)
