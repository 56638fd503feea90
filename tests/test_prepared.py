"""Tests that lack what they stand on are left out with a sentence on a person's machine, and fail in CI."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.prepared import PREPARED, missing

REPO = Path(__file__).parents[1]


def run(where: Path) -> str:
    """Run tests of the browser where there is none; returns what pytest says."""
    bare = {name: value for name, value in os.environ.items() if name not in ("CI", "NEURONWIDGET_CHROMIUM")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/browser/test_notebooks.py"]
    paths = {"PATH": str(where), "PLAYWRIGHT_BROWSERS_PATH": str(where / "none")}
    done = subprocess.run(command, cwd=REPO, env=bare | paths, capture_output=True, text=True)
    return done.stdout


def test_a_person_without_a_browser_is_told_so(tmp_path: Path) -> None:
    words = run(tmp_path)
    assert re.search(r"\d+ skipped", words)
    assert "playwright install chromium" in words


def test_every_marker_has_a_sentence_of_what_to_do() -> None:
    text = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^markers = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert listed is not None
    assert set(re.findall(r'^  "(\w+):', listed[1], re.MULTILINE)) == set(PREPARED)


def test_ci_leaves_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    monkeypatch.setenv("PATH", "")
    assert [missing(marker) for marker in PREPARED] == [None] * len(PREPARED)
