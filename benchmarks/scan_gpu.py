"""A scan on a graphics card beside the bare pass, by the clock: `python -m benchmarks.scan_gpu [2|12 [documents]]`.

The values are counted where the model is, so only exemplars and sums leave the card. With `cpu` as a third word the
script runs without one, which says that it works.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import torch

import neuronwidget as nw
from benchmarks.models import gpt2_shape, token_ids
from benchmarks.scan import LENGTH, together
from benchmarks.timing import machine
from neuronwidget.passes.listen import listen

BATCHES = (32, 64, 128, 256)


def main() -> None:
    layers, documents, device = (sys.argv[1:] + ["12", "4096", "cuda"][len(sys.argv) - 1 :])[:3]
    live: Any = gpt2_shape(int(layers), device)
    sites = live.sites.defaults
    units = sum(site.width for site in sites)
    ids = [token_ids(LENGTH, seed) for seed in range(int(documents))]

    def bare(size: int) -> None:
        for batch in together(ids, size):
            listen(live, batch.to(device), sites, lambda site, tensor: None)

    def scan() -> None:
        with tempfile.TemporaryDirectory() as folder:
            texts = [" ".join(map(str, row)) for row in ids]
            nw.scan(live, texts, out=f"{folder}/atlas", progress=False)

    print(machine())
    bare(BATCHES[0])
    passes = min(seconds(lambda size=size: bare(size)) for size in BATCHES)  # type: ignore[misc]
    whole = seconds(scan)
    values = units * LENGTH * len(ids)
    card = f", {torch.cuda.max_memory_allocated() / 1e6:,.0f} MB of the card at most" if device == "cuda" else ""
    print(
        f"{live.name} on {device}, {len(ids):,} documents: bare {passes:.1f} s, scan {whole:.1f} s, bare ÷ scan "
        f"{passes / whole:.2f}, {1e9 * (whole - passes) / values:.2f} ns a value added, "
        f"{LENGTH * len(ids) / whole:,.0f} tokens/s{card}"
    )


def seconds(call: Callable[[], object]) -> float:
    """By the clock, until the card is idle."""
    began = time.perf_counter()
    call()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
