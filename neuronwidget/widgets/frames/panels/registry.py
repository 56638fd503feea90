"""Table of all panels."""

from __future__ import annotations

from typing import Any

from neuronwidget.stream.protocol import parts
from neuronwidget.widgets.frames.panels.classes import Classes
from neuronwidget.widgets.frames.panels.guesses import GuessesPanel
from neuronwidget.widgets.frames.panels.map import Map
from neuronwidget.widgets.frames.panels.overview import Overview
from neuronwidget.widgets.frames.panels.panel import Panel
from neuronwidget.widgets.frames.panels.sweep import Sweep
from neuronwidget.widgets.frames.panels.tiles import Tiles
from neuronwidget.widgets.frames.panels.top import Top
from neuronwidget.widgets.frames.panels.trace import Trace

#: By the name on the wire, in the order in which parts are made.
PANELS: dict[str, type[Panel[Any, Any]]] = {}


def register(panel: type[Panel[Any, Any]]) -> None:
    """Add a panel: requests may ask for it, and frames have its part."""
    PANELS[panel.name] = panel
    parts.READERS[panel.name] = panel.read


for _panel in (Trace, Map, Overview, GuessesPanel, Top, Tiles, Classes, Sweep):
    register(_panel)
