"""Lay out the ipykernel versions that tests/kernel runs against, each alone in a folder of the cache.

A kernel of that version is the main environment's Python with the folder first on its path, so that torch
and the rest are shared and a version costs one megabyte.
"""

import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parents[1] / ".cache" / "kernels"
# The last of the 6 series has no subshells; 7.4 routes comms in a way of its own.
KERNELS = {
    "6.31.0": ["ipykernel==6.31.0", "nest-asyncio==1.6.0"],
    "7.3.0": ["ipykernel==7.3.0", "nest-asyncio2==1.7.4"],
    "7.4.0": ["ipykernel==7.4.0", "nest-asyncio2==1.7.4"],
}


def lay_out(version: str) -> None:
    """Install one version into its folder, unless it is there."""
    folder = CACHE / version
    stamp = folder / ".complete"
    if stamp.exists():
        return
    pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--upgrade", "--target", str(folder), *KERNELS[version]], check=True)
    stamp.touch()


if __name__ == "__main__":
    for version in KERNELS:
        lay_out(version)
