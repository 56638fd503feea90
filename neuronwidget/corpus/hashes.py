"""Hashes of integers: everything random in a scan follows from them, so it is the same in every run."""

from __future__ import annotations

import torch
from torch import Tensor


def hashed(number: Tensor) -> Tensor:
    """A hash of integers (splitmix64): int64."""
    x = number.long() * -7046029254386353131 + 7046029254386353131
    x = (x ^ (x >> 30 & 0x3FFFFFFFF)) * -4658895280553007687
    x = (x ^ (x >> 27 & 0x1FFFFFFFFF)) * -7723592293110705685
    return x ^ (x >> 31 & 0x1FFFFFFFF)


def sample_keys(documents: Tensor) -> Tensor:
    """Keys of documents by number: int64, no two alike. Documents of lowest key make the sample of a scan."""
    return hashed(documents.long() + (1 << 40))


def sampled_window(document: int, windows: int) -> int:
    """Which of a document's windows stands for it in the sample; −1 where there is none."""
    return int(hashed(torch.tensor(document + (1 << 41)))) % windows if windows else -1


def random_bits(document: Tensor) -> Tensor:
    """27 random bits of each document; where few of many are kept, those with the lowest."""
    return hashed(document) >> 37 & 0x7FFFFFF
