"""Lay out packages that some tests need in another version, each set alone in a folder of the cache.

A Python with that set is the main environment's with the folder first on its path, so that torch and the rest are
shared and a set costs a few megabytes. `python tools/beside.py kernels` lays out all sets below `kernels`.
"""

import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".cache"
SETS = {
    # The last of the 6 series has no subshells; 7.4 routes comms in a way of its own.
    "kernels/6.31.0": ["ipykernel==6.31.0", "nest-asyncio==1.6.0"],
    "kernels/7.3.0": ["ipykernel==7.3.0", "nest-asyncio2==1.7.4"],
    "kernels/7.4.0": ["ipykernel==7.4.0", "nest-asyncio2==1.7.4"],
    # SAELens wants TransformerLens before 4, the last to have HookedTransformer. Of what the two say they need this is
    # what they import and the main environment lacks.
    "lens": [
        "sae-lens==6.54.12",
        "transformer-lens==3.9.0",
        "better-abc==0.0.3",
        "docstring-parser==0.18.0",
        "simple-parsing==0.1.9",
        # Only its classes for files of dashboards are imported, which need no more than numpy.
        "sae-dashboard==0.8.0",
    ],
}


def lay_out(name: str) -> None:
    """Install one set into its folder, unless just that is there."""
    folder, wanted = CACHE / name, "\n".join(SETS[name])
    stamp = folder / ".complete"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--target", str(folder), *SETS[name]], check=True)
    stamp.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    for name in SETS:
        if name.split("/")[0] in sys.argv[1:]:
            lay_out(name)
