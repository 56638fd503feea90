"""The kind "image": what a person paints on, and what the model sees of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from neuronwidget.live.inputs.tensors import InputError, TensorInputs, main_tensor, with_batch

Pixels = NDArray[np.uint8]

_LUMINANCE = (0.299, 0.587, 0.114)


@dataclass(frozen=True, eq=False)
class Exhibit:
    """A picture to begin with: uint8 [height, width, 3], and what is written under it."""

    pixels: Pixels
    label: str


class ImageInputs(TensorInputs):
    """Pictures for any model.

    Parameters
    ----------
    size
        Height and width of what the model sees.
    classes
        Names of the model's outputs.
    channels
        3: red, green, blue; 1: grey. With a `preprocess` of your own, any number.
    preprocess
        A picture, uint8 [height, width, 3] as the person edited it, → what the model eats: [channels, height, width].
        A processor of `transformers` or a transform of `torchvision` works too. Default: cropped to the model's
        proportions, resized, scaled to 0…1.
    gallery
        Pictures to begin with: a sequence of pictures or of (picture, label), or a dict from label to picture.

    Examples
    --------
    >>> inputs = ImageInputs(size=(4, 6), classes=["cat", "dog"])
    >>> inputs.prepare(inputs.read(np.zeros((8, 12), np.uint8))).shape
    torch.Size([1, 3, 4, 6])
    """

    kind = "image"

    def __init__(
        self,
        size: tuple[int, int] | int,
        classes: Sequence[str] | None = None,
        *,
        channels: int = 3,
        preprocess: Callable[..., Any] | None = None,
        gallery: Mapping[str, Any] | Iterable[Any] | None = None,
    ) -> None:
        super().__init__(classes, preprocess)
        height, width = (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))
        if min(height, width) < 1:
            raise InputError(f"size is (height, width) in pixels, not {size}.")
        if preprocess is None and channels not in (1, 3):
            raise InputError(
                f"A picture has 3 channels, or 1 for grey; say with preprocess= how {channels} channels are made of it."
            )
        self.size = (height, width)
        self.channels = channels
        self.gallery = [self._exhibit(item) for item in _pairs(gallery)]

    @property
    def picture(self) -> tuple[int, int]:
        return self.size

    def read(self, x: Any) -> Pixels:
        """A picture as uint8 [height, width, 3]: from an array, a PIL image, a file, a number in the gallery."""
        if isinstance(x, (int, np.integer)) and not isinstance(x, bool):
            if not 0 <= x < len(self.gallery):
                raise InputError(f"The gallery has the pictures 0 to {len(self.gallery) - 1}, not {x}.")
            return self.gallery[int(x)].pixels.copy()
        if isinstance(x, Exhibit):
            return x.pixels.copy()
        if isinstance(x, (str, Path)):
            x = _opened(x)
        if hasattr(x, "convert") and hasattr(x, "size"):  # a PIL image
            x = _decoded(x)
        if isinstance(x, Tensor):
            x = x.detach().cpu().float().numpy() if x.is_floating_point() else x.detach().cpu().numpy()
            if self._channels_first(x.shape):
                x = np.moveaxis(x, 0, 2)
        array = np.asarray(x)
        if self._channels_first(array.shape):
            raise InputError(
                f"A picture is [height, width, 3], not {list(array.shape)}: its channels come first, and "
                "np.moveaxis(picture, 0, 2) puts them last."
            )
        return _as_bytes(_three_channels(array))

    def prepare(self, value: Any) -> Any:
        """[1, channels, height, width]: a picture preprocessed; a float tensor of that size as it is."""
        if isinstance(value, Tensor) and value.is_floating_point():
            return self._checked(value)
        pixels = self.read(value)
        if self.preprocess is None:
            return self._scaled(pixels)
        prepared = with_batch(self._preprocess(pixels), 3, "[channels, height, width]")
        shape = tuple(main_tensor(prepared).shape[1:])
        if len(shape) == 3 and shape[1:] != self.size:
            if shape[:2] == self.size:
                raise InputError(f"preprocess returned {list(shape)}: channels come first, [channels, height, width].")
            raise InputError(
                f"preprocess returned {list(shape)}; with size={self.size} that should be "
                f"[{self.channels}, {self.size[0]}, {self.size[1]}]."
            )
        return prepared

    def seen(self, prepared: Any) -> Pixels:
        """What the model sees of a prepared picture, as uint8 [height, width, 3]: each channel over its own range."""
        tensor = main_tensor(prepared)[0].detach().cpu().float()
        if tensor.ndim != 3:
            return np.zeros((*self.size, 3), np.uint8)
        if self.preprocess is not None:
            low = tensor.amin((1, 2), keepdim=True)
            tensor = (tensor - low) / (tensor.amax((1, 2), keepdim=True) - low).clamp_min(1e-12)
        tensor = (tensor[:3] if len(tensor) >= 3 else tensor[:1].expand(3, -1, -1)).nan_to_num()
        pixels: Pixels = (tensor.clamp(0, 1) * 255).round().to(torch.uint8).permute(1, 2, 0).contiguous().numpy()
        return pixels

    def start(self) -> Pixels:
        return self.gallery[0].pixels.copy() if self.gallery else np.full((*self.size, 3), 255, np.uint8)

    def samples(self) -> list[Pixels]:
        source = np.random.default_rng(0)
        noise = [source.integers(0, 256, (*self.size, 3), np.uint8) for _ in range(2)]
        return [*(exhibit.pixels for exhibit in self.gallery[:2]), *noise][:2]

    def examples(self) -> list[Pixels]:
        return [exhibit.pixels for exhibit in self.gallery] or self.samples()

    # ---- the picture and the tensor --------------------------------------------------------------------

    def _scaled(self, pixels: Pixels) -> Tensor:
        tensor = torch.from_numpy(_cropped(pixels, self.size)).permute(2, 0, 1)[None].float() / 255
        if self.channels == 1:
            tensor = (tensor * torch.tensor(_LUMINANCE)[:, None, None]).sum(1, keepdim=True)
        height, width = tensor.shape[2:]
        if (height, width) == self.size:
            return tensor
        if height >= self.size[0] and width >= self.size[1]:
            return functional.interpolate(tensor, self.size, mode="area")  # whole blocks: undoes an enlargement
        return functional.interpolate(tensor, self.size, mode="bilinear", antialias=True)

    def _preprocess(self, pixels: Pixels) -> Any:
        assert self.preprocess is not None
        if hasattr(self.preprocess, "model_input_names"):  # a processor of transformers
            return dict(self.preprocess(images=pixels, return_tensors="pt"))
        if type(self.preprocess).__module__.startswith("torchvision."):
            from PIL import Image

            return self.preprocess(Image.fromarray(pixels))
        return self.preprocess(pixels)

    def _checked(self, tensor: Tensor) -> Tensor:
        wanted = (self.channels, *self.size)
        given = tuple(tensor.shape[1:] if tensor.ndim == 4 and len(tensor) == 1 else tensor.shape)
        if given != wanted:
            turned = given == (*self.size, self.channels)
            hint = " Move its channels to the front: tensor.permute(2, 0, 1)." if turned else ""
            if len(given) == 4:
                hint = " One picture at a time is recorded."
            raise InputError(
                f"The model eats tensors of {list(wanted)} (channels, height, width); this one has {list(given)}.{hint}"
            )
        return tensor.reshape(1, *wanted)

    def _channels_first(self, shape: tuple[int, ...]) -> bool:
        """Does a shape begin with channels? One of few channels at both ends is told by the size."""
        if len(shape) != 3 or shape[0] not in (1, 3, 4):
            return False
        return shape[2] not in (1, 3, 4) or (shape[1:] == self.size and shape[:2] != self.size)

    def _exhibit(self, item: tuple[Any, str]) -> Exhibit:
        return Exhibit(self.read(item[0]), item[1])


def _pairs(gallery: Mapping[str, Any] | Iterable[Any] | None) -> list[tuple[Any, str]]:
    if gallery is None:
        return []
    if isinstance(gallery, Mapping):
        return [(picture, str(label)) for label, picture in gallery.items()]
    items = list(gallery)
    return [
        (item[0], str(item[1])) if isinstance(item, tuple) and len(item) == 2 else (item, str(number))
        for number, item in enumerate(items)
    ]


def _opened(path: str | Path) -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise InputError("Reading picture files needs Pillow: pip install pillow. Arrays work without it.") from error
    try:
        with Image.open(path) as picture:
            picture.load()
            return picture
    except Exception as error:  # of a damaged file the decoders raise what they like
        raise InputError(f"{path} cannot be opened as a picture: {error}") from error


def _decoded(picture: Any) -> NDArray[Any]:
    """The pixels of a PIL image, which may only now be read from its file."""
    try:
        return np.asarray(picture.convert("RGBA" if "A" in getattr(picture, "mode", "") else "RGB"))
    except Exception as error:
        raise InputError(f"{getattr(picture, 'filename', '') or 'It'} cannot be read as a picture: {error}") from error


def _three_channels(array: NDArray[Any]) -> NDArray[Any]:
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim == 3 and array.shape[2] == 1:
        return np.repeat(array, 3, axis=2)
    if array.ndim == 3 and array.shape[2] == 4:
        full = 1.0 if np.issubdtype(array.dtype, np.floating) else 255.0
        alpha = array[:, :, 3:].astype(np.float32) / full
        on_white = array[:, :, :3].astype(np.float32) * alpha + full * (1 - alpha)
        return np.asarray(on_white if full == 1.0 else on_white.round().astype(np.uint8))
    if array.ndim == 3 and array.shape[2] == 3:
        return array
    hint = " Give one picture at a time." if array.ndim == 4 else ""
    raise InputError(f"A picture is [height, width] or [height, width, 3], not {list(array.shape)}.{hint}")


def _as_bytes(array: NDArray[Any]) -> Pixels:
    if array.dtype == np.uint8:
        return np.array(array, order="C")  # a copy that may be written to, and that nobody else writes to
    if not array.size or array.dtype == np.bool_:
        return np.ascontiguousarray(array.astype(np.uint8) * np.uint8(255))
    if not np.issubdtype(array.dtype, np.number) or np.issubdtype(array.dtype, np.complexfloating):
        raise InputError(f"A picture holds whole numbers to 255 or fractions to 1; this one holds {array.dtype}.")
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise InputError("The picture holds NaN or infinity.")
    if np.issubdtype(array.dtype, np.floating):
        if low >= -1e-6 and high <= 1 + 1e-6:
            return np.ascontiguousarray((array.clip(0, 1) * 255).round().astype(np.uint8))
        raise InputError(
            f"A picture of fractions goes from 0 to 1; this one goes from {low:.4g} to {high:.4g}. "
            "Divide it by its largest value, or make it uint8 with 0 to 255."
        )
    if low < 0 or high > 255:
        raise InputError(f"A picture of whole numbers goes from 0 to 255; this one goes from {low} to {high}.")
    return np.ascontiguousarray(array.astype(np.uint8))


def _cropped(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The largest part in the middle that has the proportions of `size`."""
    height, width = pixels.shape[:2]
    if not height or not width:
        raise InputError(f"The picture is empty: {height} × {width} pixels.")
    tall = min(height, max(1, round(width * size[0] / size[1])))
    wide = min(width, max(1, round(height * size[1] / size[0])))
    top, left = (height - tall) // 2, (width - wide) // 2
    part: Pixels = np.ascontiguousarray(pixels[top : top + tall, left : left + wide])
    return part
