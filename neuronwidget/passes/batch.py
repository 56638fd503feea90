"""Windows of documents that run through the model together."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from neuronwidget.passes.row_blocks import RowBlock, cut


@dataclass(frozen=True)
class Batch:
    """Windows that run through the model together.

    `ordinals`, `documents` int32 [windows]: numbers in the whole data; `lengths`: positions of each window; the first
    `skip` of them are there for what follows only, and were counted in the window before; `context_hashes` int64
    [windows, positions]: a hash of what is read around each; `sample_keys`: of the windows that stand for their
    documents in a sample; `shared`: documents with more than one window, None where that is not known.
    """

    ordinals: Tensor
    documents: Tensor
    lengths: list[int]
    skip: int
    context_hashes: Tensor
    sample_keys: dict[int, int] = field(default_factory=dict)
    shared: frozenset[int] | None = None
    _row_blocks: dict[int, list[RowBlock]] = field(default_factory=dict, repr=False, compare=False)

    def row_blocks(self, rows: int) -> list[RowBlock]:
        """All positions that count, in blocks of so many rows."""
        if rows not in self._row_blocks:
            self._row_blocks[rows] = cut(self.lengths, self.skip, rows)
        return self._row_blocks[rows]

    def after(self, window: int) -> Batch:
        """The same of the windows from this one on."""
        keys = {place - window: key for place, key in self.sample_keys.items() if place >= window}
        ordinals, documents = self.ordinals[window:], self.documents[window:]
        hashes = self.context_hashes[window:]
        return Batch(ordinals, documents, self.lengths[window:], self.skip, hashes, keys, self.shared)

    def of_whole_inputs(self, context_hashes: Tensor) -> Batch:
        """The batch for a site that has one row a window; `context_hashes` [windows, 1]: of what is read of each."""
        ones = [1] * len(self.lengths)
        return Batch(self.ordinals, self.documents, ones, 0, context_hashes, self.sample_keys, self.shared)
