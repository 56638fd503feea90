"""Opening an atlas of a million units and reading one unit's card, and its size: `python -m benchmarks.atlas_open`.

The atlas has 16 sites of 65,536 units with all exemplars a unit can have. To spare the disk, sites share one file of
tensors and all blocks share one file of exemplars (hard links); every site has its names and records of its own.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import torch

import neuronwidget as nw
from benchmarks.timing import machine
from neuronwidget.atlas.count.candidates import SHOWN, Candidates
from neuronwidget.atlas.count.moments import Moments
from neuronwidget.atlas.count.sample import SIZE, TOKENS, Sample
from neuronwidget.atlas.count.spread import SPREAD
from neuronwidget.atlas.count.summary import Summary
from neuronwidget.atlas.exemplars import stored_texts
from neuronwidget.atlas.exemplars.copies import Copies
from neuronwidget.atlas.exemplars.texts import JournalTexts
from neuronwidget.atlas.files import documents, tensors, write
from neuronwidget.atlas.files.folder import FORMAT, Folder
from neuronwidget.atlas.files.manifest import DOCUMENTS, FILE_UNITS, TEXTS, exemplars_file, site_file
from neuronwidget.atlas.scan.checkpoint import fresh
from neuronwidget.corpus.contexts import AFTER
from neuronwidget.live.structure.sites import Site

SITES, UNITS, WIDTH = 16, 65_536, 25
WINDOWS, TOKENS_EACH = 2_000, 256


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(path)
        build(folder)
        # The libraries that reading needs are there before anything is measured.
        import pandas  # noqa: F401
        import pyarrow.parquet  # noqa: F401
        from safetensors import safe_open  # noqa: F401

        before = resident()
        chance = random.Random(0)
        times = []
        for _ in range(41):
            unit = (f"mlp.{chance.randrange(SITES)}", chance.randrange(FILE_UNITS))
            began = time.perf_counter()
            atlas = nw.open_atlas(path)
            atlas.unit(unit)
            shown = atlas.exemplars(unit)
            atlas.histogram(unit)
            times.append(1e3 * (time.perf_counter() - began))
            assert len(shown) == 90, len(shown)
        grown = (resident() - before) / 2**20
        low, middle, high = statistics.quantiles(times[1:], n=4)
        print("| what | ms, median (quartiles) | first | wanted | memory, MB | wanted |\n|---|---|---|---|---|---|")
        print(
            f"| open_atlas + one card of {SITES * UNITS:,} units | **{middle:.1f}** ({low:.1f}–{high:.1f}) "
            f"| {times[0]:.1f} | ≤ 20 | {grown:.0f} | ≤ 100 |"
        )
        dense = (folder.path / "sites/000.safetensors").stat().st_size / UNITS
        shown = (folder.path / exemplars_file(0, 0)).stat().st_size / FILE_UNITS
        print(f"\nOn the disk, with all exemplars a unit can have: {dense:,.0f} + {shown:,.0f} bytes a unit.")


def resident() -> int:
    """Bytes of memory that this process uses now, files it maps included."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def build(folder: Folder) -> None:
    """Write one site and one block of exemplars, and link them until there are a million units."""
    journal = folder.path / "journal"
    journal.mkdir()
    words = [f" w{i}" for i in range(5_000)]
    (journal / "vocabulary").write_text("".join(json.dumps(word) + "\n" for word in words))
    numbers = np.random.default_rng(0)
    numbers.integers(0, len(words), WINDOWS * TOKENS_EACH).astype("<i4").tofile(journal / "pieces")
    rows = np.arange(WINDOWS)
    none = np.zeros(WINDOWS, int)
    table = np.stack([rows * TOKENS_EACH, np.full(WINDOWS, TOKENS_EACH), rows, none, none], 1)
    table.astype("<i8").tofile(journal / "windows")
    lines = [json.dumps([f"document {i}", None, TOKENS_EACH, "text"]) for i in rows]
    (journal / "documents").write_text("\n".join(lines) + "\n")

    files: dict[str, object] = {}
    summed, texts = summary(FILE_UNITS), JournalTexts(folder.path)
    copies, seen = Copies(texts, AFTER, 0, of_texts=True), np.zeros(WINDOWS, np.bool_)
    block = write._Block(exemplars_file(0, 0), Site("mlp.0", "h.0", width=UNITS), summed, 0, FILE_UNITS, [])
    block.choose(copies, seen)
    copies.count()
    most = {"ordinal": WINDOWS, "position": TOKENS_EACH, "copies": WINDOWS}
    files[block.name] = folder.write(block.name, partial(block.write, copies, most))
    times = UNITS // FILE_UNITS
    columns = {name: c.repeat(times, *[1] * (c.ndim - 1)).numpy() for name, c in write.dense(summed).items()}
    columns["bins"] = columns["bins"].astype(np.uint32)
    files[site_file(0)] = folder.write(site_file(0), partial(tensors.write, tensors=columns, checked=True))
    for site in range(SITES):
        links = {site_file(site): site_file(0)}
        links |= {exemplars_file(site, b): exemplars_file(0, 0) for b in range(times)}
        for name, source in links.items():
            if not (folder.path / name).exists():
                os.link(folder.path / source, folder.path / name)
            files[name] = files[source]
    files[DOCUMENTS] = folder.write(DOCUMENTS, partial(documents.write, journal / "documents"))
    files[TEXTS] = folder.write(TEXTS, partial(stored_texts.write, texts, seen))
    sites = [
        {"name": f"mlp.{i}", "canonical": f"h.{i}", "kind": "mlp", "width": UNITS, "layer": i, "per_token": True}
        for i in range(SITES)
    ]
    about = {"format": FORMAT, "model": "made up", "sites": sites, "settings": {"input": "text"}, "bounds": {}}
    manifest = fresh(about)
    done = {**manifest["done"], "documents": WINDOWS, "windows": WINDOWS, "tokens": WINDOWS * TOKENS_EACH}
    folder.write_manifest({**manifest, "finished": True, "done": done, "files": files})


