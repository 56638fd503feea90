"""What a live model offers to its views beside what it was attached with, and who hears when that becomes more."""

from __future__ import annotations

import weakref
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from torch import nn

from neuronwidget.live.adapters.sae import features_of
from neuronwidget.live.replica.replica import Replica, replica_of
from neuronwidget.live.structure.sites import Site, SiteTable


class Directions(MutableMapping[str, Any]):
    """Directions to steer along, by name: a dict that says when it changes.

    >>> named = Directions({"comments": 1}, lambda: lambda: print("changed"))
    >>> named["strings"] = 2
    changed
    >>> named
    {'comments': 1, 'strings': 2}
    """

    def __init__(self, named: Mapping[str, Any], changed: Callable[[], Callable[[], None] | None]) -> None:
        """`changed`: a weak reference to what is called then."""
        self._named, self._reference = dict(named), changed

    def __getitem__(self, name: str) -> Any:
        return self._named[name]

    def __setitem__(self, name: str, direction: Any) -> None:
        self._named[name] = direction
        self._changed()

    def __delitem__(self, name: str) -> None:
        del self._named[name]
        self._changed()

    def __iter__(self) -> Iterator[str]:
        return iter(self._named)

    def __len__(self) -> int:
        return len(self._named)

    def __repr__(self) -> str:
        return repr(self._named)

    def _changed(self) -> None:
        if (tell := self._reference()) is not None:
            tell()


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
        self._listeners: list[weakref.WeakMethod[Callable[[], None]]] = []
        self._directions = Directions(directions, weakref.WeakMethod(self._tell))

    @property
    def directions(self) -> MutableMapping[str, Any]:
        """Directions to steer along, by name; views offer them as soon as they are there."""
        return self._directions

    @directions.setter
    def directions(self, named: Mapping[str, Any]) -> None:
        listeners = self._listeners
        self._offer(named)
        self._listeners = listeners
        self._tell()

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
        self._tell()
        return features

    def tell_of_offers(self, listener: Callable[[], None]) -> None:
        """Call a method whenever there are other sites or directions, for as long as its object lives."""
        self._listeners = [reference for reference in self._listeners if reference() is not None]
        self._listeners.append(weakref.WeakMethod(listener))

    def _tell(self) -> None:
        for reference in self._listeners:
            if (listener := reference()) is not None:
                listener()
