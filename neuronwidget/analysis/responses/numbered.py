"""Documents in the order in which a question reads them: drawn at random where they can be asked for by number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.corpus.documents import one_document, read_documents
from neuronwidget.corpus.sources import Item


@dataclass(frozen=True)
class Numbered:
    """Documents by their numbers; `of`: what brings one, as a cutter makes it."""

    count: int
    of: Callable[[int], Any]


def numbered(data: Any, cutter: Any) -> Numbered | None:
    """Data that can be asked for a document: a list, an array, a frame, responses, an atlas; None for others.

    Of responses and of an atlas the inputs are taken, as these have kept them.
    """
    if isinstance(data, Responses):
        numbers = data.documents.tolist()
        return Numbered(len(data), lambda n: cutter.document(Item(data.input(numbers[n]), data.names[n])))
    if isinstance(data, AtlasBase):
        return _of_atlas(data, cutter)
    if isinstance(data, (str, dict)) or not hasattr(data, "__len__") or not hasattr(data, "__getitem__"):
        return None
    return Numbered(len(data), lambda n: one_document(data, n, cutter))


def _of_atlas(atlas: AtlasBase, cutter: Any) -> Numbered:
    if "document" in atlas.lacks:
        raise ValueError(f"The inputs of this atlas cannot be run again: {atlas.lacks['document']}")
    contents: Any = atlas
    return Numbered(int(atlas.size[0] or 0), lambda n: cutter.document(Item(atlas.kind.read(contents, [n])[0], str(n))))


def in_drawn_order(data: Any, cutter: Any, seed: int) -> tuple[int | None, Iterator[tuple[int, Any]]]:
    """How many documents there are, and each with its number in an order drawn by `seed`.

    Where none can be asked for by its number they are not counted, and come as they are.
    """
    source = numbered(data, cutter)
    if source is None:
        return None, enumerate(read_documents(data, cutter))
    order = np.random.default_rng(seed).permutation(source.count).tolist()
    return source.count, ((number, source.of(number)) for number in order)
