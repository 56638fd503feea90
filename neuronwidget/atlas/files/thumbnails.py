"""Small pictures of all documents, in one file from which single ones are read."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.atlas.files.tensors import header

FILE = "pictures.safetensors"
_NAME = "pictures"


def write(source: Path, file: IO[bytes], shape: Sequence[int]) -> None:
    """The bytes of pictures of one shape, one after another, as a tensor uint8 [pictures, height, width, channels].

    No tensor is made of them, which would hold all of them in memory.
    """
    size = source.stat().st_size
    count = size // int(np.prod(shape))
    with open(source, "rb") as pixels:
        file.write(header([(_NAME, "U8", [count, *shape], size)]))
        shutil.copyfileobj(pixels, file, 1 << 20)


def read(path: Path, numbers: Sequence[int]) -> NDArray[np.uint8]:
    """Some pictures: uint8 [n, height, width, 3]."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        part: Any = file.get_slice(_NAME)
        height, width, channels = part.get_shape()[1:]
        pictures = np.zeros((len(numbers), height, width, channels), np.uint8)
        for place, number in enumerate(numbers):
            pictures[place] = part[number]
    return np.broadcast_to(pictures, (*pictures.shape[:3], 3)) if channels == 1 else pictures
