"""Says what works on this machine, and what to do about the rest: `neuronwidget doctor`."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

State = Literal["ok", "missing", "broken"]

PIP = "python -m pip install"
HOSTS = {"jupyterlab": "JupyterLab", "notebook": "Notebook", "marimo": "marimo"}
#: What each extra of the package is for, and the modules that it brings.
EXTRAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "transformers": ("models of Hugging Face", ("transformers",)),
    "transformer-lens": ("models of TransformerLens", ("transformer_lens",)),
    "sae": ("sparse autoencoders of SAELens", ("sae_lens",)),
    "fast": ("scans that are compiled", ("numba",)),
    "ray": ("scans on a cluster", ("ray",)),
    "report": ("charts and the scatter of units", ("altair", "vl_convert")),
}
PATIENCE = 120.0

_CELL = """
import neuronwidget as nw
from IPython.display import display
display(nw.TokenStrip(nw.demo("code"), "x = 1  # one", unit="state.1:92"))
"""


@dataclass(frozen=True)
class Check:
    """One line: what was looked at, how it is, and what to do where it is not well. `needed`: nothing goes without."""

    name: str
    state: State
    words: str
    do: str = ""
    needed: bool = True


def examine() -> Iterator[Check]:
    """All checks, one after the other; a check that raises is a check that failed."""
    for name, check in CHECKS.items():
        try:
            yield from check()
        except Exception as error:
            yield Check(name, "broken", f"{type(error).__name__}: {error}", "Report it, with this line.")


def report(checks: Iterator[Check], say: Callable[[str], Any] = print) -> int:
    """Say each as it comes; returns the exit status: 1 where something that is needed is not well."""
    failed = False
    for check in checks:
        failed |= check.needed and check.state != "ok"
        mark = {"ok": "✓", "missing": "–", "broken": "✗"}[check.state]
        say(f"{mark} {check.name:<18} {check.words}" + (f"\n    → {check.do}" if check.do else ""))
    say("Not everything that is needed works: do what the arrows say." if failed else "All that is needed works.")
    return int(failed)


def _python() -> Iterator[Check]:
    words = f"{platform.python_version()} at {sys.executable}, {platform.system()} {platform.machine()}"
    yield Check("Python", "ok", words)


def _packages() -> Iterator[Check]:
    for name in ("neuronwidget", "torch", "anywidget", "ipywidgets"):
        version = _version(name)
        if version is None:
            yield Check(name, "missing", "is not installed here", f"{PIP} {name}")
        elif name == "torch":
            import torch

            where = torch.cuda.get_device_name() if torch.cuda.is_available() else "on the CPU"
            yield Check(name, "ok", f"{version}, {where}")
        else:
            yield Check(name, "ok", version)


def _model() -> Iterator[Check]:
    from neuronwidget.demos.demo import demo

    values = demo("code").record("x = 1  # one", sites=["state.1"])["state.1"]
    yield Check("a bundled model", "ok", f"runs: {values.shape[1]} units over {values.shape[0]} characters")


def _kernel() -> Iterator[Check]:
    version = _version("ipykernel")
    if version is None:
        yield Check("kernel", "missing", "ipykernel is not installed here", f"{PIP} ipykernel")
        return
    old = int(version.split(".")[0]) < 7
    note = "; while a cell runs, edits wait until it ends (they do not from 7 on)" if old else ""
    yield Check("kernel", "ok", f"ipykernel {version}{note}", f"{PIP} --upgrade ipykernel" if old else "")
    from jupyter_client.kernelspec import KernelSpecManager

    specs = KernelSpecManager().get_all_specs()
    here = Path(sys.executable).resolve()
    others = [name for name, spec in specs.items() if _runs_elsewhere(spec["spec"].get("argv") or [], here)]
    if others and len(others) == len(specs):
        do = "python -m ipykernel install --user --name neuronwidget, and choose that kernel"
        yield Check("kernels offered", "broken", f"{', '.join(others)}: none runs this Python", do, needed=False)


def _runs_elsewhere(argv: list[str], here: Path) -> bool:
    program = Path(argv[0]) if argv else here
    return program.is_absolute() and program.resolve() != here


def _hosts() -> Iterator[Check]:
    versions = {label: version for name, label in HOSTS.items() if (version := _version(name)) is not None}
    if not versions:
        yield Check("host", "missing", "no JupyterLab, Notebook or marimo here", f"{PIP} jupyterlab", needed=False)
        return
    yield Check("host", "ok", ", ".join(f"{label} {version}" for label, version in versions.items()))
    if versions.keys() == {"marimo"}:
        return
    from jupyter_core.paths import jupyter_path

    for extension, package in (("anywidget", "anywidget"), ("@jupyter-widgets/jupyterlab-manager", "ipywidgets")):
        if not any((Path(folder) / extension).is_dir() for folder in jupyter_path("labextensions")):
            words = f"{extension} is not among the extensions of JupyterLab: widgets stay empty"
            do = f"{PIP} --force-reinstall {package}, in the environment that starts JupyterLab; then reload the page"
            yield Check("lab extension", "broken", words, do, needed=False)


def _extras() -> Iterator[Check]:
    for extra, (purpose, modules) in EXTRAS.items():
        if all(_importable(module) for module in modules):
            yield Check(extra, "ok", purpose, needed=False)
        else:
            yield Check(extra, "missing", f"for {purpose}", f'{PIP} "neuronwidget[{extra}]"', needed=False)


def _round_trip() -> Iterator[Check]:
    if _version("ipykernel") is None:
        return
    yield Check("widget round trip", "ok", round_trip())


def round_trip() -> str:
    """Have a kernel of this Python show a widget, ask it as a page does, and read the picture that comes back."""
    from jupyter_client.manager import KernelManager

    manager = KernelManager()
    manager.kernel_spec.argv[0] = sys.executable  # type: ignore[union-attr]
    with tempfile.TemporaryFile() as complaints:
        manager.start_kernel(stderr=complaints)
        client = manager.client()
        client.start_channels()
        try:
            return _asked(client)
        except Exception as error:
            if manager.is_alive():
                raise
            complaints.seek(0)
            last = complaints.read().decode(errors="replace").strip().rpartition("\n")[2]
            raise RuntimeError(f"{error} {last}".strip()) from error
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def _asked(client: Any) -> str:
    """Show a widget in a kernel and ask it; returns what came back, in words."""
    client.wait_for_ready(timeout=PATIENCE)
    opened: list[str] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] == "error":
            raise RuntimeError(f"{message['content']['ename']}: {message['content']['evalue']}")
        if message["msg_type"] == "comm_open" and "site" in message["content"]["data"]["state"]:
            opened.append(message["content"]["comm_id"])

    client.execute_interactive(_CELL, timeout=PATIENCE, output_hook=hear)
    ask = {
        "v": 2, "kind": "ask", "seq": 1, "input": {"kind": "text", "text": "y = 2  # two"}, "site": "state.1",
        "unit": "state.1:92", "mode": "linear", "parts": {"trace": {}},
    }  # fmt: skip
    data = {"method": "custom", "content": ask}
    client.shell_channel.send(client.session.msg("comm_msg", {"comm_id": opened[-1], "data": data}))
    return _answer(client)


def _answer(client: Any) -> str:
    """The first frame that a widget sends."""
    while True:
        message = client.get_iopub_msg(timeout=PATIENCE)
        content = message["content"].get("data", {}).get("content") if message["msg_type"] == "comm_msg" else None
        if content is not None and content.get("kind") == "error":
            raise RuntimeError(content.get("message", "the widget answered with an error"))
        if content is not None and content.get("kind") == "frame":
            return f"a question was answered with {sum(map(len, message['buffers'])):,} bytes of picture"


def _importable(module: str) -> bool:
    """Whether a package is installed; a folder of that name in which one happens to stand is none."""
    spec = importlib.util.find_spec(module)
    return spec is not None and spec.origin is not None


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


CHECKS: dict[str, Callable[[], Iterator[Check]]] = {
    "Python": _python,
    "packages": _packages,
    "a bundled model": _model,
    "kernel": _kernel,
    "host": _hosts,
    "widget round trip": _round_trip,
    "extras": _extras,
}
