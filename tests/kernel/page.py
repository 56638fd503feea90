"""A notebook page as a kernel sees it: runs cells, takes comm messages, answers over a shell or a subshell."""

from __future__ import annotations

import itertools
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import numpy as np
from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.kernelspec import KernelSpecManager

REPO = Path(__file__).parents[2]
KERNELS = REPO / ".cache" / "kernels"
DTYPES = {"u8": np.uint8, "i32": np.int32, "f32": np.float32}
# A guard against hanging for ever, not a measurement: a cold import of torch on a busy machine fits many times.
PATIENCE = 60


class CellError(AssertionError):
    """A cell raised; the message is its traceback."""


@dataclass
class Comm:
    """One widget's channel: what it was opened with, and all custom messages that came since, in order."""

    page: Page
    id: str
    state: dict[str, Any]
    messages: list[tuple[dict[str, Any], list[bytes]]] = field(default_factory=list)
    closed: bool = False
    subshell: str | None = None
    _sent: str = ""
    _seq: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def send(self, content: dict[str, Any]) -> None:
        """Send a custom message as anywidget's `model.send` does."""
        self._sent = self.page.send(self.id, {"method": "custom", "content": content}, self.subshell)

    def taken(self) -> None:
        """Wait until the kernel has taken the last message from its queue (the answer may come later)."""
        self.page.until(lambda: not self.page.is_running(self._sent) or None)

    def ask(self, text: str, **fields: Any) -> int:
        """Ask for a picture of `text`; returns its seq."""
        seq = next(self._seq)
        ask = {
            "v": 2,
            "kind": "ask",
            "seq": seq,
            "input": {"kind": "text", "text": text, "focus": 0},
            "site": self.state["site"],
            "unit": self.state["unit"],
            "pins": [],
            "token": None,
            "mode": "linear",
            "pinned": None,
            "pad": 0,
            "parts": {"trace": {}},
            "changes": {"input": text},
        }
        self.send({**ask, **fields})
        return seq

    def answer(self, seq: int) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
        """Wait for the answer to an ask, of whatever kind; returns its header and arrays by name."""

        def find() -> tuple[dict[str, Any], list[bytes]] | None:
            return next((message for message in self.messages if message[0].get("seq") == seq), None)

        header, buffers = self.page.until(find)
        specs = header.get("arrays", [])
        assert len(specs) == len(buffers)
        return header, {
            spec["name"]: np.frombuffer(data, DTYPES[spec["dtype"]]).reshape(spec["shape"])
            for spec, data in zip(specs, buffers, strict=True)
        }

    def kinds(self) -> list[str]:
        return [header["kind"] for header, _ in self.messages]


class Page:
    """A running kernel of a given ipykernel version, and the messages it has published."""

    def __init__(self, version: str, folder: Path) -> None:
        overlay = KERNELS / version
        if not (overlay / ".complete").exists():
            raise FileNotFoundError(f"{overlay} is missing: run `python tools/beside.py kernels` first")
        spec = folder / "kernels" / "tested"
        spec.mkdir(parents=True)
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        env = {"PYTHONPATH": f"{overlay}:{REPO}", "OMP_NUM_THREADS": "1", "IPYTHONDIR": str(folder / "ipython")}
        (spec / "kernel.json").write_text(
            json.dumps({"argv": argv, "env": env, "display_name": version, "language": "python"})
        )
        specs = KernelSpecManager(kernel_dirs=[str(folder / "kernels")], ensure_native_kernel=False)
        self._manager = KernelManager(kernel_name="tested", kernel_spec_manager=specs)
        self._manager.start_kernel(cwd=str(folder))
        self._client: BlockingKernelClient = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=PATIENCE)
        self.comms: dict[str, Comm] = {}
        self._idle: set[str] = set()
        self._busy: set[str] = set()
        self._errors: dict[str, str] = {}
        self._printed: dict[str, str] = {}
        self.subshells = "kernel subshells" in self._info().get("supported_features", [])

    def _info(self) -> dict[str, Any]:
        reply = self._client.kernel_info(reply=True, timeout=PATIENCE)
        return dict(reply["content"])

    def shut_down(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def open_subshell(self) -> str:
        """Open a thread for comms beside the one that runs cells, as JupyterLab 4.4 and later does."""
        message = self._client.session.msg("create_subshell_request", {})
        self._client.control_channel.send(message)
        while True:
            reply = self._client.get_control_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return str(reply["content"]["subshell_id"])

    def send(self, comm: str, data: dict[str, Any], subshell: str | None) -> str:
        message = self._client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        if subshell is not None:
            message["header"]["subshell_id"] = subshell
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    # ---- cells

    def start(self, code: str) -> str:
        """Start a cell and wait until it is running; returns its id."""
        cell = self._client.execute(code)
        self.until(lambda: cell in self._busy or None)
        return cell

    def interrupt(self) -> None:
        """What the square button of a notebook does."""
        self._manager.interrupt_kernel()

    def is_running(self, cell: str) -> bool:
        return cell not in self._idle

    def finish(self, cell: str) -> str:
        """Wait for the end of a cell; returns what it printed."""
        self.until(lambda: cell in self._idle or None)
        # The next request leaves after the reply has come: before its first widget, ipykernel 7.3 may lose one that
        # crosses a reply on the way.
        while self._client.get_shell_msg(timeout=PATIENCE)["parent_header"].get("msg_id") != cell:
            pass
        if cell in self._errors:
            raise CellError(self._errors[cell])
        return self._printed.get(cell, "")

    def run(self, code: str) -> str:
        return self.finish(self.start(code))

    def open(self, code: str) -> Comm:
        """Run a cell that makes one of our widgets; returns its channel, with a subshell where there are any."""
        known = set(self.comms)
        self.run(code)
        ours = [comm for name, comm in self.comms.items() if name not in known and "layout_kind" in comm.state]
        assert len(ours) == 1, "the cell should open exactly one widget"
        if self.subshells:
            ours[0].subshell = self.open_subshell()
        return ours[0]

    # ---- messages from the kernel

    def until(self, condition: Callable[[], Any]) -> Any:
        """Take messages until `condition` returns something; a condition that cannot come true fails at the guard."""
        end = time.monotonic() + PATIENCE
        while (found := condition()) is None:
            try:
                self._take(self._client.get_iopub_msg(timeout=max(0.0, end - time.monotonic())))
            except Empty:
                raise AssertionError(f"what was waited for did not come within {PATIENCE} s") from None
        return found

    def _take(self, message: dict[str, Any]) -> None:
        kind, content = message["msg_type"], message["content"]
        parent = message["parent_header"].get("msg_id", "")
        if kind == "status" and content["execution_state"] == "idle":
            self._idle.add(parent)
        elif kind == "execute_input":
            self._busy.add(parent)
        elif kind == "error":
            self._errors[parent] = re.sub(r"\x1b\[[\d;]*m", "", "\n".join(content["traceback"]))
        elif kind == "stream":
            self._printed[parent] = self._printed.get(parent, "") + content["text"]
        elif kind == "comm_open":
            self.comms[content["comm_id"]] = Comm(self, content["comm_id"], content["data"].get("state", {}))
        elif kind == "comm_close" and content["comm_id"] in self.comms:
            self.comms[content["comm_id"]].closed = True
        elif kind == "comm_msg" and content["comm_id"] in self.comms:
            comm, data = self.comms[content["comm_id"]], content["data"]
            if data["method"] == "custom":
                comm.messages.append((data["content"], [bytes(part) for part in message["buffers"]]))
            elif data["method"] in ("update", "echo_update"):
                comm.state.update(data["state"])
