"""Pictures as probes: their parts are square patches, and the picture's middle tone takes the place of one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from neuronwidget.analysis.kinds.tensors import TensorProbe
from neuronwidget.live.inputs.tensors import InputError, main_tensor

#: How many patches the longer side of a picture is cut into.
_SIDE = 8


class ImageProbe(TensorProbe):
    """A picture as the model sees it. A patch is painted over with each channel's median, or with that of `instead`."""

    part, parts = "patch", "patches"

    def __init__(self, live: Any, x: Any, *, instead: Any = None, seed: int = 0) -> None:
        super().__init__(live, live.inputs.prepare(x))
        pixels = main_tensor(self.given)
        if pixels.ndim != 4:
            raise InputError(
                f"The model is given {list(pixels.shape)} for a picture: it has no rows and columns to cut."
            )
        height, width = pixels.shape[2:]
        self.side = max(1, -(-max(height, width) // _SIDE))
        self.names = [(y, x) for y in range(0, height, self.side) for x in range(0, width, self.side)]
        other = None if instead is None else main_tensor(live.inputs.prepare(instead))
        median = pixels.flatten(2).median(2).values[:, :, None, None].expand_as(pixels)
        self._over = median if other is None else other

    def without(self, chosen: Collection[int], draw: int = 0) -> Any:
        pixels = main_tensor(self.given).clone()
        for part in chosen:
            y, x = self.names[part]
            patch = (..., slice(y, y + self.side), slice(x, x + self.side))
            pixels[patch] = self._over[patch]
        return self._with(pixels)
