"""Kind of input: pictures, in requests, traits, galleries and exemplars."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray
from traitlets import TraitError

from neuronwidget.live.inputs.image import ImageInputs, Pixels
from neuronwidget.live.tensor_model import TensorModel
from neuronwidget.stream.protocol.answers import GalleryItem
from neuronwidget.stream.protocol.inputs import Picture, picture_of, read_picture
from neuronwidget.stream.protocol.traits import ImageInfo
from neuronwidget.stream.raster import Scale
from neuronwidget.widgets.frames.kinds.kind import Members, ShownExemplars, ShownMembers
from neuronwidget.widgets.frames.kinds.tensors import TensorKind
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.picture import png_of_pixels

if TYPE_CHECKING:
    import pandas as pd

#: How many pictures of the gallery go to the page, and how long their longer side may be.
MOST_PICTURES, THUMBNAIL = 200, 96


class ImageKind(TensorKind):
    """Kind of input: pictures, uint8 [height, width, 3]."""

    name = "image"

    def read(self, content: Mapping[str, Any], buffers: Sequence[Any]) -> Picture | None:
        return read_picture(content, buffers)

    def value(self, live: TensorModel, asked: Picture | None) -> Pixels:
        return _inputs(live).start() if asked is None else _pixels(asked)

    def key(self, value: Pixels) -> Hashable:
        return value.shape, value.tobytes()

    def seen(self, live: TensorModel, prepared: Any) -> Mapping[str, NDArray[Any]]:
        """`seen` [height, width, 3]: what the model sees of the picture."""
        return {"seen": _inputs(live).seen(prepared)}

    def to_page(self, value: Any) -> Any:
        """A picture as its size and RGB bytes, which travel as a buffer."""
        if isinstance(value, np.ndarray):
            return {"width": value.shape[1], "height": value.shape[0], "rgb": value.tobytes()}
        return value

    def from_page(self, live: Any, value: Any) -> Any:
        """Pixels, or a number of the gallery; no path, which a notebook of somebody else could have the kernel open."""
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if not isinstance(value, Mapping) or value.keys() != {"width", "height", "rgb"}:
            raise TraitError("The page sends a picture as its pixels or as a number of the gallery, and no path.")
        return _pixels(picture_of(value, value["rgb"]))

    def info(self, live: TensorModel) -> Mapping[str, Any]:
        inputs = _inputs(live)
        height, width = inputs.size
        picture: ImageInfo = {
            "kind": "image",
            "height": height,
            "width": width,
            "channels": inputs.channels,
            "classes": live.class_names or None,
            "gallery": len(inputs.gallery),
        }
        return picture

    def gallery(self, live: TensorModel) -> tuple[list[GalleryItem], list[bytes]]:
        """Labels and sizes of the pictures to choose from, and the RGB bytes of each."""
        items: list[GalleryItem] = []
        buffers = []
        for exhibit in _inputs(live).gallery[:MOST_PICTURES]:
            pixels = _thumbnail(exhibit.pixels)
            items.append({"label": exhibit.label, "width": pixels.shape[1], "height": pixels.shape[0]})
            buffers.append(pixels.tobytes())
        return items, buffers

    def exemplar(self, row: pd.Series) -> Mapping[str, Any]:
        """`at`: the row and column of the peak on the site's grid."""
        import pandas as pd

        return {"at": None if pd.isna(row["y"]) else [int(row["y"]), int(row["x"])]}

    def exemplars(self, shown: ShownExemplars) -> tuple[Mapping[str, Any], Mapping[str, NDArray[Any]]]:
        """`images` [rows, height, width, 3]; `map`: rows and columns of the site's positions, and of the kept map."""
        if not len(shown.rows):
            return {}, {}
        shape = shown.atlas.map_of(shown.unit.site)
        assert shape is not None
        fields = {"map": {"grid": list(shape.grid), "kept": list(shape.kept)}}
        return fields, {"images": np.stack(shown.rows["image"].tolist())}

    def brief(self, row: pd.Series) -> Mapping[str, Any]:
        return {**super().brief(row), "image": _data(row["image"])}

    def asked(self, value: Any, focus: int = 0) -> Picture:
        return Picture(value.shape[1], value.shape[0], value.tobytes())

    def picture_of(self, live: TensorModel, value: Any) -> Sequence[str]:
        return [_shown(value, 160)]

    def saved_exemplars(self, shown: ShownExemplars, scale: Scale) -> Sequence[str]:
        return [_shown(pixels, 48) for pixels in shown.rows["image"]]

    def members(self, shown: ShownMembers) -> Members:
        """`images` [inputs, height, width, 3], all of one size."""
        pictures = [_thumbnail(_rgb(pixels)) for pixels in shown.contents]
        if len({pixels.shape for pixels in pictures}) > 1:
            pictures = [_resized(pixels, THUMBNAIL // 2) for pixels in pictures]
        arrays = {"images": np.stack(pictures)} if pictures else {}
        return Members([{} for _ in pictures], {}, arrays)

    def saved_members(self, shown: ShownMembers) -> Sequence[str]:
        return [_shown(_rgb(pixels), 32) for pixels in shown.contents]


def _rgb(pixels: Any) -> Pixels:
    """A picture of grey or of colours, [height, width, channels], as RGB."""
    array = np.asarray(pixels, np.uint8)
    array = array[..., None] if array.ndim == 2 else array
    return array[..., :3] if array.shape[2] >= 3 else np.repeat(array[..., :1], 3, axis=2)


def _resized(pixels: Pixels, side: int) -> Pixels:
    """The nearest pixels of a square of that side."""
    height, width = pixels.shape[:2]
    down, across = (np.arange(side) * length // side for length in (height, width))
    return np.ascontiguousarray(pixels[down][:, across])


def _shown(pixels: Pixels, height: int) -> str:
    wide = round(height * pixels.shape[1] / pixels.shape[0])
    return html.image(png_of_pixels(pixels, min(96, height)), "The picture", wide, height)


def _data(pixels: Any) -> str:
    """A small picture as the address of an image on a page."""
    return f"data:image/png;base64,{b64encode(png_of_pixels(_rgb(pixels), THUMBNAIL // 2)).decode()}"


def _inputs(live: TensorModel) -> ImageInputs:
    return cast("ImageInputs", live.inputs)


def _pixels(picture: Picture) -> Pixels:
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)


def _thumbnail(pixels: Pixels) -> Pixels:
    """Made smaller by leaving out pixels where it is too large: quick, and good enough to choose by."""
    step = -(-max(pixels.shape[:2]) // THUMBNAIL)
    return np.ascontiguousarray(pixels[step // 2 :: step, step // 2 :: step])
