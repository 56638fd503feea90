"""Windows of documents that run through the model together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor

from neuronwidget.passes.row_blocks import RowBlock, cut


class Near(Protocol):
    """What is kept with an exemplar, and which positions of a window are drawn for the sample."""

    def __call__(self, values: Tensor, windows: Tensor, units: Tensor) -> Tensor:
        """Of values [windows, positions, units], for flat windows and units [n]: [n, near]."""

    def places(self, ordinal: int) -> Tensor:
        """Ten positions of the window of this number."""


@dataclass(frozen=True)
class Batch:
    """Windows that run through the model together.

    `ordinals`, `documents` int32 [windows]: numbers in the whole data; `lengths`: tokens of each window; the first
    `skip` tokens are there for what follows them only, and were counted in the window before; `twins` int64
    [windows, tokens]: a hash of what is read around each token; `lots`: of the windows drawn for the
    sample; `shared`: documents with more than one window, None where that is not known; `near`: what is kept
    around a peak, where that is not the tokens before and after it.
    """

    ordinals: Tensor
    documents: Tensor
    lengths: list[int]
    skip: int
    twins: Tensor
    lots: dict[int, int] = field(default_factory=dict)
    shared: frozenset[int] | None = None
    near: Near | None = None
    _pieces: dict[int, list[RowBlock]] = field(default_factory=dict, repr=False, compare=False)

    def pieces(self, rows: int) -> list[RowBlock]:
        """All tokens that count, in pieces of so many rows."""
        if rows not in self._pieces:
            self._pieces[rows] = cut(self.lengths, self.skip, rows)
        return self._pieces[rows]

    def of_whole_inputs(self, twins: Tensor) -> Batch:
        """The same for a site that has one row a window; `twins` [windows, 1]: a hash of what is read of each."""
        return Batch(self.ordinals, self.documents, [1] * len(self.lengths), 0, twins, self.lots, self.shared)
