"""A marimo app in a folder of its own, served for a browser."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser import lab

APP = "import marimo\n\napp = marimo.App(width='full')\n"
CELL = "\n\n@app.cell\ndef _({takes}):\n{body}\n    return {gives}\n"


def source(setup: str, names: str, *cells: str) -> str:
    """The source of an app whose first cell is `setup` and gives `names`, and whose others show their last line."""
    first = CELL.format(takes="", body=textwrap.indent(setup.strip(), "    "), gives=names)
    return (
        APP + first + "".join(CELL.format(takes=names, body=textwrap.indent(cell, "    "), gives="") for cell in cells)
    )


@contextmanager
def serve(folder: Path, text: str, theme: str = "light") -> Iterator[str]:
    """Serve an app of this source; gives its address."""
    (folder / "app.py").write_text(text)
    settings = folder / "marimo" / "marimo.toml"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(f'[display]\ntheme = "{theme}"\n')
    port = lab.free_port()
    command = [sys.executable, "-m", "marimo", "run", "app.py", "--headless", "--host=127.0.0.1", f"--port={port}"]
    env = os.environ | {"PYTHONPATH": str(lab.REPO), "XDG_CONFIG_HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    server = lab.start([*command, "--no-token"], env, folder, f":{port}", port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        lab.stop(server)
