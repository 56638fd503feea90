"""Table of all kinds of input.

A further kind is a subclass of `TensorKind` (or of `FrameKind`, where inputs have no fixed size) that says its name,
how a request's `input` is read, and how the model's inputs are made of it; `register` takes one object of it. Frames
with every panel, `nw.explore`, the catalog and the trait `input` follow. The page has a table of its own, in
`js/src/kinds`.
"""

from __future__ import annotations

from neuronwidget.stream.protocol import inputs
from neuronwidget.widgets.frames.kinds.image import ImageKind
from neuronwidget.widgets.frames.kinds.kind import FrameKind
from neuronwidget.widgets.frames.kinds.table import TableKind
from neuronwidget.widgets.frames.kinds.text import TextKind

#: By the name that the inputs of a live model have, and an atlas.
KINDS: dict[str, FrameKind] = {}


def register(kind: FrameKind) -> None:
    """Add a kind: requests may be about it, and widgets show it."""
    KINDS[kind.name] = kind
    inputs.READERS[kind.name] = kind.read


def kind_of(name: str) -> FrameKind:
    """The kind of that name."""
    if name not in KINDS:
        raise LookupError(f"There is no view for inputs of the kind {name!r}: there are {', '.join(KINDS)}.")
    return KINDS[name]


for _kind in (TextKind(), ImageKind(), TableKind()):
    register(_kind)
