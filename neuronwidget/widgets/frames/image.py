"""Frames of pictures: activation maps, small multiples, what the model sees."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.live.inputs.image import ImageInputs, Pixels
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.stream.protocol import asks as protocol
from neuronwidget.stream.protocol.answers import FrameHeader, Gallery, GalleryItem
from neuronwidget.stream.protocol.asks import Ask
from neuronwidget.widgets.frames.build_tensors import FixedPainter

#: How many pictures of the gallery go to the page, and how long their longer side may be.
MOST_PICTURES, THUMBNAIL = 200, 96


class ImagePainter(FixedPainter):
    """Makes frames of pictures."""

    def __init__(self, live: TensorModel) -> None:
        super().__init__(live)
        assert isinstance(live.inputs, ImageInputs)
        self.inputs = live.inputs

    def value_of(self, ask: Ask) -> Pixels:
        """The picture that came with the request: uint8 [height, width, 3]."""
        if ask.image is None:
            return self.inputs.start()
        return np.frombuffer(ask.image.rgb, np.uint8).reshape(ask.image.height, ask.image.width, 3)

    def key_of(self, value: Pixels) -> Hashable:
        return value.shape, value.tobytes()

    def add(self, ask: Ask, value: Pixels, header: FrameHeader, arrays: dict[str, NDArray[Any]]) -> None:
        arrays["seen"] = self.inputs.seen(self._prepared)


def gallery(inputs: ImageInputs) -> tuple[Gallery, list[bytes]]:
    """The answer to a request for the gallery: labels and sizes, and the RGB bytes of each picture."""
    items: list[GalleryItem] = []
    buffers = []
    for exhibit in inputs.gallery[:MOST_PICTURES]:
        pixels = _thumbnail(exhibit.pixels)
        items.append({"label": exhibit.label, "width": pixels.shape[1], "height": pixels.shape[0]})
        buffers.append(pixels.tobytes())
    return protocol.gallery(items), buffers


def _thumbnail(pixels: Pixels) -> Pixels:
    """Made smaller by leaving out pixels where it is too large: quick, and good enough to choose by."""
    step = -(-max(pixels.shape[:2]) // THUMBNAIL)
    return np.ascontiguousarray(pixels[step // 2 :: step, step // 2 :: step])
