"""Protocol of the inputs of any kind: what a live model asks of them."""

from __future__ import annotations

from typing import Protocol


class Inputs(Protocol):
    """What a person edits ↔ what the model eats.

    `kind` is the name of the kind; `context` how many positions are looked at in one go; `classes` the names of what
    the model tells apart.
    """

    kind: str
    context: int
    classes: list[str] | None
