"""Rows of numbers as float16, each row with a power of two of its own: large ones stay, and small ones, too."""

from __future__ import annotations

import torch
from torch import Tensor

from neuronwidget.atlas.count.histogram import scaled

_TOP = 15  # the largest magnitude of a row comes to lie between 2^14 and 2^15
_LEAST = -126


def narrow(rows: Tensor) -> tuple[Tensor, Tensor]:
    """float32 [..., n] as float16 [..., n] and int8 powers [...], which `wide` takes back.

    What float16 holds with all its digits keeps them; what is less than 2^-40 of the largest magnitude of its row
    becomes 0. NaN becomes 0, and an infinity the largest finite magnitude of its row with the infinity's sign.
    """
    largest = torch.maximum(rows.amax(-1), -rows.amin(-1))
    if not bool(torch.isfinite(largest).all()):
        largest = torch.where(torch.isfinite(rows), rows.abs(), 0.0).amax(-1)
        # Rows that are finite stay as they are, with the signs of their zeros.
        rows = torch.where(torch.isinf(rows), torch.copysign(largest[..., None], rows), rows.nan_to_num(0.0))
    power = (torch.frexp(largest).exponent - _TOP).clamp_min(_LEAST)
    scale = scaled(torch.ones_like(largest), -power).float()
    return (rows * scale[..., None]).half(), power.to(torch.int8)


def wide(rows: Tensor, power: Tensor) -> Tensor:
    """What `narrow` made, as float32 [..., n]."""
    return rows.float() * scaled(torch.ones(power.shape), power).float()[..., None]
