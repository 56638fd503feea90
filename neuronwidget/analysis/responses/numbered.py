"""Documents by their numbers: of lists and arrays, of responses, of an atlas; in an order drawn at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuronwidget.analysis.responses.responses import Responses
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.corpus.documents import one_document, read_documents
from neuronwidget.corpus.sources import Item

#: So many documents of an atlas are read together.
_TOGETHER = 64


@dataclass(frozen=True)
class Numbered:
    """Documents by their numbers; `several` brings those of some numbers, in that order, as a cutter makes them."""

    count: int
    several: Callable[[Sequence[int]], Iterator[Any]]

    def one(self, number: int) -> Any:
        """One of them."""
        return next(self.several([number]))


def numbered(data: Any, cutter: Any) -> Numbered | None:
    """Data that can be asked for a document: a list, an array, a frame, responses, an atlas; None for others.

    Of responses and of an atlas the inputs are taken, as these have kept them.
    """
    if isinstance(data, Responses):
        own = data.documents.tolist()
        return Numbered(
            len(data), lambda numbers: (cutter.document(Item(data.input(own[n]), data.names[n])) for n in numbers)
        )
    if isinstance(data, AtlasBase):
        if "document" in data.lacks:
            raise ValueError(f"The inputs of this atlas cannot be run again: {data.lacks['document']}")
        return Numbered(int(data.size[0] or 0), lambda numbers: map(cutter.document, items_of(data, numbers)))
    if isinstance(data, (str, dict)) or not hasattr(data, "__len__") or not hasattr(data, "__getitem__"):
        return None
    return Numbered(len(data), lambda numbers: (one_document(data, n, cutter) for n in numbers))


def items_of(atlas: AtlasBase, numbers: Sequence[int]) -> Iterator[Item]:
    """Documents of an atlas with their names, in the order of these numbers."""
    for first in range(0, len(numbers), _TOGETHER):
        some = list(numbers[first : first + _TOGETHER])
        for name, content in zip(atlas.documents(some)["id"], atlas.contents(some), strict=True):
            yield Item(content, str(name))


def in_drawn_order(data: Any, cutter: Any, seed: int) -> tuple[int | None, Iterator[tuple[int, Any]]]:
    """How many documents there are, and each with its number in an order drawn by `seed`.

    Where none can be asked for by its number they are not counted, and come as they are.
    """
    source = numbered(data, cutter)
    if source is None:
        return None, enumerate(read_documents(data, cutter))
    order = np.random.default_rng(seed).permutation(source.count).tolist()
    return source.count, zip(order, source.several(order), strict=True)
