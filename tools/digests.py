"""Checksums of what scans and frames come to, for comparing two states of the code: `python -m tools.digests`.

The numbers depend on the processor, so nothing is committed: run it before and after a change that must leave every bit
as it was. Scans run over the bundled models with and without numba; frames are those of the golden files.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

import neuronwidget as nw
from neuronwidget.passes import threads


def main() -> None:
    torch.set_num_threads(2)
    for compiled in (True, False):
        threads.can_compile = lambda compiled=compiled: compiled
        for name, documents in _documents().items():
            with tempfile.TemporaryDirectory() as folder:
                nw.scan(nw.demo(name), documents, out=folder + "/atlas", progress=False)
                print(f"scan {name} {'numba' if compiled else 'torch'}: {_atlas(Path(folder) / 'atlas')}")
    from tests.golden.make import golden

    for name, content in golden().items():
        if name.startswith(("frame", "input")):
            print(f"{name}: {_frame(json.loads(content))}")


def _frame(golden: dict[str, Any]) -> str:
    """Over the arrays of a frame, whatever they are called and in whatever order they come."""
    specs = golden["header"]["arrays"]
    arrays = zip(specs, golden["buffers"], strict=True)
    lines = sorted(f"{spec['dtype']} {spec['shape']} {buffer}" for spec, buffer in arrays)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _documents() -> dict[str, Any]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(Path(json.__file__).parent.glob("*.py"))]
    live = nw.demo("digits")
    drawn = np.random.default_rng(0).normal(size=(40, len(nw.demo("cancer").inputs.columns)))
    return {"code": texts, "digits": [exhibit.pixels for exhibit in live.inputs.gallery], "cancer": drawn}


def _atlas(folder: Path) -> str:
    """Over every tensor and every exemplar of an atlas; not over files, whose bytes also tell versions."""
    import pandas as pd
    from safetensors.numpy import load_file

    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")):
        for name, array in sorted(load_file(path).items()):
            digest.update(f"{path.name} {name} {array.dtype} {array.shape}\n".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
    for path in sorted(folder.rglob("*.parquet")):
        table = pd.read_parquet(path)
        for column in table:
            values = table[column]
            flat = [v.tobytes() if isinstance(v, np.ndarray) and v.dtype != object else repr(v) for v in values]
            digest.update(repr((path.name, column, flat)).encode())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    main()