def summary(units: int) -> Summary:
    """A summary whose tables are full."""
    g = torch.Generator().manual_seed(0)
    summary = Summary(units, WIDTH)

    def entries(slots: int, values: torch.Tensor) -> Candidates:
        candidates = Candidates.empty(units, slots, width=WIDTH)
        candidates.value[:] = values
        candidates.ordinal[:] = torch.stack([torch.randperm(WINDOWS, generator=g)[:slots] for _ in range(units)])
        candidates.document[:] = candidates.ordinal
        candidates.context_hash[:] = candidates.ordinal
        candidates.position[:] = torch.randint(0, TOKENS_EACH, (units, slots), generator=g)
        candidates.around[:] = torch.rand(units, slots, WIDTH, generator=g)
        return candidates

    summary.top = entries(SHOWN, torch.rand(units, SHOWN, generator=g).sort(1, descending=True).values + 1)
    summary.bottom = entries(SHOWN, torch.rand(units, SHOWN, generator=g).sort(1, descending=True).values + 1)
    summary.middle = entries(SPREAD, torch.linspace(0, 2, SPREAD).expand(units, SPREAD))
    summary.peaks.low[:], summary.peaks.high[:] = 0.0, 2.0
    summary.counts.ends.low[:], summary.counts.ends.high[:] = -2.0, 2.0
    summary.counts.bins[:] = torch.randint(0, 1000, summary.counts.bins.shape, generator=g)
    n = torch.full((units,), float(WINDOWS * TOKENS_EACH), dtype=torch.float64)
    summary.tree.add(0, Moments(n, n * 0, n, n * 0, n * 3))
    for name in ("seen", "active"):
        summary.counts.by_name[name][:] = WINDOWS * TOKENS_EACH
    drawn = torch.arange(SIZE, dtype=torch.int32)
    summary.sample = Sample(
        drawn.long(),
        drawn,
        drawn,
        torch.rand(SIZE, units, generator=g),
        torch.zeros(SIZE, units, dtype=torch.int32),
        drawn.long()[:, None].expand(-1, units),
        torch.zeros(SIZE, units, dtype=torch.int8),
        torch.rand(SIZE, units, WIDTH, generator=g).half(),
        torch.zeros(SIZE, units, dtype=torch.int8),
        torch.rand(SIZE, TOKENS, units, generator=g).half(),
    )
    return summary


if __name__ == "__main__":
    main()
