"""What the bundled atlases take on the disk, built anew in a temporary folder: `python -m benchmarks.atlas_size`."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import neuronwidget as nw
from benchmarks.timing import machine
from neuronwidget.demos import NAMES


def main() -> None:
    print(machine())
    print("| atlas | units | documents | on disk, MB | dense, kB a unit | exemplars, kB a unit | built in, s |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        for name in NAMES:
            live = nw.demo(name)
            began = time.perf_counter()
            atlas = live.atlas(progress=False)
            seconds = time.perf_counter() - began
            units, documents = len(atlas), atlas.manifest["done"]["documents"]
            dense, shown = (taken(atlas.folder.path / part) / units / 1e3 for part in ("sites", "exemplars"))
            whole = taken(atlas.folder.path) / 1e6
            print(
                f"| {name} | {units:,} | {documents:,} | {whole:.1f} | {dense:.1f} | {shown:.1f} | {seconds:.0f} |",
                flush=True,
            )


def taken(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main()
