"""Says which weights a scan is of, and checks that they are still those that it began with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from neuronwidget.atlas.files.untrusted import AtlasError
from neuronwidget.live.adapters.sae import Features
from neuronwidget.live.replica.fingerprint import remembered, tensors_digest
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

#: Numbers of eight bytes are added up in so many columns, modulo 2⁶⁴: no power of two, which rows of weights are of.
_COLUMNS = 8191
Marks = Mapping[str, "str | None"]


class Weights:
    """Parameters and buffers of a model and of the sparse autoencoders at its sites, as they were at first.

    Looking takes about as long as reading them once from memory, so it can be done at each saving of a scan. Their
    digest takes longer: a thread of its own finds it out while the scan begins, and for weights that are as they were
    at an earlier scan it is remembered.
    """

    def __init__(self, live: LiveModel, sites: Sequence[Site]) -> None:
        self._name = live.name
        saes = {site.name: site.read.sae for site in sites if isinstance(site.read, Features)}
        self._modules = {"": live.module, **{n: sae for n, sae in saes.items() if isinstance(sae, nn.Module)}}
        marks = {part: dict(_marks(module)) for part, module in self._modules.items()}
        self._first = {_joined(part, name): mark for part, of in marks.items() for name, mark in of.items()}
        pool = ThreadPoolExecutor(1, "neuronwidget-digest")
        self._digests = {
            part: pool.submit(_digest, module, marks[part], _held(module)) for part, module in self._modules.items()
        }
        pool.shutdown(wait=False)

    def described(self) -> dict[str, Any]:
        """Their digests, as they stand in the manifest."""
        return {
            "weights": self._digests[""].result(),
            "saes": {part: digest.result() for part, digest in self._digests.items() if part},
        }

    def leave_out_own(self) -> None:
        """Buffers that are others by now, as the model counts or averages in them while it runs, say nothing."""
        for part, module in self._modules.items():
            buffers = {name for name, _ in module.named_buffers()}
            for name, mark in _marks(module, buffers):
                if self._first.get(_joined(part, name), mark) != mark:
                    del self._first[_joined(part, name)]

    def check(self) -> None:
        """Raises `AtlasError` where they have changed."""
        now = {_joined(part, name): mark for part, module in self._modules.items() for name, mark in _marks(module)}
        changed = next((name for name, mark in self._first.items() if now.get(name) != mark), None)
        if changed is not None:
            raise AtlasError(
                f"The weights of {self._name} changed while it was scanned ({changed} is not what it was). What was "
                "saved before is kept: with the weights as they were at first the same call goes on from there."
            )


def _held(module: nn.Module) -> dict[str, Tensor]:
    """Its tensors; of buffers, in which a model may count while it runs, copies."""
    buffers = {name for name, _ in module.named_buffers()}
    tensors = {name: tensor for name, tensor in module.state_dict().items() if isinstance(tensor, Tensor)}
    return {name: tensor.clone() if name in buffers else tensor for name, tensor in tensors.items()}


def _digest(module: nn.Module, marks: Marks, tensors: Mapping[str, Tensor]) -> str:
    if None in marks.values():  # these tell nothing
        return tensors_digest(tensors)
    return remembered(module, marks, lambda: tensors_digest(tensors))


@torch.no_grad()
def _marks(module: nn.Module, names: set[str] | None = None) -> Iterator[tuple[str, str | None]]:
    """Checksums of its tensors, or of those that have these names; one that has several is looked at once."""
    marks: dict[object, str | None] = {}
    for name, tensor in module.state_dict().items():
        if isinstance(tensor, Tensor) and (names is None or name in names):
            where = _where(tensor)
            if where not in marks:
                marks[where] = _mark(tensor)
            yield name, marks[where]


def _where(tensor: Tensor) -> object:
    """What two names of one tensor have in common; tensors of other kinds are like no other."""
    if type(tensor) not in (Tensor, nn.Parameter) or tensor.layout != torch.strided or not tensor.numel():
        return object()
    return tensor.dtype, tensor.device, tensor.data_ptr(), tensor.shape, tensor.stride()


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
