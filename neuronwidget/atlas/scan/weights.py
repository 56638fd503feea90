"""Checks that the weights of a model are still those that a scan began with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from neuronwidget.atlas.files.untrusted import AtlasError
from neuronwidget.live.adapters.sae import Features
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

#: Numbers of eight bytes are added up in so many columns, modulo 2⁶⁴: no power of two, which rows of weights are of.
_COLUMNS = 8191


class Weights:
    """Parameters and buffers of a model and of the sparse autoencoders at its sites, as they were at first.

    Looking takes about as long as reading them once from memory, so it can be done at each saving of a scan.
    """

    def __init__(self, live: LiveModel, sites: Sequence[Site]) -> None:
        self._name = live.name
        saes = {site.name: site.read.sae for site in sites if isinstance(site.read, Features)}
        self._modules = {"": live.module, **{n: sae for n, sae in saes.items() if isinstance(sae, nn.Module)}}
        self._first = dict(self._marks())

    def leave_out_own(self) -> None:
        """Buffers that are others by now, as the model counts or averages in them while it runs, say nothing."""
        buffers = {_joined(part, name) for part, module in self._modules.items() for name, _ in module.named_buffers()}
        now = dict(self._marks())
        for name in buffers & self._first.keys():
            if now.get(name) != self._first[name]:
                del self._first[name]

    def check(self) -> None:
        """Raises `AtlasError` where they have changed."""
        now = dict(self._marks())
        changed = next((name for name, mark in self._first.items() if now.get(name) != mark), None)
        if changed is not None:
            raise AtlasError(
                f"The weights of {self._name} changed while it was scanned ({changed} is not what it was). What was "
                "saved before is kept: with the weights as they were at first the same call goes on from there."
            )

    @torch.no_grad()
    def _marks(self) -> Iterator[tuple[str, str | None]]:
        for part, module in self._modules.items():
            for name, tensor in module.state_dict().items():
                if isinstance(tensor, Tensor):
                    yield _joined(part, name), _mark(tensor)


def _joined(part: str, name: str) -> str:
    return f"{part}: {name}" if part else name


def _mark(tensor: Tensor) -> str | None:
    """A checksum of type, shape and values; None for a tensor that gives no bytes, as one of a sparse layout."""
    digest = hashlib.sha256(f"{tensor.dtype} {list(tensor.shape)}".encode())
    try:
        values = tensor.detach().contiguous().flatten().view(torch.uint8)
        whole = len(values) // (8 * _COLUMNS) * 8 * _COLUMNS
        if whole:
            numbers = values[:whole]
            if numbers.storage_offset() % 8:
                numbers = numbers.clone()
            digest.update(numbers.view(torch.int64).view(-1, _COLUMNS).sum(0).cpu().numpy().tobytes())
        digest.update(values[whole:].cpu().numpy().tobytes())
    except (RuntimeError, TypeError, NotImplementedError):
        return None
    return digest.hexdigest()
