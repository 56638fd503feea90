"""Scanning against the bare forward pass of the same batches, and its memory: `python -m benchmarks.scan`.

The bare pass goes as deep as the deepest scanned site and leaves out the output head, as the scan does. Chunk by chunk
both are timed in turn. A scan begins by filling its tables of exemplars, which every window enters; how often that
happens falls with the number of documents seen, so the ratio is given by how far the scan has come.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

import neuronwidget as nw
from benchmarks.models import gpt2_small_shape, token_ids
from benchmarks.timing import machine
from neuronwidget.atlas.crew import Crew
from neuronwidget.atlas.documents import chunks, read
from neuronwidget.atlas.passes import Runner, listen
from neuronwidget.atlas.progress import Progress, fresh
from neuronwidget.atlas.store import Folder
from neuronwidget.atlas.tally import AFTER, BEFORE


def main() -> None:
    if len(sys.argv) > 2 and sys.argv[1] == "memory":
        print(peak_megabytes(int(sys.argv[2])))
        return
    print(machine())
    print("| what | documents seen | bare / scan, median of chunks (quartiles) | wanted |\n|---|---|---|---|")
    wanted = sys.argv[1:] or ["code", "gpt2"]
    if "code" in wanted:
        throughput(nw.demo("code"), python_sources(4_000_000), 256, "≥ 0.70", 36)
    if "gpt2" in wanted:
        texts = [" ".join(map(str, token_ids(512, seed))) for seed in range(1200)]
        throughput(gpt2_small_shape(), texts, 512, "≥ 0.85", 18)
    if not sys.argv[1:]:
        memory()


def throughput(live: nw.LiveModel, texts: list[str], window: int, bound: str, most: int) -> None:
    """Time scan and bare pass in turn for up to `most` chunks."""
    sites = live.sites.defaults
    crew = Crew()
    runner = Runner(live, sites, crew)
    ratios: list[tuple[int, float]] = []
    end = time.monotonic() + 300
    with tempfile.TemporaryDirectory() as folder:
        manifest = fresh({})
        near = dict.fromkeys(sites, BEFORE + 1 + AFTER)
        work = Progress(Folder(folder), sites, near, manifest)
        for chunk in chunks(read(texts), live.inputs, window, window // 8):
            batches = [[window.ids for window in batch] for batch in runner.batches(chunk.windows)]

            def bare(batches: list[list[list[int]]] = batches) -> None:
                for batch in batches:
                    longest = max(map(len, batch))
                    ids = torch.tensor([row + row[:1] * (longest - len(row)) for row in batch])
                    listen(live, ids, sites, lambda site, tensor: None)

            began = time.perf_counter()
            bare()
            middle = time.perf_counter()
            tallies = runner.tallies(chunk, lambda site, chunk=chunk: work.summaries[site].tally(chunk.number))
            crew.map(lambda site, tallies=tallies: work.summaries[site].add(tallies[site]), sites)
            work.note(chunk)
            ended = time.perf_counter()
            ratios.append((chunk.first_window, (middle - began) / (ended - middle)))
            if chunk.number + 1 >= most or time.monotonic() > end:
                break
        work.close()
    thirds = len(ratios) // 3
    for part in (ratios[:thirds], ratios[thirds : 2 * thirds], ratios[2 * thirds :]):
        low, middle_, high = statistics.quantiles([ratio for _, ratio in part], n=4)
        seen = f"windows {part[0][0]:,}–{part[-1][0]:,} of {window}"
        print(
            f"| {live.name}, all default sites | {seen} | **{middle_:.2f}** ({low:.2f}–{high:.2f}) | {bound} |",
            flush=True,
        )


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
    """Peak memory of a whole scan, each in a process of its own."""
    print("\n| documents | peak memory, MB | above the smallest |\n|---|---|---|")
    peaks = {}
    for times in (1, 4, 16):
        command = [sys.executable, "-m", "benchmarks.scan", "memory", str(200 * times)]
        peaks[times] = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])
        print(f"| {200 * times} | {peaks[times]} | {peaks[times] - peaks[1]:+} |", flush=True)


def peak_megabytes(documents: int) -> int:
    """Scan so many documents of 256 random tokens with a small model; the most memory this process ever had."""
    import resource

    live = nw.demo("code")
    g = torch.Generator().manual_seed(0)
    texts = ("".join(map(chr, torch.randint(32, 127, (256,), generator=g).tolist())) for _ in range(documents))
    with tempfile.TemporaryDirectory() as folder:
        nw.scan(live, texts, out=folder, progress=False, checkpoint=5)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
