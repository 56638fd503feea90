"""Fingerprint of weights: tells one model from another."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

#: Checksums of modules, the newest last, with what told then that the weights are those: a live model, and a scan.
_computed: weakref.WeakKeyDictionary[nn.Module, list[tuple[object, str]]] = weakref.WeakKeyDictionary()
_REMEMBERED = 2


def model_digest(live: Any) -> str:
    """The checksum of a live model's weights, computed anew only when they have changed."""
    return remembered(live.module, live.unedited.signature(), lambda: weights_digest(live.module))


def remembered(module: nn.Module, evidence: object, compute: Callable[[], str]) -> str:
    """The checksum of a module's weights, computed where none is remembered with this evidence.

    `evidence` is equal as long as the weights are: a signature of the live model, or marks of all tensors.

    >>> module = nn.Linear(1, 1)
    >>> remembered(module, "first", lambda: "3f"), remembered(module, "first", lambda: "computed again")
    ('3f', '3f')
    """
    earlier = _computed.get(module, [])
    digest = next((digest for known_by, digest in earlier if known_by == evidence), None)
    if digest is None:
        digest = compute()
        _computed[module] = [*earlier, (evidence, digest)][-_REMEMBERED:]
    return digest


def weights_digest(module: nn.Module) -> str:
    """A checksum over names, shapes and values of all parameters and buffers."""
    return tensors_digest({name: t for name, t in module.state_dict().items() if isinstance(t, Tensor)})


def tensors_digest(tensors: Mapping[str, Tensor]) -> str:
    """Digest of tensors by name. Other threads go on meanwhile."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {list(values.shape)}\n".encode(errors="surrogatepass"))
        digest.update(values.flatten().view(torch.uint8).numpy().data if values.numel() else b"")
    return digest.hexdigest()
