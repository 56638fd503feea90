"""Adapter for sparse autoencoders, whose features are units of a site: SAELens' objects, or anything with `encode`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.errors import AttachError
from neuronwidget.live.replica.devices import home
from neuronwidget.live.replica.replica import replica_of
from neuronwidget.live.structure.sites import Site, SiteTable
from neuronwidget.live.tensors import first_tensor


class Features:
    """What an SAE makes of a site: [positions, width] → [positions, features].

    `heads`: the SAE wants to see a row as that many heads and puts them together itself.
    """

    def __init__(self, sae: Any, heads: int | None = None) -> None:
        self.sae = sae
        self._replica = replica_of(sae) if isinstance(sae, nn.Module) else None
        self._heads = heads

    def __call__(self, rows: Tensor) -> Tensor:
        with torch.no_grad():
            return self._encoded(rows, self._running())

    def _running(self) -> Any:
        """What runs in the place of the SAE."""
        return self.sae if self._replica is None else self._replica.ready()

    def _encoded(self, rows: Tensor, sae: Any) -> Tensor:
        weight = next((p for p in sae.parameters() if p.is_floating_point()), None) if self._replica else None
        if weight is not None:
            rows = rows.to(home(sae), weight.dtype)
        if self._heads:
            rows = rows.reshape(len(rows), self._heads, -1)
        return self._first("encode", sae.encode(rows))

    def _first(self, name: str, given: Any) -> Tensor:
        tensor = first_tensor(given)
        if tensor is None:
            raise AttachError(f"{name} of {type(self.sae).__name__} gave no tensor of numbers.")
        return tensor if tensor.layout is torch.strided else tensor.to_dense()


class DecodedFeatures(Features):
    """Features that go back into the rows they are of, by `decode`: what the SAE does not explain stays as it is."""

    def changed(self, rows: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
        """Rows [positions, width] with the difference that a change of the features makes to what they decode to."""
        sae = self._running()
        features = self._encoded(rows, sae)
        before, after = (
            self._first("decode", sae.decode(each)).reshape(len(rows), -1) for each in (features, change(features))
        )
        if before.shape != rows.shape:
            raise EditError(f"decode of {type(self.sae).__name__} gave {list(before.shape)} for {list(rows.shape)}.")
        return rows + (after - before).to(rows.device, rows.dtype)


def features_of(table: SiteTable, site: Site, sae: Any, name: str | None = None) -> Site:
    """A site whose units are the features of `sae` on `site`. Tries it on a row of zeros."""
    if not callable(getattr(sae, "encode", None)):
        raise AttachError(f"An SAE needs a method encode, [positions, {site.width}] → [positions, features].")
    if site.read is not None:
        raise AttachError(f"{site.name} is itself made of another site: put the SAE on that one.")
    place = (site.module, site.side, site.call)
    heads = [s.width for s in table if s.kind == "heads" and (s.module, s.side, s.call) == place]
    folds = getattr(getattr(sae, "cfg", None), "reshape_activations", None) == "hook_z"
    kind = DecodedFeatures if callable(getattr(sae, "decode", None)) else Features
    read = kind(sae, heads[0] if folds and heads else None)
    try:
        tried = read(torch.zeros(2, site.width))
    except Exception as error:
        raise AttachError(
            f"The SAE does not go on {site.name}, which has {site.width} units: {type(error).__name__}, {error}."
        ) from error
    if tried.ndim != 2 or len(tried) != 2:
        raise AttachError(f"encode gave {list(tried.shape)} for 2 positions, not [2, features].")
    short = f"sae.{site.layer}" if site.layer >= 0 else f"sae.{site.name}"
    taken = {other.name for other in table}
    name = name or (short if short not in taken else f"sae.{site.name}")
    if name in taken:
        raise AttachError(f"There is a site {name} already: say what this one is called, name=.")
    return replace(site, name=name, kind="sae", width=tried.shape[1], read=read)
