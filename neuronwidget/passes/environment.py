"""Records the software and hardware that passes ran on; results are bit-identical only for equal records."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from neuronwidget.passes.threads import Threads

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

Environment = dict[str, Any]


class ScanWarning(UserWarning):
    """A scan goes on, but not quite as it began."""


def environment_of(live: LiveModel, threads: int, counting: Threads) -> Environment:
    """How this process runs the model and counts. On the CPU matrices are cut by the number of threads of a pass."""
    device = live.device
    place = counting.place or device
    way = "numba" if counting.compiled else "torch" if place.type == "cpu" else f"torch on {place.type}"
    environment: Environment = {"torch": str(torch.__version__), "counted": f"by {way}"}
    if device.type == "cpu":
        capability = torch.backends.cpu.get_cpu_capability()
        return environment | {"device": f"cpu, {capability}", "threads": threads}
    return environment | {"device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type}


def note(recorded: list[Environment], environment: Environment, folder: Path) -> None:
    """Add an environment to those in which a scan was computed; warns where it is not the one the scan began with."""
    if environment in recorded:
        return
    if recorded:
        first = recorded[0]
        alike = all(environment.get(key) == first.get(key) for key in ("torch", "device", "counted"))
        hint = f" torch.set_num_threads({first['threads']}) before the call keeps to the first." if alike else ""
        warnings.warn(
            f"The scan in {folder} was begun with {in_words(first)} and goes on with {in_words(environment)}. The last "
            "bits of what a model computes depend on that, so the atlas will not be that of either to the last bit."
            f"{hint}",
            ScanWarning,
            stacklevel=3,
        )
    recorded.append(environment)


def in_words(environment: Mapping[str, Any]) -> str:
    """An environment in words.

    >>> in_words({"torch": "2.9.0", "device": "cpu, AVX2", "threads": 1, "counted": "by numba"})
    'torch 2.9.0 (cpu, AVX2, 1 thread, counted by numba)'
    """
    threads = environment.get("threads")
    count = "" if threads is None else f", {threads} thread{'s' if threads != 1 else ''}"
    return f"torch {environment['torch']} ({environment['device']}{count}, counted {environment['counted']})"
