"""Requests such as a page sends, for tests that build frames."""

from __future__ import annotations

from typing import Any

from neuronwidget.stream.protocol.asks import Ask
from neuronwidget.stream.protocol.edits import read_edits
from neuronwidget.stream.protocol.inputs import AskedInput, Picture, Text
from neuronwidget.widgets.frames.panels.registry import PANELS


def ask_of(kind: str, value: Any, site: str, **changes: Any) -> Ask:
    """Asks about an input: for traces and, by the panel's name, for what each panel reads, as plain fields.

    `acting`: edits as the page sends them. `beside`: another input of the kind.
    """
    wanted = {"trace": {}, **{name: changes.pop(name) for name in PANELS if name in changes}}
    parts = {name: PANELS[name].read(fields) for name, fields in wanted.items() if fields is not None}
    changes["edits"] = read_edits(changes.pop("acting", None))
    if changes.get("beside") is not None:
        changes["beside"] = AskedInput(kind, changes["beside"])
    return Ask(**{"seq": 1, "input": AskedInput(kind, value), "site": site, "parts": parts, **changes})


def ask_text(text: str, site: str, focus: int | None = None, **changes: Any) -> Ask:
    """About a text, with the cursor at its end."""
    return ask_of("text", Text(text, len(text) if focus is None else focus), site, **changes)


def ask_image(pixels: Any, site: str, **changes: Any) -> Ask:
    """About a picture, uint8 [height, width, 3]."""
    return ask_of("image", Picture(pixels.shape[1], pixels.shape[0], pixels.tobytes()), site, **changes)
