"""Pictures and rows as documents of a scan: each is one window, run whole."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from neuronwidget.corpus.documents import Cut, Window, named
from neuronwidget.corpus.sources import Item, Kind
from neuronwidget.live.inputs.image import ImageInputs
from neuronwidget.live.inputs.table import TableInputs
from neuronwidget.live.inputs.tensors import TensorInputs

#: The longer side of the small copies of pictures that an atlas keeps, at most.
PICTURE_SIDE = 64


@dataclass(frozen=True)
class Value:
    """A picture (uint8 [height, width, 3], or a float tensor as the model eats it) or a row, with its name."""

    id: str
    content: Any
    label: str | None = None

    def content_hash(self) -> bytes:
        """A checksum of the content."""
        if isinstance(self.content, dict):
            return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).digest()
        array = self.content.detach().cpu().float().numpy() if isinstance(self.content, Tensor) else self.content
        return hashlib.sha256(f"{array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).data).digest()

    def digest(self) -> bytes:
        names = json.dumps([self.id, self.label]).encode()
        return hashlib.sha256(self.content_hash() + names).digest()


class ValueCutter:
    """What makes documents of pictures or rows."""

    def __init__(self, inputs: TensorInputs) -> None:
        self.inputs = inputs
        self.is_table = isinstance(inputs, TableInputs)
        self.most = 1024 if self.is_table else 64
        self.grey = isinstance(inputs, ImageInputs) and inputs.channels == 1 and inputs.preprocess is None

    def kind(self, column: str | None) -> Kind:
        names = frozenset(c.name for c in self.inputs.columns) if isinstance(self.inputs, TableInputs) else frozenset()
        return Kind("table" if self.is_table else "image", column or "image", names)

    def document(self, item: Item) -> Value:
        with named(item.id):
            return Value(item.id, self._content(item.content), item.label)

    def _content(self, found: Any) -> Any:
        if not self.is_table and isinstance(found, Tensor) and found.is_floating_point():
            return self.inputs.prepare(found)[0]
        return self.inputs.read(found)

    def cut(self, number: int, document: Value, first_window: int, sample_key: int) -> Cut:
        with named(document.id):
            prepared = self.inputs.prepare(document.content)
        content = int.from_bytes(document.content_hash()[:8], "little", signed=True)
        window = Window(first_window, number, 0, 0, [], [], sample_key, prepared, [content])
        if self.is_table:
            text = json.dumps(document.content, ensure_ascii=False)
            return Cut((document.id, document.label, 1, text), [window])
        return Cut((document.id, document.label, 1, ""), [window], self.small(prepared).tobytes())

    def small(self, prepared: Any) -> NDArray[np.uint8]:
        """What the model sees of a picture, no larger than is needed to recognise it: uint8 [height, width, 1 or 3]."""
        assert isinstance(self.inputs, ImageInputs)
        pixels = self.inputs.seen(prepared)
        height, width = self.shape[:2]
        if pixels.shape[:2] != (height, width):
            tensor = torch.from_numpy(pixels).permute(2, 0, 1)[None].float()
            tensor = functional.interpolate(tensor, (height, width), mode="area")[0]
            pixels = tensor.round().to(torch.uint8).permute(1, 2, 0).numpy()
        return np.ascontiguousarray(pixels[:, :, :1] if self.grey else pixels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of the small pictures."""
        height, width = self.inputs.picture or (1, 1)
        share = min(1.0, PICTURE_SIDE / max(height, width))
        return max(1, round(height * share)), max(1, round(width * share)), 1 if self.grey else 3

    def settings(self) -> dict[str, Any]:
        """What must be the same for a scan to go on."""
        if isinstance(self.inputs, TableInputs):
            return {"input": "table", "columns": [column.describe()["name"] for column in self.inputs.columns]}
        assert isinstance(self.inputs, ImageInputs)
        return {"input": "image", "size": list(self.inputs.size), "picture": list(self.shape)}
