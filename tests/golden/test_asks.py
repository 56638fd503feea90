"""The page's own tests write what it asks into `asks/`; the kernel's reader takes each of them as it was meant."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from neuronwidget.stream.protocol.asks import Ask, read
from neuronwidget.stream.protocol.shared import KINDS, PANELS
from neuronwidget.widgets.frames.build import FrameBuilder
from tests.golden.make import HERE

FILES = sorted((HERE / "asks").glob("*.json"))

assert FrameBuilder, "panels and kinds are registered by whatever builds frames"


def message_of(path: Path) -> tuple[dict[str, Any], list[bytes]]:
    file = json.loads(path.read_text(encoding="utf-8"))
    return file["message"], [base64.b64decode(buffer) for buffer in file["buffers"]]


def test_there_are_asks_of_every_kind_and_panel() -> None:
    messages = [message_of(path)[0] for path in FILES]
    assert {message["input"]["kind"] for message in messages} == set(KINDS)
    assert {name for message in messages for name in message["parts"]} == set(PANELS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_kernel_reads_what_the_page_asks(path: Path) -> None:
    message, buffers = message_of(path)
    ask = read(message, buffers)
    assert isinstance(ask, Ask)
    assert ask.input.kind == message["input"]["kind"]
    assert (ask.seq, ask.site, ask.unit, ask.token) == tuple(message[name] for name in ("seq", "site", "unit", "token"))
    assert list(ask.pins) == message["pins"]
    assert [edit.plain() for edit in ask.edits] == message.get("edits", [])
    assert ask.compare == message.get("compare", "after")
    assert ask.parts.keys() == message["parts"].keys()
    for name, asked in message["parts"].items():
        for field, value in asked.items():
            read_as = getattr(ask.parts[name], field)
            assert (list(read_as) if isinstance(read_as, tuple) else read_as) == value, f"{name}.{field}"
    assert not buffers or ask.input.value.rgb == buffers[0]
    assert (ask.beside is None) == ("beside" not in message)
    assert ask.beside is None or ask.beside.value.rgb == buffers[1]
