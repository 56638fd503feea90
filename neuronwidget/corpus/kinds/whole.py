"""Documents that run whole, such as pictures and rows: each is one window."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from neuronwidget.corpus.documents import Cut, Window, named
from neuronwidget.corpus.sources import Item, Lookup, named_or_labelled


@dataclass(frozen=True)
class WholeInput:
    """An input that runs whole, as a person edits it or as the model eats it, with its name."""

    id: str
    content: Any
    label: str | None = None

    def content_hash(self) -> bytes:
        if isinstance(self.content, dict):
            return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).digest()
        array = self.content.detach().cpu().float().numpy() if isinstance(self.content, Tensor) else self.content
        array = np.asarray(array)
        return hashlib.sha256(f"{array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).data).digest()

    def digest(self) -> bytes:
        names = json.dumps([self.id, self.label]).encode()
        return hashlib.sha256(self.content_hash() + names).digest()


class WholeCutter:
    """Makes documents of inputs that run whole. `most`: such in a chunk."""

    most = 1024

    def __init__(self, kind: str, inputs: Any) -> None:
        self.kind, self.inputs = kind, inputs

    def lookup(self, column: str | None) -> Lookup:
        """What to look for in a source, in this column of a frame or data set."""
        return Lookup(self.kind, "inputs", column or self.kind, pair=named_or_labelled)

    def document(self, item: Item) -> WholeInput:
        with named(item.id):
            return WholeInput(item.id, self.content(item.content), item.label)

    def content(self, item: Any) -> Any:
        """An input as it was found → what a document holds."""
        return self.inputs.read(item)

    def cut(self, number: int, document: WholeInput, first_window: int, sample_key: int) -> Cut:
        with named(document.id):
            prepared = self.inputs.prepare(document.content)
        content = int.from_bytes(document.content_hash()[:8], "little", signed=True)
        window = Window(first_window, number, 0, 0, [], [], sample_key, prepared, [content])
        return Cut((document.id, document.label, 1, self.text(document.content)), [window], self.picture(prepared))

    def text(self, content: Any) -> str:
        """What is kept of a content: JSON, which `CorpusKind.read` reads."""
        plain = content.tolist() if isinstance(content, (np.ndarray, Tensor)) else content
        return json.dumps(plain, ensure_ascii=False)

    def picture(self, prepared: Any) -> bytes | None:
        """The small picture that is kept of what the model is given, where the kind has one."""
        return None

    def settings(self) -> dict[str, Any]:
        """What must be the same for a scan to go on."""
        return {"input": self.kind}
