"""Ray with two workers against a local scan on the same two cores, and 16 times the documents.

`python -m benchmarks.ray_scan`, or with `compare` or `flat` alone. Both scans run in turn; rates are of what comes
after the first chunks, when all workers have their model: starting Ray and loading torch cost seconds once, not time
for each document. On either side each core has a pass of its own.
"""

from __future__ import annotations

import itertools
import logging
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

import neuronwidget as nw
from benchmarks.timing import machine

SKIPPED = 4  # chunks at the start that are not timed


class Clock:
    """When which token was done."""

    def __init__(self) -> None:
        self.seen: list[tuple[float, int, int]] = []

    def __call__(self, done: dict[str, Any]) -> None:
        self.seen.append((time.perf_counter(), done["tokens"], done["documents"]))

    def between(self) -> tuple[float, int, int]:
        """Seconds, tokens and documents after the first chunks."""
        (a, *first), (b, *last) = self.seen[SKIPPED], self.seen[-1]
        return b - a, last[0] - first[0], last[1] - first[1]


def scan(live: nw.LiveModel, texts: list[str], engine: str, workers: int | None = None) -> Clock:
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        nw.scan(live, texts, out=folder, engine=engine, workers=workers, progress=clock)
    return clock


def compare(rounds: int = 3) -> None:
    """Tokens a second: Ray / local."""
    print("| what | Ray / local, median (all) | wanted | local, tokens/s |\n|---|---|---|---|", flush=True)
    sources = (path.read_text(encoding="utf-8") for path in sorted(Path(os.__file__).parent.glob("*.py")))
    parts = (text[i : i + 4000] for text in sources for i in range(0, len(text), 4000))
    texts, live = list(itertools.islice(parts, 80)), nw.demo("code")
    ratios, rates = [], []
    for _ in range(rounds):
        seconds, tokens, _ = scan(live, texts, "local").between()
        rates.append(tokens / seconds)
        seconds, tokens, _ = scan(live, texts, "ray", 2).between()
        ratios.append(tokens / seconds / rates[-1])
        print(f"{ratios[-1]:.2f}", file=sys.stderr, flush=True)
    every = ", ".join(f"{ratio:.2f}" for ratio in ratios)
    print(
        f"| code, 2 workers | **{statistics.median(ratios):.2f}** ({every}) | ≥ 0.8 | {statistics.median(rates):,.0f} |"
    )


def flat() -> None:
    """Seconds a document with Ray, for ever more documents of one length."""
    print("\n| documents | ms a document, Ray, 2 workers | × the first |\n|---|---|---|", flush=True)
    live = nw.demo("code")
    g = torch.Generator().manual_seed(0)
    texts = ["".join(map(chr, torch.randint(32, 127, (256,), generator=g).tolist())) for _ in range(16 * 600)]
    first = 0.0
    for times in (1, 4, 16):
        seconds, _, documents = scan(live, texts[: 600 * times], "ray", 2).between()
        each = 1e3 * seconds / documents
        first = first or each
        print(f"| {600 * times} | {each:.1f} | {each / first:.2f} |", flush=True)


def main() -> None:
    import ray

    print(machine())
    ray.init(num_cpus=2, object_store_memory=400_000_000, log_to_driver=False, logging_level=logging.ERROR)
    for name in sys.argv[1:] or ["compare", "flat"]:
        {"compare": compare, "flat": flat}[name]()
    ray.shutdown()


if __name__ == "__main__":
    main()
