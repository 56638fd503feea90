"""What a person reads of an exemplar, as a number: exemplars with the same one read the same, and are shown once.

Of a text it is the tokens that are shown, from 16 before the peak to 8 behind it, as far as the window goes; where the
model looks back only, those up to the peak, since nothing behind it had a part in the value. A site with one value for
a whole window is about all of it. Of a picture or row it is the content.
"""

from __future__ import annotations

import hashlib
from functools import cache

import torch
from torch import Tensor

from neuronwidget.atlas.count.candidates import mixed
from neuronwidget.atlas.count.peaks import AFTER, BEFORE

NOTHING = -1
"""Stands for what is beyond the ends of a window."""


@cache
def mark(piece: str) -> int:
    """A token as it is read, as a number: tokens that read the same have the same."""
    return (
        int.from_bytes(hashlib.blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") >> 1
    )


def behind(looks_back: bool) -> int:
    """How many tokens behind a peak are read."""
    return 0 if looks_back else AFTER


def around(marks: Tensor, after: int) -> Tensor:
    """What is read around each token: int64 [..., tokens] → the same shape."""
    tokens, width = marks.shape[-1], BEFORE + 1 + after
    padded = mixed(torch.nn.functional.pad(marks, (BEFORE, after), value=NOTHING))
    weights = (mixed(torch.arange(width)) | 1).tolist()
    total = torch.zeros_like(marks)
    for place, weight in enumerate(weights):
        total += padded[..., place : place + tokens] * weight
    return mixed(total)


def whole(marks: Tensor) -> Tensor:
    """What is read of whole windows: int64 [windows, tokens] → [windows, 1]."""
    weights = mixed(torch.arange(marks.shape[1])) | 1
    return mixed((torch.where(marks == NOTHING, 0, mixed(marks)) * weights).sum(1, keepdim=True))
