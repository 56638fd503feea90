"""Scanning against the bare forward pass of the same batches, and its memory: `python -m benchmarks.scan`.

The bare pass goes as deep as the deepest scanned site and leaves out the output head, as the scan does; it has all of
torch's threads, while a scan runs its passes side by side. A few chunks at a time both are timed in turn: by the clock,
which on a machine with other work says little, and as processor time of the whole process, of which what the scan adds
for each value is told too. A scan begins by filling its tables of exemplars, which every window enters, so the first
chunks stand apart.

`python -m benchmarks.scan code` and `gpt2` measure one model, `memory` the memory alone. `one`: with one thread, which
makes processor time a measure of work; threads of torch that wait for each other count as busy.
"""

from __future__ import annotations

import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

import neuronwidget as nw
from benchmarks.models import gpt2_small_shape, token_ids
from benchmarks.timing import machine
from neuronwidget.atlas.count.summary import Summary
from neuronwidget.atlas.scan.chunk_sink import ChunkSink
from neuronwidget.corpus.contexts import AFTER, BEFORE
from neuronwidget.corpus.documents import Chunk, chunks, read_documents
from neuronwidget.corpus.kinds.text import TextCutter
from neuronwidget.passes.listen import listen
from neuronwidget.passes.parallel import ParallelRunners
from neuronwidget.passes.threads import Threads
from neuronwidget.passes.token_runner import TokenRunner

FEWEST = 500  # documents after which the tables of exemplars are about full


def main() -> None:
    if sys.argv[1:2] == ["peaks"]:
        print(*peaks(sys.argv[2], int(sys.argv[3])))
        return
    if "one" in sys.argv:
        torch.set_num_threads(1)
    print(machine())
    wanted = [name for name in sys.argv[1:] if name != "one"] or ["code", "gpt2", "memory"]
    if {"code", "gpt2"} & set(wanted):
        print("| what | seen | bare ÷ scan, processor time | by the clock | added, ns a value | wanted |")
        print("|---|---|---|---|---|---|")
    if "code" in wanted:
        throughput(nw.demo("code"), python_sources(8_000_000), 256, "≥ 0.70", 16, 3)
    if "gpt2" in wanted:
        texts = [" ".join(map(str, token_ids(128, seed))) for seed in range(2048)]
        throughput(gpt2_small_shape(), texts, 128, "≥ 0.85", 8, 4)
    if "memory" in wanted:
        memory()


@dataclass
class Turn:
    """A few chunks, bare and scanned: seconds of the processor and of the clock."""

    windows: int
    values: int
    bare: tuple[float, float]
    scan: tuple[float, float]


def throughput(live: nw.LiveModel, texts: list[str], window: int, bound: str, size: int, most: int) -> None:
    """Time scan and bare pass of all neurons in turn, `size` chunks each time; the first time stands apart."""
    sites = [site for site in live.sites.defaults if site.kind == "mlp"]
    threads = Threads()
    runner = TokenRunner(live, sites, threads)
    runners = ParallelRunners(runner)
    summaries = {site: Summary(site.width, BEFORE + 1 + AFTER) for site in sites}
    neurons = sum(site.width for site in sites)
    todo, turns = chunks_of(live, texts, window), list[Turn]()
    end = time.monotonic() + 500

    def sink(chunk: Chunk) -> ChunkSink:
        return ChunkSink(chunk, summaries, runner.bounds)

    while len(some := list(itertools.islice(todo, size))) == size and len(turns) < most:
        batches = [[window.ids for window in batch] for chunk in some for batch in runner.batches(chunk.windows)]

        def bare(batches: list[list[list[int]]] = batches) -> None:
            for batch in batches:
                longest = max(map(len, batch))
                ids = torch.tensor([row + row[:1] * (longest - len(row)) for row in batch])
                listen(live, ids, sites, lambda site, tensor: None)

        def scan(some: list[Chunk] = some) -> None:
            for _, counted in runners.run(some, sink, lambda: False):
                runners.helpers.map(lambda site: summaries[site].add(counted.by_site[site]), sites)  # noqa: B023

        if not turns:
            bare()  # warm up
        of_bare = timed(bare)
        with runners:
            of_scan = timed(scan)
        values = sum(len(window.ids) for chunk in some for window in chunk.windows) * neurons
        turns.append(Turn(some[-1].first_window + len(some[-1].windows), values, of_bare, of_scan))
        if time.monotonic() > end:
            break
    threads.close()
    for part in (turns[:1], turns[1:], turns):
        if part:
            sums = [sum(t.bare[i] for t in part) / sum(t.scan[i] for t in part) for i in (0, 1)]
            middles = [statistics.median(t.bare[i] / t.scan[i] for t in part) for i in (0, 1)]
            row = [f"**{m:.2f}** median of {len(part)}, {s:.2f} in all" for m, s in zip(middles, sums, strict=True)]
            seen = f"windows up to {part[0].windows:,} … {part[-1].windows:,} of {window}"
            added = statistics.median(1e9 * (t.scan[0] - t.bare[0]) / t.values for t in part)
            print(f"| {live.name}, all neurons | {seen} | {row[0]} | {row[1]} | {added:.1f} | {bound} |", flush=True)


def chunks_of(live: nw.LiveModel, texts: Iterable[str], window: int) -> Iterator[Chunk]:
    cutter = TextCutter(live.inputs, window, window // 8)
    return chunks(read_documents(texts, cutter), cutter)


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Seconds of the processor, over all threads, and of the clock."""
    busy, began = time.process_time(), time.perf_counter()
    call()
    return time.process_time() - busy, time.perf_counter() - began


def python_sources(characters: int) -> list[str]:
    """The standard library, up to so many characters."""
    import os

    texts, total = [], 0
    for path in sorted(Path(os.__file__).parent.glob("*.py")):
        text = path.read_text(encoding="utf-8", errors="replace")
        texts.append(text)
        total += len(text)
        if total > characters:
            break
    return texts


def memory() -> None:
    """Peak memory above the bare pass, each in a process of its own; also before the finished files are written."""
    print(
        "\n| documents | bare, MB | scan, MB above it | with the writing of the atlas | wanted |\n|---|---|---|---|---|"
    )
    for times in (1, 4, 16):
        found = {}
        for what in ("bare", "scan"):
            command = [sys.executable, "-m", "benchmarks.scan", "peaks", what, str(FEWEST * times)]
            output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            found[what] = [int(number) for number in output.split()[-2:]]
        running, end = (number - found["bare"][1] for number in found["scan"])
        bare = found["bare"][1]
        print(f"| {FEWEST * times:,} | {bare} | {running} | {end} | the same in each row |", flush=True)


def peaks(what: str, documents: int) -> tuple[int, int]:
    """The most memory this process had, in MB: after the last chunk, and at the end. Documents of 100 characters."""
    live = nw.demo("code")
    g = torch.Generator().manual_seed(0)
    texts = ("".join(map(chr, torch.randint(32, 127, (100,), generator=g).tolist())) for _ in range(documents))
    last = 0

    def note(done: object) -> None:
        nonlocal last
        last = most_megabytes()

    if what == "bare":
        for chunk in chunks_of(live, texts, 256):
            for at in range(0, len(chunk.windows), 40):
                ids = torch.tensor([window.ids for window in chunk.windows[at : at + 40]])
                listen(live, ids, live.sites.defaults, lambda site, tensor: None)
            note(chunk)
    else:
        with tempfile.TemporaryDirectory() as folder:
            nw.scan(live, texts, out=folder, progress=note, checkpoint=5)
    return last, most_megabytes()


def most_megabytes() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
