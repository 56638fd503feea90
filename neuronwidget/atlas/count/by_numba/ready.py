"""Has the compiled loops compiled, or fetched from where they are kept, before a scan needs them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache

import torch

from neuronwidget.atlas.count.summary import Summary
from neuronwidget.corpus.contexts import AFTER, BEFORE
from neuronwidget.passes.batch import Batch
from neuronwidget.passes.threads import Threads

PATIENCE = 2.0
"""Seconds after which a person is told what is going on; from the cache they come sooner."""
_WORDS = "Compiling the loops that count, once after an installation: some ten seconds."


@cache
def loading() -> Loading:
    """The loops on their way, from the first call on."""
    return Loading()


class Loading:
    """A thread that has every loop run once."""

    def __init__(self) -> None:
        self._worker = threading.Thread(target=_run_all, name="neuronwidget-compile", daemon=True)
        self._worker.start()

    def wait(self, tell: Callable[[str], object]) -> None:
        """Until all have. `tell` is called with a sentence where it takes long, and with none when it is done."""
        self._worker.join(PATIENCE)
        if self._worker.is_alive():
            tell(_WORDS)
            self._worker.join()
            tell("")


def _run_all() -> None:
    """Every loop once, on a few numbers."""
    summary = Summary(2, BEFORE + 1 + AFTER)
    for number in range(2):
        windows = torch.arange(2, dtype=torch.int32) + 2 * number
        hashes = torch.arange(6).view(2, 3) + 6 * number
        batch = Batch(windows, windows, [3, 3], 0, hashes, {0: number}, frozenset())
        chunk = summary.start(number)
        chunk.add(hashes[..., None].float() * torch.tensor([1.0, -1.0]), batch, Threads(0, compiled=True))
        summary.add(chunk)
