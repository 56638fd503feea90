"""Fingerprint of weights: tells one model from another."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

_digests: weakref.WeakKeyDictionary[Any, tuple[object, str]] = weakref.WeakKeyDictionary()


def model_digest(live: Any) -> str:
    """The checksum of a live model's weights, computed anew only when they have changed."""
    signature = live.unedited.signature()
    known = _digests.get(live.module)
    if known is None or known[0] != signature:
        known = _digests[live.module] = signature, weights_digest(live.module)
    return known[1]


def weights_digest(module: nn.Module) -> str:
    """A checksum over names, shapes and values of all parameters and buffers."""
    return tensors_digest({name: t for name, t in module.state_dict().items() if isinstance(t, Tensor)})


def tensors_digest(tensors: Mapping[str, Tensor]) -> str:
    """The same of tensors by name. Other threads go on meanwhile."""
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        values = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {list(values.shape)}\n".encode(errors="surrogatepass"))
        digest.update(values.flatten().view(torch.uint8).numpy().data if values.numel() else b"")
    return digest.hexdigest()
