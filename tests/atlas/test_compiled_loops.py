"""Compiled loops run without numba once they were compiled; what is kept of them is whole or not used."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from neuronwidget.atlas.count.by_numba import objects
from neuronwidget.atlas.count.by_numba.loops import Loop

CALL = """
import sys
import numpy as np
from neuronwidget.atlas.count.by_numba import loops

values, ordinals = np.array([[3.0, 1.0, 2.0], [5.0, 4.0, 9.0]], np.float32), np.array([[4, 5, 6], [7, 8, -1]], np.int32)
least = np.empty(2, np.float32)
loops.find_least((values, ordinals), least)
assert least.tolist() == [1.0, float("-inf")], least
print("numba" in sys.modules)
"""


def needs_numba(folder: Path) -> bool:
    """Calls a loop in a process of its own: was numba loaded for it?"""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder)}
    output = subprocess.run([sys.executable, "-c", CALL], check=True, capture_output=True, text=True, env=environment)
    return output.stdout.strip() == "True"


@pytest.mark.skipif(objects.machine() is None, reason="numba runs the loops here")
def test_a_loop_is_compiled_once_and_what_is_kept_of_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert needs_numba(tmp_path)
    assert not needs_numba(tmp_path)
    (file,) = (tmp_path / "neuronwidget").iterdir()
    content = file.read_bytes()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    assert objects.kept(file.stem) == content[32:]
    for damaged in (content[: len(content) // 2], content[:-1] + bytes([content[-1] ^ 1]), b""):
        file.write_bytes(damaged)
        assert objects.kept(file.stem) is None


def ends_of(values: np.ndarray) -> list[np.ndarray]:
    """What loops make of values [windows, tokens, units]: their ends, and the cells between them."""
    windows, tokens, units = values.shape
    highs, lows = (np.empty((windows, 2, units), np.float32) for _ in range(2))
    Loop("counting", "find_ends")(values, np.array([tokens, tokens - 3]), 2, 0, highs, lows)
    scale, base = np.empty(units), np.empty(units)
    Loop("tables", "cell_rulers")(lows.min((0, 1)), highs.max((0, 1)), scale, base)
    return [highs, lows, scale, base]


def test_where_object_code_is_not_loaded_numba_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).normal(size=(2, 30, 50)).astype(np.float32) ** 5
    loaded = ends_of(values)
    monkeypatch.setattr(objects, "machine", lambda: None)
    for ours, theirs in zip(loaded, ends_of(values), strict=True):
        assert ours.tobytes() == theirs.tobytes()
