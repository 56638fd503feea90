"""Pictures as documents: small copies of them are kept, and with an exemplar a map of the unit over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from neuronwidget.corpus.kinds.kind import Contents, CorpusKind
from neuronwidget.corpus.kinds.whole import WholeCutter
from neuronwidget.corpus.sources import Item, Lookup, as_label, is_single, named_or_labelled

if TYPE_CHECKING:
    from neuronwidget.live.inputs.image import ImageInputs

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff"})
#: The longer side of the small copies of pictures that an atlas keeps, at most.
PICTURE_SIDE = 64


class ImageCutter(WholeCutter):
    """Makes documents of pictures: uint8 [height, width, 3], or float tensors as the model eats them."""

    inputs: ImageInputs
    most = 64

    def lookup(self, column: str | None) -> Lookup:
        return picture_lookup(column or "image")

    def content(self, item: Any) -> Any:
        if isinstance(item, Tensor) and item.is_floating_point():
            return self.inputs.prepare(item)[0]
        return self.inputs.read(item)

    def text(self, content: Any) -> str:
        return ""

    def picture(self, prepared: Any) -> bytes:
        return self.small(prepared).tobytes()

    def small(self, prepared: Any) -> NDArray[np.uint8]:
        """What the model sees of a picture, no larger than is needed to recognise it: uint8 [height, width, 1 or 3]."""
        pixels = self.inputs.seen(prepared)
        height, width = self.shape[:2]
        if pixels.shape[:2] != (height, width):
            tensor = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
            tensor = functional.interpolate(tensor, (height, width), mode="area")[0]
            pixels = tensor.round().to(torch.uint8).permute(1, 2, 0).numpy()
        return np.ascontiguousarray(pixels[:, :, :1] if self.shape[2] == 1 else pixels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the small pictures."""
        height, width = self.inputs.picture
        share = min(1.0, PICTURE_SIDE / max(height, width))
        grey = self.inputs.channels == 1 and self.inputs.preprocess is None
        return max(1, round(height * share)), max(1, round(width * share)), 1 if grey else 3

    def settings(self) -> dict[str, Any]:
        return {"input": self.kind, "size": list(self.inputs.size), "picture": list(self.shape)}


class ImageKind(CorpusKind):
    """Kind of input: pictures."""

    name = "image"
    counted = "pictures"
    places = "places in pictures"
    column = "image"
    pictures = True
    another = "another preprocess="
    cutter_class = ImageCutter

    def fixed_inputs(self, inputs: ImageInputs) -> Iterator[Any]:
        source = np.random.default_rng(0)
        for _ in range(2):
            yield source.integers(0, 256, (*inputs.size, 3), np.uint8)

    def read(self, contents: Contents, numbers: Sequence[int]) -> list[Any]:
        return list(contents.images(numbers))


def picture_lookup(column: str = "image") -> Lookup:
    """Pictures: pairs are a picture and its label, or a name and a picture."""

    def pair(first: Any, second: Any) -> tuple[Any, str | None, str | None] | None:
        return (first, None, as_label(second)) if is_single(second) else named_or_labelled(first, second)

    return Lookup("image", "pictures", column, pair=pair, file=_picture_file)


def _picture_file(path: Path, parts: tuple[str, ...]) -> Item | None:
    if path.suffix.lower() not in PICTURES:
        return None
    return Item(path, "/".join(parts), parts[-2] if len(parts) > 1 else None)
