"""Base of what runs chunks of documents through a live model and hands what the sites do to a sink."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from neuronwidget.corpus.documents import Chunk, Window
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.sink import MakeSink, S, Sink
from neuronwidget.passes.threads import Threads

TOLERANCE = 1e-4


class Runner(ABC):
    """Runs chunks of documents through a model, several windows in a pass where they do not disturb each other.

    Attributes
    ----------
    tokens
        How many tokens, or inputs that run whole, share a pass; fewer after a lack of memory.
    bounds
        "tanh" or "sigmoid" for sites whose values come straight out of one.
    together, padded
        May windows of one length share a pass, and windows of different lengths? Tried out on short inputs.
    looks_back
        Nothing that follows a token changes what the sites say of it; that is tried out, too.
    """

    live: Any
    sites: list[Site]
    threads: Threads
    tokens: int
    bounds: dict[Site, str]
    together: bool
    padded: bool = False
    looks_back: bool = False

    @abstractmethod
    def __init__(self, live: Any, sites: Sequence[Site], threads: Threads, tokens: int = 0) -> None: ...

    @abstractmethod
    def batches(self, windows: Sequence[Window]) -> Iterator[list[Window]]:
        """Windows that run together."""

    @abstractmethod
    def sample(self) -> dict[Site, Tensor]:
        """What the sites do on a short input: [1, positions, units] each."""

    @abstractmethod
    def _run_together(self, windows: list[Window], sink: Sink, shared: frozenset[int]) -> None:
        """One pass over a batch. `shared`: documents with more than one window in the chunk."""

    def run(self, chunk: Chunk, make: MakeSink[S], stop: Callable[[], bool] | None = None) -> S:
        """Run a chunk into a sink of its own. On lack of memory it starts anew with half as many tokens at once.

        Raises KeyboardInterrupt where `stop`, which is asked before every pass, says so.
        """
        windows_of = Counter(window.document for window in chunk.windows)
        shared = frozenset(document for document, n in windows_of.items() if n > 1)
        while True:
            sink = make(chunk)
            try:
                for windows in self.batches(chunk.windows):
                    if stop is not None and stop():
                        raise KeyboardInterrupt
                    self._run_together(windows, sink, shared)
                return sink
            except (RuntimeError, MemoryError) as error:
                smallest = max((max(1, len(window.ids)) for window in chunk.windows), default=1)
                if not out_of_memory(error) or self.tokens <= smallest:
                    raise
            self.tokens = max(smallest, self.tokens // 2)
            if torch.cuda.is_available():
                torch.cuda.empty_cache()


def sample_keys_of(windows: Sequence[Window]) -> dict[int, int]:
    """Keys of the windows that stand for their documents in a sample, by place in a batch."""
    return {place: window.sample_key for place, window in enumerate(windows) if window.sample_key is not None}


def out_of_memory(error: BaseException) -> bool:
    """Is this what torch (or Python) raises for want of memory?"""
    return isinstance(error, (MemoryError, torch.cuda.OutOfMemoryError)) or "can't allocate memory" in str(error)
