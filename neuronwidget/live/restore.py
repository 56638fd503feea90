"""Puts back what a pass changed about the parts of a model: attributes, parts and buffers that were swapped.

Some models change how they work by the input: BigBird attends to everything for good once it has seen a short text.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import nn


@contextmanager
def as_it_was(root: nn.Module) -> Iterator[None]:
    """After the pass inside, every part has the attributes, parts, parameters and buffers that it had before.

    What was written into a tensor, a list or a dict stays written.
    """
    held = [(place, place.copy()) for part in root.modules() for place in _places(part)]
    try:
        yield
    finally:
        for place, before in held:
            if len(place) != len(before) or not all(map(operator.is_, before.values(), place.values())):
                place.clear()
                place.update(before)


def _places(part: nn.Module) -> tuple[dict[str, Any], ...]:
    own = vars(part)
    return own, own["_modules"], own["_buffers"]
