"""Workarounds for particular kernels, ipykernel's versions and marimo's, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Mapping
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


def run_dependents(comm: Any, state: Mapping[str, Any]) -> None:
    """Have marimo run the cells that read a widget's value, after the page changed traits.

    It does that by itself for messages of its own kind alone. Our page sends what a person changed inside its requests,
    which are custom messages to marimo; `value` is right then, but no cell hears of it. `state`: some trait as it is
    now, as JSON; marimo sets it once more, which changes nothing.
    """
    element = getattr(comm, "ui_element_id", None)
    commands: Any = sys.modules.get("marimo._runtime.commands")
    contexts: Any = sys.modules.get("marimo._runtime.context")
    if element is None or commands is None or contexts is None:
        return
    kernel = getattr(contexts.safe_get_context(), "_kernel", None)
    enqueue = getattr(kernel, "enqueue_control_request", None)
    if enqueue is not None:
        enqueue(commands.UpdateUIElementCommand.from_ids_and_values([(element, dict(state))]))
