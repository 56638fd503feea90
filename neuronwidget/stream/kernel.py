"""Workarounds for particular versions of ipykernel, and nothing else."""

from __future__ import annotations

import sys
from typing import Any


def mend_replies() -> None:
    """Keep the kernel from going deaf when an edit arrives while a cell's reply leaves.

    ipykernel 7.0 to 7.3 send replies past the stream that reads the same socket, and may so swallow its wake-up: the
    request that came meanwhile, and all after it, are then never read. Somebody who types while cells run makes that
    likely. From 7.4 on replies go through the stream, and here they are led the same way.
    """
    kernels: Any = sys.modules.get("ipykernel.kernelbase")
    if kernels is None or not kernels.Kernel.initialized():
        return
    kernel = kernels.Kernel.instance()
    manager: Any = getattr(getattr(kernel, "shell_channel_thread", None), "_manager", None)
    stream = getattr(kernel, "shell_stream", None)
    if stream is not None and hasattr(manager, "_shell_socket"):
        manager._shell_socket = stream


def keep_default_shell(comm: Any) -> None:
    """Let the page's messages go to the shell that the page chose.

    ipykernel 7.4 sends a comm's messages to whichever shell last published on it. When a cell's loop publishes frames,
    that is the main shell, and edits then wait until the cell ends.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default
