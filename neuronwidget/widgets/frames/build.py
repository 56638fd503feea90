"""Builds the frames of one widget: exactly what its page asks, and no more."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from neuronwidget.live.model import LiveModel
from neuronwidget.stream.frame import Frame
from neuronwidget.stream.protocol.answers import Reading
from neuronwidget.stream.protocol.asks import Ask, Probe
from neuronwidget.stream.protocol.checks import ProtocolError, shorten
from neuronwidget.stream.protocol.frames import FrameHead, PanelProblem
from neuronwidget.widgets.errors import explain_panel
from neuronwidget.widgets.frames.frame_pass import FramePass, Peaks, peaks_of
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.panels.registry import PANELS
from neuronwidget.widgets.frames.readout import Readout
from neuronwidget.widgets.frames.request import Request


class FrameBuilder:
    """Builds frames for one widget. Kind and panels keep the last input, so that only what changed is run again.

    `failed`: what stood in the way of panels in the last frame, by their names.
    """

    def __init__(self, live: LiveModel) -> None:
        self.live = live
        self.failed: dict[str, Exception] = {}
        self._recorder = kind_of(live.kind).recorder(live)
        self._panels: dict[str, Panel[Any, Any]] = {}
        self._peaks: Peaks = {}
        self._passes = 0
        self._shown: tuple[int, dict[str, Readout]] | None = None

    def forget(self) -> None:
        """Drop what was kept for speed."""
        self._recorder.forget()
        for panel in self._panels.values():
            panel.forget()
        self._peaks = {}
        self._shown = None

    def build(self, ask: Ask, overtaken: Callable[[], bool] | None = None) -> Frame:
        """The frame that answers `ask`: look names up, record once, then let each panel make its part."""
        began = time.perf_counter()
        self._shown = None
        if ask.input.kind != self.live.kind:
            raise ProtocolError(
                f"The page asks about {shorten(ask.input.kind)}; {self.live.name} reads {self.live.kind}.",
                "Reload the page.",
            )
        request = Request.of(ask, self.live.sites)
        panels = [self._panel(name) for name in PANELS if name in ask.parts]
        frame_pass = self._record(request, panels, overtaken)
        seconds = frame_pass.recorded.seconds
        parts: dict[str, Any] = {}
        readouts: dict[str, Readout] = {}
        arrays: dict[str, NDArray[Any]] = {f"input.{name}": array for name, array in frame_pass.recorded.arrays.items()}
        self.failed = {}
        for panel in panels:
            try:
                given: Given[Any] | None = panel.give(ask.parts[panel.name], frame_pass)
            except Exception as error:  # whatever stands in the way of one panel is said in its place
                self.failed[panel.name] = error
                continue
            if given is None:
                continue
            parts[panel.name] = given.part
            arrays.update({f"{panel.name}.{name}": array for name, array in given.arrays.items()})
            seconds += given.seconds
            if given.readout is not None:
                readouts[panel.reading] = given.readout
        if self.failed and not parts:
            raise next(iter(self.failed.values()))
        self._shown = ask.seq, readouts
        head = _head(frame_pass, seconds, time.perf_counter() - began)
        if self.failed:
            head["failed"] = {name: _problem(error) for name, error in self.failed.items()}
        return Frame(ask.seq, head, parts, arrays)

    def probe(self, probe: Probe) -> Reading | None:
        """The exact value under the pointer; None when another frame has been built since."""
        if self._shown is None or self._shown[0] != probe.of:
            return None
        readout = self._shown[1].get(probe.where)
        return None if readout is None else readout.read(probe)

    def _panel(self, name: str) -> Panel[Any, Any]:
        panel = self._panels.get(name)
        if panel is None:
            panel = self._panels[name] = PANELS[name]()
        return panel

    def _record(
        self, request: Request, panels: list[Panel[Any, Any]], overtaken: Callable[[], bool] | None
    ) -> FramePass:
        """Record what is visible and no more."""
        needs = Needs.of_all(panel.needs(request.ask.parts[panel.name], request) for panel in panels)
        recorded = self._recorder.record(request, needs, overtaken)
        self._peaks = peaks_of(recorded.values, self._peaks, recorded.rows_kept)
        self._passes += 1
        return FramePass(self.live, request, recorded, self._peaks, self._passes)


def _problem(error: Exception) -> PanelProblem:
    message, hint = explain_panel(error)
    return {"message": message, "hint": hint}


def _head(frame_pass: FramePass, model_seconds: float, seconds: float) -> FrameHead:
    request, recorded = frame_pass.request, frame_pass.recorded
    return {
        "site": request.site.name,
        "unit": None if request.unit is None else str(request.unit),
        "pins": [str(pin) for pin in request.pins],
        "token": None if frame_pass.text is None else frame_pass.text.token,
        "input": recorded.head,
        "odd": frame_pass.odd(),
        "reused": recorded.reused,
        "ms": {"model": round(model_seconds * 1e3, 3), "total": round(seconds * 1e3, 3)},
    }
