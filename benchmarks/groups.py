"""Groups of units against one product of the same size: `python -m benchmarks.groups`."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import torch

from benchmarks.timing import HEADER, compare, machine
from neuronwidget.analysis.groups.linkage import link
from neuronwidget.analysis.groups.null import draws
from neuronwidget.analysis.groups.stream import Block, Halves

UNITS, INPUTS, EACH = 4096, 10_000, 8


def rows(inputs: int, units: int = UNITS) -> np.ndarray[Any, Any]:
    """A layer half of whose units are in groups of eight."""
    source = np.random.default_rng(0)
    causes = source.standard_normal((inputs, units // 2 // EACH), dtype=np.float32)
    values = source.standard_normal((inputs, units), dtype=np.float32)
    values[:, : units // 2] += 1.5 * np.repeat(causes, EACH, 1)
    return values


def stream(values: np.ndarray[Any, Any], inputs: int = INPUTS) -> Iterator[Block]:
    """Blocks of 2,000 inputs, from the same rows again and again."""
    for start in range(0, inputs, 2000):
        at = start % len(values)
        yield Block(values[at : at + 2000], np.arange(start, start + 2000))


def main() -> None:
    print(machine())
    print(HEADER)
    values = rows(INPUTS)
    whole = torch.from_numpy(values)

    def product() -> None:
        whole.T @ whole

    def accumulate() -> Halves:
        halves = Halves(UNITS, 0)
        halves.take(stream(values))
        return halves

    result = compare(accumulate, product, rounds=7, warmup=1)
    name = f"{UNITS:,} units × {INPUTS:,} inputs"
    print(result.row(f"{name}: summing correlations, both halves / one float32 product XᵀX", "≤ 1.3"), flush=True)

    def everything() -> None:
        halves = accumulate()
        link(halves.correlations(0), 0.5, 2)
        halves.correlations(1)
        sample = halves.halves[0].sample.read(UNITS)
        draws(sample.rows, sample.inputs, 1, 0.5, 2, "linkage", 0)

    result = compare(everything, product, rounds=5, warmup=0)
    print(result.row(f"{name}: with linkage and one draw of each null / the same product", "≤ 4"), flush=True)
    few, many = (alone(inputs) for inputs in (INPUTS, 10 * INPUTS))
    print(f"\n| memory at the most, MB | {INPUTS:,} inputs | {10 * INPUTS:,} inputs |\n|---|---|---|")
    print(f"| {UNITS:,} units | {few:,.0f} | {many:,.0f} |")


def alone(inputs: int) -> float:
    """`memory` in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(memory, inputs).result()


def memory(inputs: int) -> float:
    """The most that this process has held once so many inputs went by, in MB."""
    halves = Halves(UNITS, 0)
    halves.take(stream(rows(4000), inputs))
    halves.correlations(0)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
