"""Starts JupyterLab on the quickstart notebook: `neuronwidget demo`."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

FIRST = "00_quickstart.ipynb"
_INSTALLED = Path(__file__).parent / "demos" / "notebooks"
_CLONE = Path(__file__).parents[1] / "notebooks"


class DemoError(RuntimeError):
    """There is nothing to start, or nothing to start it with; the message says what to do."""


def notebooks(folder: Path) -> Path:
    """Where the notebooks are: those of a clone in place, those of an installed package copied into `folder`.

    A notebook that is there already is left as it is: somebody may have worked in it.
    """
    if (_CLONE / FIRST).is_file():
        return _CLONE
    if not (_INSTALLED / FIRST).is_file():
        raise DemoError("This installation has no notebooks: clone the repository and run it there.")
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(_INSTALLED.glob("*.ipynb")):
        if not (folder / source.name).exists():
            shutil.copyfile(source, folder / source.name)
    return folder


def command(place: Path) -> list[str]:
    """What starts JupyterLab on the first notebook of a folder; raises where there is no JupyterLab."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise DemoError("JupyterLab is missing in this environment: python -m pip install jupyterlab")
    options = ["--no-browser"] if os.environ.get("NEURONWIDGET_NO_BROWSER") else []
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    options += [f"--ServerApp.root_dir={place}", f"--LabApp.default_url=/lab/tree/{FIRST}"]
    return [sys.executable, "-m", "jupyterlab", "--Application.log_level=WARN", *options]


def start(folder: Path) -> int:
    """Run JupyterLab until it is stopped; returns its exit status."""
    place = notebooks(folder)
    return subprocess.call(command(place))
