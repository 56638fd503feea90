"""Ratios that hold on a noisy machine: both things in turn, many rounds, the median of the pairs."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Ratio:
    """How long `a` took compared with `b`."""

    ratio: float
    low: float
    high: float
    a_ms: float
    b_ms: float

    def row(self, name: str, bound: str) -> str:
        spread = f"**{self.ratio:.2f}** ({self.low:.2f}–{self.high:.2f})"
        return f"| {name} | {spread} | {bound} | {self.a_ms:.1f} | {self.b_ms:.1f} |"


#: Of a table whose rows stand by themselves, and of one of ratios.
HEAD = "| what | measured | wanted | |\n|---|---|---|---|"
HEADER = "| what | ratio, median (quartiles) | wanted | ms | reference ms |\n|---|---|---|---|---|"


def compare(
    a: Callable[[], object],
    b: Callable[[], object],
    rounds: int = 15,
    warmup: int = 2,
    timer: Callable[[Callable[[], object]], float] | None = None,
) -> Ratio:
    """Time `a` and `b` in turn and compare them pair by pair; `timer`: seconds of one call, `clock` by default."""
    clock_of = timer or clock
    for _ in range(warmup):
        a()
        b()
    pairs = [(clock_of(a), clock_of(b)) for _ in range(rounds)]
    ratios = [x / y for x, y in pairs]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return Ratio(middle, low, high, *(1e3 * statistics.median(pair[i] for pair in pairs) for i in (0, 1)))


def clock(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def processor(call: Callable[[], object]) -> float:
    """Processor seconds of one call, in all threads of this process: what else runs on the machine does not count."""
    began = time.process_time()
    call()
    return time.process_time() - began


def machine() -> str:
    """One line about where this was measured."""
    import os
    import platform

    import torch

    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, torch {torch.__version__}, "
        f"{torch.get_num_threads()} threads; `{' '.join(['python', *sys.argv])}`"
    )
