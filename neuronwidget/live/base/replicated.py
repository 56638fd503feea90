"""Base of live models: the user's module, and the replica of it that runs in its place."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self

import torch
from torch import nn

from neuronwidget.live.base.offers import Offers
from neuronwidget.live.edits.editable import Editable
from neuronwidget.live.errors import AttachError
from neuronwidget.live.replica.devices import home, is_elsewhere
from neuronwidget.live.replica.replica import WHOLE, alive, replica_of
from neuronwidget.live.structure.sites import Site


class Replicated(Editable, Offers):
    """A module that is looked at, and what runs in its place.

    `_depths`: how deep in the model each place lies, in the order in which places are reached.
    """

    _depths: Mapping[Any, float]

    def __init__(self, module: nn.Module, keep: bool) -> None:
        """`keep`: the module stays alive for as long as this is."""
        module = getattr(module, "_orig_mod", module)  # torch.compile's wrapper: the same weights, with hooks that run
        Offers.__init__(self)
        self._module = weakref.ref(module)
        self._kept = module if keep else None
        self._replica = replica_of(module)
        if any(parameter.is_meta for parameter in module.parameters()) and not is_elsewhere(module):
            raise AttachError("The model has no weights: it is on the 'meta' device. Load them first.")

    @property
    def module(self) -> nn.Module:
        """The torch module. Raises `ModelGoneError` when it was attached with `keep=False` and has been freed."""
        return alive(self._module)

    @property
    def device(self) -> torch.device:
        """Where token numbers must be: with the first parameter."""
        return home(self.module)

    def release(self) -> None:
        """Let go of the module. Widgets that show it say so and keep their last picture."""
        self._kept = None

    @property
    def parts(self) -> dict[str, nn.Module]:
        """The parts of what runs, by path. Use it inside `running`."""
        return self._replica.parts

    @property
    def draws(self) -> bool:
        """Does the model draw random numbers while it is evaluated? Known after a first pass."""
        return self._replica.draws

    @property
    def lock(self) -> Any:
        return self._replica.lock

    @contextmanager
    def running(self, sites: Sequence[Site] = (), *, whole: bool = False) -> Iterator[dict[str, nn.Module]]:
        """For a pass that ends at the deepest of `sites`, or goes through the `whole` model: what runs, by path.

        That is the module's replica, as the module is now. The lock is held inside. Hooks for a pass go on these
        parts; the user's own module is not touched. Edits act inside.
        """
        depths = [WHOLE if site.steps is not None else self._depth_of(site) for site in sites]
        extent = WHOLE if whole else max(depths, default=None)
        edits, prompt = self._now
        with self._replica.running(extent) as parts, edits.on(self._replica, parts, prompt):
            yield parts

    @contextmanager
    def seen_once(self) -> Iterator[None]:
        """Inside, this thread looks for changes of the module when it first runs or asks, and not again.

        For several passes that are of one moment. What changes meanwhile is noticed by the first look after it.
        """
        with self._replica.seen_once():
            yield

    def in_order(self, sites: Iterable[Site]) -> list[Site]:
        """Sites in the order in which the model comes to them."""
        return sorted(sites, key=self._depth_of)

    def _depth_of(self, site: Site) -> float:
        """How deep in the model a site lies, in the order in which sites are reached."""
        return self._depths.get((site.module, site.side, site.call), WHOLE)

    def signature(self) -> object:
        """Another one as soon as the model changed: recordings of before then no longer count.

        What is noticed, and when, stands in `neuronwidget.live.replica.changes`.
        """
        with self.lock:
            now, prompt = self._now
            edits = (now.signature(), prompt) if now else ()
            return (self._replica.signature(), *(sae.signature() for sae in self._saes), *edits)

    def changed(self) -> None:
        """Look again: nothing that is kept of inputs or of the model counts any more.

        For changes that cannot be seen from outside, such as `weight.data[0, 0] = 1.0`; they are noticed without it
        only after some time: see `neuronwidget.live.replica.changes`.
        """
        self._replica.changed()
        for sae in self._saes:
            sae.changed()

    def run(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> object:
        """Run the model on arguments of its own. Call it inside `running`."""
        return self._replica.whole(*args, **kwargs)

    @property
    def runs_a_copy(self) -> bool:
        """Do passes run parts that are ours alone? Use it inside `running`."""
        return self._replica.is_copy

    def apart(self) -> Self | None:
        """The live model for another thread, with a replica and a lock of its own; None where that cannot be.

        It stays as the model is now, but for the parameters, which are shared.
        """
        replica = self._replica.apart()
        if replica is None:
            return None
        other = self._with_edits(self._edits)
        other._replica, other._module, other._kept = replica, weakref.ref(replica.whole), replica.whole
        return other
