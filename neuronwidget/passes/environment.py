"""How the passes of a scan are computed: what their last bits depend on, beside the model and the documents."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from neuronwidget.passes.threads import can_compile

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

Environment = dict[str, Any]


class ScanWarning(UserWarning):
    """A scan goes on, but not quite as it began."""


def environment_of(live: LiveModel, threads: int) -> Environment:
    """How this process runs the model. On the CPU matrices are cut by the number of threads of a pass."""
    way: Environment = {"torch": str(torch.__version__), "counted": "by numba" if can_compile() else "by torch"}
    device = live.device
    if device.type == "cpu":
        capability = torch.backends.cpu.get_cpu_capability()
        return way | {"device": f"cpu, {capability}", "threads": threads}
    return way | {"device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type}


def note(known: list[Environment], way: Environment, folder: Path) -> None:
    """Add a way to those in which a scan was computed; warns where it is another one than the scan began with."""
    if way in known:
        return
    if known:
        first = known[0]
        alike = all(way.get(key) == first.get(key) for key in ("torch", "device", "counted"))
        hint = f" torch.set_num_threads({first['threads']}) before the call keeps to the first." if alike else ""
        warnings.warn(
            f"The scan in {folder} was begun with {in_words(first)} and goes on with {in_words(way)}. The last bits of "
            f"what a model computes depend on that, so the atlas will not be that of either to the last bit.{hint}",
            ScanWarning,
            stacklevel=3,
        )
    known.append(way)


def in_words(way: Mapping[str, Any]) -> str:
    """A way in words.

    >>> in_words({"torch": "2.9.0", "device": "cpu, AVX2", "threads": 1, "counted": "by numba"})
    'torch 2.9.0 (cpu, AVX2, 1 thread, counted by numba)'
    """
    threads = way.get("threads")
    count = "" if threads is None else f", {threads} thread{'s' if threads != 1 else ''}"
    return f"torch {way['torch']} ({way['device']}{count}, counted {way['counted']})"
