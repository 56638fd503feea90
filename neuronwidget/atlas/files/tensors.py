"""Writes tensors as a safetensors file, one after another.

The library's own writer makes a file of another name and mode beside the one it is told, and what it makes is left
behind when the process is killed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO

import torch
from torch import Tensor

_KINDS = {
    torch.float64: "F64",
    torch.int64: "I64",
    torch.float32: "F32",
    torch.int32: "I32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}


def write(file: IO[bytes], tensors: Mapping[str, Tensor]) -> None:
    """All tensors, those of large elements first, so that each lies where its elements can be addressed."""
    ordered = sorted(tensors.items(), key=lambda item: (-item[1].element_size(), item[0]))
    file.write(header([(name, _KINDS[t.dtype], list(t.shape), t.numel() * t.element_size()) for name, t in ordered]))
    for _, tensor in ordered:
        if tensor.numel():
            file.write(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)


def header(tensors: list[tuple[str, str, list[int], int]]) -> bytes:
    """What stands before tensors of (name, kind of element, shape, bytes)."""
    described, offset = {}, 0
    for name, kind, shape, size in tensors:
        described[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(described, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text
