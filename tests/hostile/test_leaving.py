"""The interpreter can be left while a key is answered: its status is its own, and nothing is waited for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LEAVER = Path(__file__).with_name("leaver.py")
STATUS = {"exit": 3, "end": 0, "raise": 1, "scan": 3}


@pytest.mark.parametrize(
    ("kind", "how"),
    # Where in a pass it is left differs from time to time.
    [
        *[("text", "exit")] * 3,
        ("text", "end"),
        ("text", "raise"),
        ("text", "scan"),
        ("table", "exit"),
        ("stubborn", "exit"),
    ],
)
def test_leaving_while_a_key_is_answered(kind: str, how: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(LEAVER), kind, how, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "under way" in done.stdout
    assert done.returncode == STATUS[how], done.stderr
    assert "terminate called" not in done.stderr
    assert ("Traceback" in done.stderr) == (how == "raise")
