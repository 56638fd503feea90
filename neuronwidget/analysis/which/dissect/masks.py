"""Concepts of pictures as masks of one size: where each picture has them, and which pictures somebody looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuronwidget.analysis.predicates.given import predicate_of
from neuronwidget.analysis.predicates.predicate import Example, PredicateError

#: Masks have at most so many pixels along a side.
LARGEST = 112


@dataclass(frozen=True)
class Masks:
    """Masks of all pictures, a bit a pixel.

    Attributes
    ----------
    names, categories
        Of each concept.
    size
        Height and width.
    looked
        Which pictures are annotated for the category of each concept [pictures, concepts].
    """

    names: list[str]
    categories: list[str]
    size: tuple[int, int]
    looked: NDArray[np.bool_]
    _bits: NDArray[np.uint8]

    def of(self, picture: int) -> NDArray[np.float32]:
        """Where a picture has each concept: 1 or 0, [pixels, concepts]; 0 throughout where nobody looked."""
        height, width = self.size
        masks = np.unpackbits(self._bits[picture], axis=1, count=height * width)
        return masks.T.astype(np.float32)

    @property
    def share(self) -> NDArray[np.float64]:
        """Which share of all pixels that somebody looked at has each concept."""
        pixels = self.looked.sum(0) * float(np.prod(self.size))
        counts = sum((self.of(picture).sum(0) for picture in range(len(self.looked))), np.zeros(len(self.names)))
        share: NDArray[np.float64] = np.divide(counts, pixels, out=np.zeros(len(self.names)), where=pixels > 0)
        return share


def read_masks(
    given: Mapping[str, Any], categories: Mapping[str, str] | None, count: int, content: Callable[[int], Any]
) -> Masks:
    """Masks of `count` pictures from anything that `predicate_of` takes; `content` brings a picture, for functions.

    A picture is annotated for a category where somebody looked for one of its concepts; without categories each concept
    is one of its own.
    """
    if not given:
        raise ValueError('No concept is given: masks={"disc": bool [pictures, height, width]}.')
    predicates = [predicate_of(masks, name) for name, masks in given.items()]
    for name, masks in given.items():
        if hasattr(masks, "__len__") and not isinstance(masks, str) and len(masks) != count:
            raise PredicateError(f"{name} has {len(masks):,} masks for {count:,} pictures: give one for each.")
    named = dict(categories or {})
    unknown = sorted(set(named) - set(given))
    if unknown:
        raise ValueError(f"categories= names {unknown[0]!r}, which is no concept of masks=: {', '.join(given)}.")
    of = [named.get(name, name) for name in given]
    size: tuple[int, int] | None = None
    looked = np.zeros((count, len(of)), bool)
    bits: list[list[NDArray[np.uint8]]] = []
    for picture in range(count):
        example = Example(content(picture), picture)
        masks = [_mask(predicate.found(example), predicate.name) for predicate in predicates]
        size = size or next(((len(m), len(m[0])) for m in masks if m is not None), None)
        looked[picture] = [mask is not None for mask in masks]
        bits.append([] if size is None else [_bits(mask, _within(size)) for mask in masks])
    if size is None:
        raise ValueError("Nobody looked at any picture: all masks are None.")
    packed = np.zeros((count, len(of), -(-int(np.prod(_within(size))) // 8)), np.uint8)
    for picture, rows in enumerate(bits):
        if rows:
            packed[picture] = rows
    for category in set(of):
        own = np.array([one == category for one in of])
        looked[:, own] = looked[:, own].any(1, keepdims=True)
    return Masks(list(given), of, _within(size), looked, packed)


def _mask(flags: Any, name: str) -> NDArray[np.bool_] | None:
    if flags is None:
        return None
    mask = np.asarray(flags)
    if mask.ndim != 2:
        raise PredicateError(
            f"{name} says whether a picture has it, and not where: Network Dissection needs masks, [height, width]."
        )
    return mask.astype(np.bool_)


def _within(size: tuple[int, int]) -> tuple[int, int]:
    share = min(1.0, LARGEST / max(size))
    return max(1, round(size[0] * share)), max(1, round(size[1] * share))


def _bits(mask: NDArray[np.bool_] | None, size: tuple[int, int]) -> NDArray[np.uint8]:
    """A mask in that size, by its nearest pixels, packed."""
    if mask is None:
        return np.zeros(-(-size[0] * size[1] // 8), np.uint8)
    down, across = (
        ((np.arange(side) + 0.5) * length / side).astype(int) for side, length in zip(size, mask.shape, strict=True)
    )
    return np.packbits(mask[down][:, across].ravel())
