"""Readers of the parts of a request: each panel registers the function that checks what the page asks of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from neuronwidget.stream.protocol.checks import ProtocolError, shorten, wrong

Reader = Callable[[Mapping[str, Any]], Any]

#: By the name of the panel.
READERS: dict[str, Reader] = {}


def read_parts(content: object) -> dict[str, Any]:
    """What each panel is asked, by its name, in the type that its reader gives."""
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise wrong("parts", "an object", content)
    return {str(name): _read(str(name), asked) for name, asked in content.items()}


def _read(name: str, asked: object) -> Any:
    reader = READERS.get(name)
    if reader is None:
        raise ProtocolError(
            f"The kernel knows no panel {shorten(name)}; there are {', '.join(READERS)}.",
            "The page is newer than the Python package: update it with pip install -U neuronwidget and restart the "
            "kernel.",
        )
    if not isinstance(asked, Mapping):
        raise wrong(name, "an object", asked)
    return reader(asked)
