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
    held = [(place, list(place), list(place.values())) for part in root.modules() for place in _places(part)]
    try:
        yield
    finally:
        for place, names, values in held:
            same = len(place) == len(names) and all(map(operator.is_, values, place.values()))
            if not same:
                place.clear()
                place.update(zip(names, values, strict=True))


def _places(part: nn.Module) -> tuple[dict[str, Any], ...]:
    return vars(part), part._modules, part._buffers
