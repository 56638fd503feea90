"""Compiled loops run without numba once they were compiled; what is kept of them is whole or compiled again."""

import os
import subprocess
import sys
from pathlib import Path

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


def test_a_loop_is_compiled_once_and_again_where_what_is_kept_is_damaged(tmp_path: Path) -> None:
    assert needs_numba(tmp_path)
    assert not needs_numba(tmp_path)
    (kept,) = (tmp_path / "neuronwidget").iterdir()
    whole = kept.read_bytes()
    kept.write_bytes(whole[: len(whole) // 2])
    assert needs_numba(tmp_path)
    assert kept.read_bytes() == whole
