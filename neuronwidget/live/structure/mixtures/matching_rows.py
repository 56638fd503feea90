"""Finds the rows of one matrix in another, to the last bit."""

from __future__ import annotations

import torch
from torch import Tensor

from neuronwidget.live.tensors import BITS


def rows_within(rows: Tensor, wanted: Tensor) -> Tensor | None:
    """Where each of `wanted` [m, width] stands in `rows` [n, width]: [m]; -1 for a row of zeros that is not there.

    Of equal rows the first is the first. None where one is not there, or where it cannot be told which of several
    equal ones is meant.
    """
    if rows.dtype != wanted.dtype:
        return None
    codes, asked = _codes(rows), _codes(wanted)
    order, places = codes.argsort(stable=True), asked.argsort(stable=True)
    codes, asked = codes[order], asked[places]
    first, last = torch.searchsorted(codes, asked), torch.searchsorted(codes, asked, right=True)
    alike = torch.searchsorted(asked, asked, right=True) - torch.searchsorted(asked, asked)
    rank = torch.arange(len(asked), device=rows.device) - torch.searchsorted(asked, asked)
    empty = ~wanted[places].bool().any(1)
    if bool(((alike != last - first) & ~empty).any()):
        return None
    at = torch.where((first + rank < last) & ~(empty & (alike != last - first)), first + rank, -1)
    at = torch.where(at >= 0, order[at.clamp_min(0)] if len(order) else at, -1)
    sent = at >= 0
    if not torch.equal(_bits(rows)[at[sent]], _bits(wanted)[places][sent]):
        return None
    found = torch.empty_like(at)
    found[places] = at
    return found


def _bits(rows: Tensor) -> Tensor:
    return (rows.detach() + 0.0).contiguous().view(BITS[rows.element_size()]).long()  # + 0.0: there is one zero


def _codes(rows: Tensor) -> Tensor:
    """A number for each row, the same for the same bits and hardly ever for others."""
    source = torch.Generator().manual_seed(0)
    keys = torch.randint(-(2**62), 2**62, (rows.shape[1],), generator=source)
    return (_bits(rows) * keys.to(rows.device)).sum(1)
