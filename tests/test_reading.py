"""docs/reading.md names the files that a key passes through; here one is typed, and the stacks are looked at."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import neuronwidget as nw
from neuronwidget.stream.protocol.shared import VERSION

REPO = Path(__file__).parents[1]
#: Where the stack is looked at: in these functions of these files.
MARKS = {
    "wake": "neuronwidget/stream/worker.py",
    "look": "neuronwidget/live/capture.py",
    "give": "neuronwidget/widgets/frames/panels/map.py",
}
MOST = 16


def named() -> list[str]:
    """The files of the chapter about a key, of Python and of the page."""
    page = (REPO / "docs/reading.md").read_text(encoding="utf-8")
    chapter = page.split("## From a key")[1].split("\n## ")[0]
    return re.findall(r"`((?:js/src|neuronwidget)/[^`]+\.(?:tsx?|py))`", chapter)


def files_of(frame: FrameType | None) -> list[str]:
    """The package's files on a stack, without those of the bundled model, which stands for anybody's."""
    files = []
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(REPO / "neuronwidget"):
            files.append(path.relative_to(REPO).as_posix())
        frame = frame.f_back
    return [file for file in files if not file.startswith("neuronwidget/demos/")]


@pytest.fixture
def stacks() -> Iterator[dict[str, list[str]]]:
    """Files on the stack at each mark, of every thread that starts meanwhile and of this one."""
    seen: dict[str, list[str]] = {}

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_name in MARKS:
            files = files_of(frame)
            if files and files[0] == MARKS[frame.f_code.co_name]:
                seen[frame.f_code.co_name] = files

    threading.setprofile(look)
    sys.setprofile(look)
    yield seen
    threading.setprofile(None)  # type: ignore[arg-type]
    sys.setprofile(None)


def test_the_files_on_the_way_are_those_that_are_named(stacks: dict[str, list[str]]) -> None:
    live = nw.demo("code")
    widget = nw.Heatmap(live, "def f(x):", site="mlp.1", unit="mlp.1:7")
    came = threading.Event()

    def send(content: dict[str, Any], _: Any = None) -> None:
        if content["kind"] == "frame":
            stacks["send"] = files_of(sys._getframe())
            came.set()

    widget.send = send

    def key(seq: int, text: str) -> None:
        came.clear()
        whole = {"rows": None, "cols": None, "height": 40, "width": 40}
        ask = {"input": {"kind": "text", "text": text, "focus": len(text)}, "site": "mlp.1", "unit": "mlp.1:7"}
        parts = {"trace": {}, "map": whole}
        widget._receive(None, {"v": VERSION, "kind": "ask", "seq": seq, **ask, "parts": parts}, [])
        assert came.wait(60)

    key(1, "def f(x):")
    stacks.clear()
    key(2, "def f(x):\n")
    assert stacks.keys() == {"wake", "look", "give", "send"}
    on_the_way = {file for files in stacks.values() for file in files}
    files = named()
    assert on_the_way == {file for file in files if file.startswith("neuronwidget/")}
    assert len(files) == len(set(files)) <= MOST
    assert all((REPO / file).exists() for file in files)
