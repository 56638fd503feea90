"""Protocol of what takes in the values of a pass, site by site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from torch import Tensor

from neuronwidget.corpus.documents import Chunk
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads


class Sink(Protocol):
    """Takes in what the sites did on one chunk of the data, while the model runs.

    A runner makes one for each chunk; where memory runs out it is thrown away, and the chunk begins anew with another.
    So what a sink holds is of one chunk, whole, or of nothing.
    """

    def add(self, site: Site, values: Tensor, batch: Batch, threads: Threads) -> None:
        """Take in what a site did on a batch.

        `values` float [windows, positions, units], in the memory of the CPU, or for a sink with a true `on_device`
        where the model is; rows beyond a window's length are padding. They may be the model's own memory: what is to
        stay must be copied. `threads` are helpers for the work.
        """


S = TypeVar("S", bound=Sink)
MakeSink = Callable[[Chunk], S]


def where(sink: Sink, values: Tensor) -> Tensor:
    """Values where a sink wants them."""
    return values if getattr(sink, "on_device", False) else values.to("cpu")
