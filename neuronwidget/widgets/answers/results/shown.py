"""Numbers and small pictures of results, as they travel to the page."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.stream.protocol.results.shown import Pixels64

#: The longer side of a small picture.
SIDE = 32


def finite(value: Any) -> float | None:
    """A number as JSON has it; None where it is none."""
    return float(value) if value is not None and np.isfinite(value) else None


def small(picture: NDArray[Any], side: int = SIDE) -> Pixels64:
    """A picture, 0 to 1 or bytes, [height, width] or [height, width, channels], as a small one in base64."""
    pixels = picture if picture.dtype == np.uint8 else np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    pixels = np.broadcast_to(pixels[..., :1], (*pixels.shape[:2], 3)) if pixels.shape[2] < 3 else pixels[..., :3]
    step = -(-max(pixels.shape[:2]) // side)
    pixels = np.ascontiguousarray(pixels[step // 2 :: step, step // 2 :: step])
    return {"width": pixels.shape[1], "height": pixels.shape[0], "rgb": base64.b64encode(pixels.tobytes()).decode()}
