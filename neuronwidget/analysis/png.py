"""PNG files from samples."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray


def png(samples: NDArray[np.uint8], colour_type: int, *more: tuple[bytes, bytes]) -> bytes:
    """A PNG of samples [height, width, channels], 8 bits each; `more`: chunks between head and samples."""
    height, width = samples.shape[:2]
    rows = np.ascontiguousarray(samples).reshape(height, -1)
    lines = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1)  # each begins with "not filtered"
    head = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", head), *more, (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
