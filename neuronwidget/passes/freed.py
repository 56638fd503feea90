"""Memory that passes have freed: kept for the next pass, and given back to the system after a few chunks.

glibc gives a large block back to the system as soon as it is freed, and the next one like it costs a page fault for
every 4 KiB: a third of a million of them in a scan of 256 documents. How large that is grows to the largest block of
less than 32 MiB that was freed.

What one thread allocates and another one frees, as results of passes are, stays with the first thread's part of glibc's
heap: a scan with two threads held half as much again as it used.
"""

from __future__ import annotations

import ctypes
import sys

import torch

_LARGEST = 31 << 20
"""Bytes: the largest block that glibc learns from."""


def keep_for_the_next() -> None:
    """Have glibc keep what passes free: it learns from a large block that comes and goes."""
    torch.empty(_LARGEST, dtype=torch.uint8)


def give_back() -> None:
    """Give back what is free, where the C library can: the next pass takes it anew, page by page."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
