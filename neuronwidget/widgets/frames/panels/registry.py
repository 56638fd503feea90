"""Table of all panels.

A further panel is a subclass of `Panel` in a file of its own and a line here: its name on the wire, what it reads of a
request, the sites that it needs, its part of the frame. The page has a folder for each panel too, `js/src/panels`.
"""

from __future__ import annotations

from typing import Any

from neuronwidget.stream.protocol import parts
from neuronwidget.widgets.frames.panels.classes import ClassesPanel
from neuronwidget.widgets.frames.panels.edits import EditsPanel
from neuronwidget.widgets.frames.panels.guesses import GuessesPanel
from neuronwidget.widgets.frames.panels.map import MapPanel
from neuronwidget.widgets.frames.panels.overview import OverviewPanel
from neuronwidget.widgets.frames.panels.panel import Panel
from neuronwidget.widgets.frames.panels.pattern import PatternPanel
from neuronwidget.widgets.frames.panels.sweep import SweepPanel
from neuronwidget.widgets.frames.panels.tiles import TilesPanel
from neuronwidget.widgets.frames.panels.top import TopPanel
from neuronwidget.widgets.frames.panels.trace import TracePanel

#: By the name on the wire, in the order in which parts are made.
PANELS: dict[str, type[Panel[Any, Any]]] = {}


def register(panel: type[Panel[Any, Any]]) -> None:
    """Add a panel: requests may ask for it, and frames have its part."""
    PANELS[panel.name] = panel
    parts.READERS[panel.name] = panel.read


for _panel in (
    TracePanel,
    MapPanel,
    OverviewPanel,
    GuessesPanel,
    TopPanel,
    TilesPanel,
    ClassesPanel,
    SweepPanel,
    EditsPanel,
    PatternPanel,
):
    register(_panel)
