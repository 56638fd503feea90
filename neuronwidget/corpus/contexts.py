"""Hashes of what a person reads of an exemplar: exemplars with equal hashes read the same, and are shown once.

Of a text it is the tokens that are shown, from 16 before the peak to 8 behind it, as far as the window goes; where the
model looks back only, those up to the peak, since nothing behind it had a part in the value. A site with one value for
a whole window is about all of it. Of a picture or row it is the content.
"""

from __future__ import annotations

import hashlib
from functools import cache

import torch
from torch import Tensor

from neuronwidget.corpus.hashes import hashed

BEFORE, AFTER = 16, 8
"""So many tokens are kept before and behind a peak."""
NOTHING = -1
"""Stands for what is beyond the ends of a window."""


@cache
def text_hash(text: str) -> int:
    """A token's text as a number: tokens that read the same have the same."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") >> 1


def tokens_behind(looks_back: bool) -> int:
    """How many tokens behind a peak are read."""
    return 0 if looks_back else AFTER


def context_hashes(tokens: Tensor, after: int) -> Tensor:
    """What is read around each token: hashes of tokens int64 [..., tokens] → the same shape."""
    length, width = tokens.shape[-1], BEFORE + 1 + after
    padded = hashed(torch.nn.functional.pad(tokens, (BEFORE, after), value=NOTHING))
    weights = (hashed(torch.arange(width)) | 1).tolist()
    total = torch.zeros_like(tokens)
    for place, weight in enumerate(weights):
        total += padded[..., place : place + length] * weight
    return hashed(total)


def hashes_around(tokens: Tensor) -> Tensor:
    """The same of single tokens: hashes of those around each, int64 [n, tokens around] → [n]."""
    weights = hashed(torch.arange(tokens.shape[1])) | 1
    return hashed((hashed(tokens) * weights).sum(1))


def window_hashes(tokens: Tensor) -> Tensor:
    """What is read of whole windows: hashes of tokens int64 [windows, tokens] → [windows, 1]."""
    weights = hashed(torch.arange(tokens.shape[1])) | 1
    return hashed((torch.where(tokens == NOTHING, 0, hashed(tokens)) * weights).sum(1, keepdim=True))
