"""Saved picture of a live view: one pass of the model on what is shown, as frames for the page are made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from neuronwidget.stream.frame import Frame
from neuronwidget.stream.protocol.asks import Ask
from neuronwidget.stream.protocol.edits import read_edits
from neuronwidget.stream.protocol.inputs import AskedInput
from neuronwidget.widgets.frames.build import FrameBuilder
from neuronwidget.widgets.frames.kinds.kind import FrameKind
from neuronwidget.widgets.frames.order import parse_units
from neuronwidget.widgets.frames.panels.classes import ClassesAsk
from neuronwidget.widgets.frames.panels.map import MapAsk
from neuronwidget.widgets.frames.panels.top import TopAsk
from neuronwidget.widgets.frames.panels.trace import TraceAsk
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved
from neuronwidget.widgets.saved.picture import png_of_cells

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

ROWS, COLUMNS, TOP = 100, 160, 8
_SHOWN = {
    "after": "Model edited",
    "before": "The model before its edits",
    "difference": "What the edits of the model change",
}
_OTHER = {"after": "", "before": ", of which the values are", "difference": ": the difference is shown"}


class View(Protocol):
    """A live view, as far as its picture is concerned."""

    input: Any
    beside: Any
    site: Any
    unit: Any
    edits: Any
    selection: Any
    view: Any

    @property
    def live(self) -> LiveModel:
        """The live model."""


def saved_input(widget: View, kind: FrameKind) -> Saved:
    """The input alone, as it is before the model has run on it."""
    what = _title(widget, widget.live, None if widget.unit is None else str(widget.unit), widget.site)
    shown = kind.at_hand(widget.live, widget.input)
    return Saved(f"{what}\n{shown.words}", (html.title(what), *shown.parts))


def _title(widget: View, live: LiveModel, unit: str | None, site: str) -> str:
    chosen = f"unit {live.labels.called(unit)}" if unit else f"site {site}, no unit chosen"
    return f"{type(widget).__name__} of {live.name} · {chosen}"


def saved_view(widget: View, kind: FrameKind, late: Callable[[], bool]) -> Saved:
    """Text, picture or row with what the unit does there, the map of its site, the legend."""
    live = widget.live
    frame = FrameBuilder(live).build(_ask(widget, live, kind), overtaken=late)
    shown = kind.saved(live, widget.input, frame)
    unit = frame.head["unit"]
    what = _title(widget, live, unit, frame.head["site"])
    edits = frame.head.get("edits")
    if edits is not None and edits["acting"]:
        what += f"\n{_SHOWN[edits['compare']]}: {', '.join(edits['acting'])}"
    beside = frame.head.get("beside")
    if beside is not None and beside["problem"] is None:
        what += f"\nCompared with another {kind.name}" + _OTHER[beside["compare"]]
    parts = [html.title(what), *shown.parts]
    scale = _scale(frame)
    if unit and scale is not None:
        parts.append(html.legend(html.scale_of(scale), f"value of {unit}"))
    return Saved(f"{what}\n{shown.words}", (*parts, *_map(kind, frame), *_top(live, frame)))


def _ask(widget: View, live: LiveModel, kind: FrameKind) -> Ask:
    site = live.sites.resolve(widget.site)
    units = parse_units(widget.view["filter"], site.width) if kind.has_tokens else None
    span = widget.selection["span"]
    beside = None if widget.beside is None else AskedInput(kind.name, kind.asked(widget.beside))
    return Ask(
        seq=0,
        input=AskedInput(kind.name, kind.asked(widget.input, 0 if span is None else span[0])),
        site=site.name,
        unit=None if widget.unit is None else str(widget.unit),
        edits=read_edits(widget.edits),
        compare=widget.view["compare"],
        beside=beside,
        token=widget.selection["token"],
        mode=widget.view["mode"],
        parts={
            "trace": TraceAsk(),
            "map": MapAsk(None, None, ROWS, COLUMNS, widget.view["order"], units=None if units is None else (*units,)),
            "top": TopAsk(TOP),
            "classes": ClassesAsk(),
        },
    )


def _scale(frame: Frame) -> Any:
    trace = frame.parts.get("trace")
    return None if trace is None else trace["scale"]


def _map(kind: FrameKind, frame: Frame) -> list[str]:
    """Units × tokens of a text; what else is looked at has its units in a list."""
    cells = frame.arrays.get("map.cells")
    if not kind.has_tokens or cells is None or not cells.size:
        return []
    part = frame.parts["map"]
    scale = html.scale_of(part["scale"])
    units, tokens = part["rows"][1] - part["rows"][0], part["cols"][1] - part["cols"][0]
    pooled = "" if cells.shape == (units, tokens) else "; a cell shows the strongest of those that it stands for"
    words = f"{frame.head['site']}: {units} units (from above) × {tokens} tokens{pooled}"
    # As wide as a text of that many characters, so that short ones do not look like bricks.
    width = min(720, max(160, 9 * tokens))
    height = int(np.clip(2 * len(cells), 24, 160))
    return [html.line(words, quiet=True), html.image(png_of_cells(cells, scale.signed), words, width, height)]


def _top(live: LiveModel, frame: Frame) -> list[str]:
    units = frame.arrays.get("top.units")
    if units is None or not len(units):
        return []
    where = "" if frame.head["token"] is None else f" at token {frame.head['token']}"
    rows = [
        (live.labels.called((frame.head["site"], int(unit))), float(value))
        for unit, value in zip(units, frame.arrays["top.values"], strict=True)
    ]
    return [html.line(f"Strongest units{where}", quiet=True), html.table(rows)]
