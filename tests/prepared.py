"""What some tests stand on that `make` lays out first; without it they are left out with a sentence, except in CI.

So `python -m pytest` alone, as on Windows, runs all that can run there.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

REPO = Path(__file__).parents[1]


def _any_program(*names: str) -> bool:
    return any(map(shutil.which, names))


def _chromium() -> bool:
    local = os.environ.get("LOCALAPPDATA") if sys.platform == "win32" else None
    home = Path(local) if local else Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    playwrights = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or home / "ms-playwright")
    named = "NEURONWIDGET_CHROMIUM" in os.environ
    return named or _any_program("chromium", "chromium-browser", "google-chrome") or playwrights.is_dir()


def _postgres() -> bool:
    return _any_program("initdb") or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


#: By marker: whether what its tests stand on is here, and what to do where it is not.
PREPARED: dict[str, tuple[Callable[[], bool], str]] = {
    "browser": (_chromium, "there is no Chromium here: python -m playwright install chromium"),
    "kernel": (
        lambda: (REPO / ".cache" / "kernels").is_dir(),
        "kernels of three versions are laid out by: python tools/beside.py kernels",
    ),
    "lens": (
        lambda: importlib.util.find_spec("sae_lens") is not None,
        "SAELens has packages of its own: python tools/beside.py lens, and PYTHONPATH=.cache/lens",
    ),
    "postgres": (_postgres, "there is no Postgres here: install one, with initdb and psql on PATH"),
    "cluster": (
        lambda: sys.platform != "win32" and importlib.util.find_spec("ray") is not None,
        "Ray's clusters of several nodes on one machine need Ray and Linux or macOS",
    ),
}


def missing(marker: str) -> str | None:
    """Why tests with this marker cannot run here, or None."""
    ready, sentence = PREPARED[marker]
    return None if os.environ.get("CI") or ready() else sentence
