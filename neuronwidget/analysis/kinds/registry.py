"""Table of the kinds of input that questions about one input know; a further kind is one more probe, registered.

>>> from neuronwidget.analysis.kinds.text import TextProbe
>>> PROBES["text"] is TextProbe
True
"""

from __future__ import annotations

from typing import Any

from neuronwidget.analysis.kinds.image import ImageProbe
from neuronwidget.analysis.kinds.probe import Probe
from neuronwidget.analysis.kinds.table import TableProbe
from neuronwidget.analysis.kinds.text import TextProbe

PROBES: dict[str, type[Probe]] = {}


def register(kind: str, probe: type[Probe]) -> None:
    """Add a kind, or put another in the place of the one of its name."""
    PROBES[kind] = probe


def probe_of(live: Any, x: Any, *, instead: Any = None, seed: int = 0) -> Probe:
    """An input of a live model, to be run again and again."""
    if live.kind not in PROBES:
        raise ValueError(f"Inputs of kind {live.kind!r} are not cut into parts; those of {', '.join(PROBES)} are.")
    return PROBES[live.kind](live, x, instead=instead, seed=seed)


for _kind, _probe in (("text", TextProbe), ("image", ImageProbe), ("table", TableProbe)):
    register(_kind, _probe)
