"""Inputs that an edit is not meant for, on which any change is damage: given, or what is known of the model's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from neuronwidget.analysis.cause.measure import Floats
from neuronwidget.analysis.cause.passes import Divergences
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.model import LiveModel

#: So many are taken where nobody said which.
MOST = 8
#: Of a document that is cut into windows so many characters are read: enough to be damaged.
_CHARACTERS = 400
NONE = "There are no unrelated inputs: give unrelated=[…], an atlas, or set live.references to a list of inputs."


@dataclass(frozen=True)
class Unrelated:
    """Inputs, and what they are in words: "8 documents of the atlas"."""

    inputs: list[Any]
    words: str


def unrelated_to(
    live: LiveModel, x: Sequence[Any], given: Sequence[Any] | None = None, atlas: AtlasBase | None = None
) -> Unrelated:
    """What is given; else some of the atlas, of `live.references`, or of the examples of the model's inputs.

    Those that are looked at are left out. None at all where nothing is known.

    >>> import neuronwidget as nw
    >>> unrelated_to(nw.demo("cancer"), [0]).words
    '8 inputs of live.references'
    """
    if given is not None:
        return _said(list(given), "that were given")
    usual = live.references
    own = [live.given(one) for one in x]
    for source, words in (
        (_of_atlas(live, atlas), "of the atlas"),
        (_of_atlas(live, usual), "of the atlas"),
        (_listed(usual), "of live.references"),
        (live.inputs.examples(), "that the model's inputs bring along"),
    ):
        others = [one for one in _spread(source) if not any(_equal(live.given(one), seen) for seen in own)][:MOST]
        if others:
            return _said(others, words)
    return Unrelated([], "")


def collateral(live: LiveModel, edited: LiveModel, inputs: Sequence[Any]) -> Floats:
    """KL of edits on each of some inputs [inputs]; none where there are none."""
    if not inputs:
        return np.zeros(0)
    measured = Divergences(live, [edited], inputs)
    while measured.done < measured.total:
        measured.step()
    first: Floats = measured.values[0]
    return first


def _said(inputs: list[Any], words: str) -> Unrelated:
    return Unrelated(inputs, f"{len(inputs):,} input{'s' * (len(inputs) != 1)} {words}")


def _of_atlas(live: LiveModel, atlas: Any) -> list[Any]:
    """Documents of an atlas of this kind of input, evenly spread; none where it keeps none."""
    if not isinstance(atlas, AtlasBase) or atlas.input != live.kind or "document" in atlas.lacks:
        return []
    documents, _ = atlas.size
    contents = atlas.contents(_spread(range(documents or 0)))
    return contents if atlas.kind.whole else [text[:_CHARACTERS] for text in contents if text]


def _listed(references: Any) -> list[Any]:
    """References as a list of inputs, where they are one."""
    listed = references() if callable(references) else references
    return [] if listed is None or not hasattr(listed, "__iter__") else list(listed)


def _spread(several: Sequence[Any]) -> list[Any]:
    """Some of them, evenly spread: one more than are wanted, in case that is left out."""
    return list(several[:: max(1, len(several) // (MOST + 1))])[: MOST + 1]


def _equal(one: Any, other: Any) -> bool:
    """Is the model given the same?"""
    if isinstance(one, Tensor):
        return isinstance(other, Tensor) and one.shape == other.shape and bool((one == other).all())
    if isinstance(one, Mapping):
        return isinstance(other, Mapping) and one.keys() == other.keys() and all(_equal(one[n], other[n]) for n in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)
