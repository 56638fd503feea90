"""What must be said to particular versions of ipykernel, and nothing else."""

from __future__ import annotations

from typing import Any


def keep_default_shell(comm: Any) -> None:
    """Let the page's messages go to the shell that the page chose.

    ipykernel 7.4 sends a comm's messages to whichever shell last published on it. When a cell's loop publishes frames,
    that is the main shell, and edits then wait until the cell ends.
    """
    if hasattr(comm, "_reply_subshell_for"):
        comm._reply_subshell_for = lambda data, default: default
