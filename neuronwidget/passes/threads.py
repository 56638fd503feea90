"""Helper threads that each run torch on one core.

torch spreads one operation over all cores; counting into bins is the exception and uses one. So a scan cuts a layer
into blocks of units and lets helpers take one block each, with one torch thread a helper.
"""

from __future__ import annotations

import importlib.util
import math
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch
from torch import Tensor

T = TypeVar("T")
R = TypeVar("R")


class Threads:
    """`threads.map(work, items)` like the built-in `map`, on `size` threads.

    Where torch spreads operations over several threads, even one item goes to a helper, which does not: so sums of
    floating-point numbers come out the same whatever the number of threads. `compiled`: values are counted by
    compiled loops and not by torch; by default where there is numba. `on_device`: by the operations that a graphics
    card likes, also where values are in the memory of the CPU. `place`: where values are brought before they are
    counted; None leaves them with the model. A `size` of 0 is the caller alone.
    """

    def __init__(
        self,
        size: int | None = None,
        *,
        compiled: bool | None = None,
        on_device: bool = False,
        place: torch.device | None = None,
    ) -> None:
        self.size, self.place = torch.get_num_threads() if size is None else size, place
        self.compiled = (can_compile() if compiled is None else compiled) and not on_device
        self.on_device = on_device
        self._pool = (
            ThreadPoolExecutor(self.size, "neuronwidget-scan", initializer=one_thread)
            if self.size and max(self.size, torch.get_num_threads()) > 1
            else None
        )

    def map(self, work: Callable[[T], R], items: Iterable[T]) -> list[R]:
        items = list(items)
        if self._pool is None:
            return [work(item) for item in items]
        return list(self._pool.map(work, items))

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()


def can_compile() -> bool:
    """Is numba here, which compiles the counting?"""
    return importlib.util.find_spec("numba") is not None


_own = threading.local()


def scratch(name: str, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    """Memory of this thread under a name, with anything in it. Fresh memory would cost a page fault every 4 kB."""
    size = math.prod(shape)
    buffers: dict[str, Tensor] = _own.__dict__.setdefault("kept", {})
    buffer = buffers.get(name)
    if buffer is None or len(buffer) < size:
        buffer = buffers[name] = torch.empty(size, dtype=dtype)
    return buffer[:size].view(shape)


def one_thread() -> None:
    """How a thread begins that has a core for itself."""
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
