"""File of a bundled model: safetensors, with the shape of the model and what is known of its training as metadata."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor


def replace_file(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
    """Write a safetensors file under another name first, so that ``path`` is never half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    save_file({name: value.contiguous() for name, value in tensors.items()}, partial, metadata)
    partial.chmod(0o644)
    os.replace(partial, path)


def about(path: Path) -> dict[str, Any]:
    """What is known of the training: the recipe, steps and minutes."""
    return _metadata(path, "about")


def shape(path: Path) -> dict[str, Any]:
    """What the module is made with."""
    return _metadata(path, "config")


def _metadata(path: Path, name: str) -> dict[str, Any]:
    with safe_open(path, "pt") as file:
        metadata: dict[str, Any] = json.loads(file.metadata()[name])
    return metadata
