"""Whole calls of `nw.scan`, from call to return, beside the bare pass and a script, each in a fresh process.

`python -m benchmarks.scan` measures all; `python -m benchmarks.scan 2-layers 256 one` what is named: shapes
("2-layers", "12-layers", "code"), numbers of documents, threads ("one", "two"), and "torch", which leaves numba out.

The bare pass goes as deep as the deepest scanned site, without the output head, in the best of 4, 8, 16 and 32 windows
at a time; it runs before and after the others, over 256 documents at most, and counts as long as its documents are
many. With one thread the measure is processor time, over all threads of the process; with two it is the clock, and a
machine without other work. Memory is the most that the process had, above the bare pass.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

import neuronwidget as nw
from benchmarks import scan_script
from benchmarks.models import gpt2_shape, token_ids
from benchmarks.timing import machine
from neuronwidget.demos.atlases import CHARACTERS, source
from neuronwidget.passes.listen import listen

SHAPES = ("2-layers", "12-layers", "code")
DOCUMENTS, BATCHES = (64, 256, 1024), (4, 8, 16, 32)
WANTED = {64: "≥ .45", 256: "≥ .75", 1024: "≥ .85"}
MOST_BARE, TRIED, LENGTH = 256, 32, 128


def main() -> None:
    if sys.argv[1:2] == ["run"]:
        what, shape, *numbers = sys.argv[2:]
        print(json.dumps(run(what, shape, *map(int, numbers))))
        return
    named = set(sys.argv[1:])
    shapes = [shape for shape in SHAPES if shape in named] or SHAPES
    sizes = [size for size in DOCUMENTS if str(size) in named] or DOCUMENTS
    threads = [n for n, word in ((1, "one"), (2, "two")) if word in named] or [1, 2]
    print(machine())
    print(
        "| what | documents | threads | bare, s | script | **`nw.scan`** | wanted | above bare, MB "
        "| kB a unit | on disk, MB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for shape in shapes:
        for size in [0] if shape == "code" else sizes:
            for number in threads:
                print(row(shape, size, number, "torch" if "torch" in named else "scan"), flush=True)


def row(shape: str, size: int, threads: int, how: str) -> str:
    """One line of the table: all in turn, the bare pass first and last."""
    field = "clock" if threads > 1 else "busy"
    bare, script, scan, again = (measured(what, shape, size, threads) for what in ("bare", "script", how, "bare"))
    seconds = (bare[field] + again[field]) / 2
    memory = scan["memory"] - bare["memory"]
    wanted = WANTED.get(size, "≥ .75") if how == "scan" else "≥ .60" if size == 256 else ""
    return (
        f"| {shape}{', without numba' if how == 'torch' else ''} | {scan['documents']:,} | {threads} | {seconds:.1f} "
        f"| {ratio(seconds / script[field])} | **{ratio(seconds / scan[field])}** | {wanted} "
        f"| {memory / 1e6:,.0f} (script {(script['memory'] - bare['memory']) / 1e6:,.0f}) "
        f"| {memory / 1e3 / scan['units']:.1f} | {scan['disk'] / 1e6:,.0f} (script {script['disk'] / 1e6:,.0f}) |"
    )


def ratio(number: float) -> str:
    return f"{number:.2f}".removeprefix("0")


def measured(what: str, shape: str, size: int, threads: int) -> dict[str, Any]:
    """In a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scan", "run", what, shape, str(size), str(threads)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def run(what: str, shape: str, size: int, threads: int) -> dict[str, Any]:
    """Seconds of processor and clock, bytes of memory at most, bytes on disk."""
    torch.set_num_threads(threads)
    if what == "torch":
        sys.modules["numba"] = None  # type: ignore[assignment]
    live, texts = subject(shape, size)
    sites = [site for site in live.sites.defaults if site.kind == "mlp"] if shape != "code" else live.sites.defaults
    ids = windows(live, texts) if what in ("bare", "script") else []
    with tempfile.TemporaryDirectory() as folder:
        if what == "bare":
            busy, clock = bare(live, sites, ids)
        else:
            before = time.process_time(), time.perf_counter()
            if what == "script":
                parts = {s.module: live.module.get_submodule(s.module) for s in sites if s.side == "in"}
                scan_script.scan(live.module, parts, together(ids, 8), f"{folder}/kept")
            else:
                nw.scan(live, texts, [site.name for site in sites], out=f"{folder}/atlas", progress=False)
            busy, clock = time.process_time() - before[0], time.perf_counter() - before[1]
        disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    units = sum(site.width for site in sites)
    return {"busy": busy, "clock": clock, "memory": peak(), "disk": disk, "units": units, "documents": len(texts)}


def subject(shape: str, size: int) -> tuple[nw.LiveModel, list[str]]:
    if shape == "code":
        return nw.demo("code"), list(source(CHARACTERS).documents)
    texts = [" ".join(map(str, token_ids(LENGTH, seed))) for seed in range(size)]
    return gpt2_shape(int(shape.partition("-")[0])), texts


def windows(live: nw.LiveModel, texts: list[str]) -> list[list[int]]:
    """Token numbers of all windows, as a scan cuts them; long before short ones."""
    most = 256
    ids = (live.inputs.tokens(text).ids for text in texts)
    return sorted((one[at : at + most] for one in ids for at in range(0, len(one), most - most // 8)), key=len)[::-1]


def together(ids: list[list[int]], size: int) -> Iterator[torch.Tensor]:
    """So many windows at a time, filled up to the longest."""
    for at in range(0, len(ids), size):
        some = ids[at : at + size]
        longest = max(map(len, some))
        yield torch.tensor([row + row[:1] * (longest - len(row)) for row in some])


def bare(live: Any, sites: list[Any], ids: list[list[int]]) -> tuple[float, float]:
    """Seconds of the processor and the clock for all windows, in the best batch size."""

    def passes(some: list[list[int]], size: int) -> tuple[float, float]:
        before = time.process_time(), time.perf_counter()
        for batch in together(some, size):
            listen(live, batch, sites, lambda site, tensor: None)
        return time.process_time() - before[0], time.perf_counter() - before[1]

    few = ids[:: max(1, len(ids) // TRIED)][:TRIED]
    passes(few, 8)  # warm up
    best = min(BATCHES, key=lambda size: min(passes(few, size), passes(few, size)))
    timed = ids[:: max(1, len(ids) // MOST_BARE)][:MOST_BARE] if len(ids) > 4 * MOST_BARE else ids
    share = sum(map(len, ids)) / sum(map(len, timed))
    busy, clock = passes(timed, best)
    return busy * share, clock * share


def peak() -> int:
    """The most memory that this process had, in bytes; what its parent had does not count."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])


if __name__ == "__main__":
    main()
