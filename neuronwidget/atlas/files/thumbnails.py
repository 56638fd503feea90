"""Small pictures of all documents, in one file from which single ones are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from neuronwidget.atlas.files import tensors
from neuronwidget.atlas.files.tensors import Blocks, Tensors
from neuronwidget.atlas.files.untrusted import AtlasError

FILE = "pictures.safetensors"
_NAME = "pictures"
_BYTES = 1 << 20


def write(source: Path, shape: Sequence[int], file: IO[bytes]) -> None:
    """The bytes of pictures of one shape, one after another, as a tensor uint8 [pictures, height, width, channels].

    No tensor is made of them, which would hold all of them in memory.
    """

    def parts() -> Iterator[NDArray[np.uint8]]:
        with open(source, "rb") as pixels:
            while part := pixels.read(_BYTES):
                yield np.frombuffer(part, np.uint8)

    count = source.stat().st_size // int(np.prod(shape))
    tensors.write(file, {_NAME: Blocks(np.uint8, (count, *shape), parts)})


def read(path: Path, numbers: Sequence[int]) -> NDArray[np.uint8]:
    """Some pictures: uint8 [n, height, width, 3]."""
    file = Tensors(path)
    if len(file.shape(_NAME)) != 4:
        raise AtlasError(f"{path} holds no pictures.")
    pictures = file.some(_NAME, np.array(numbers, np.int64)).astype(np.uint8)
    return np.broadcast_to(pictures, (*pictures.shape[:3], 3)) if pictures.shape[3] == 1 else pictures
