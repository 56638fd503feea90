"""Builds the frames of one widget: exactly what its page asks, and no more."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from numpy.typing import NDArray

from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.model import LiveModel
from neuronwidget.stream.frame import Frame
from neuronwidget.stream.protocol.answers import Reading
from neuronwidget.stream.protocol.asks import Ask, Probe
from neuronwidget.stream.protocol.checks import ProtocolError, shorten
from neuronwidget.stream.protocol.frames import BesideHead, EditProblem, EditsHead, FrameHead, PanelProblem
from neuronwidget.stream.protocol.inputs import AskedInput
from neuronwidget.widgets.errors import explain_panel
from neuronwidget.widgets.frames.beside import laid_beside
from neuronwidget.widgets.frames.compare import Differences, compare
from neuronwidget.widgets.frames.edited import EditedModel, problem
from neuronwidget.widgets.frames.frame_pass import Compared, FramePass, Over, Recorded
from neuronwidget.widgets.frames.kinds.kind import Recorder
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.frames.kinds.resumed import SharedPasses
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.panels.registry import PANELS
from neuronwidget.widgets.frames.peaks import KeptPeaks, Peaks
from neuronwidget.widgets.frames.readout import Readout
from neuronwidget.widgets.frames.request import PlacedInputs, Request
from neuronwidget.widgets.frames.study_subject import StudySubject

if TYPE_CHECKING:
    from neuronwidget.atlas.base import AtlasBase


class FrameBuilder:
    """Builds frames for one widget. Kind and panels keep the last input, so that only what changed is run again.

    While edits act, the input is recorded by the unedited model and by one with the edits, each of which keeps its own.
    `over`: what is known of the units over a data set, where there is one. `patterns`: of inputs, in which the present
    one is placed. `failed`: what stood in the way of panels in the last frame, by their names. `studied`: what that
    frame is of, for long questions about it.
    """

    def __init__(self, live: LiveModel, over: Over | None = None) -> None:
        self.live, self.over = live, over
        self.patterns: Sequence[PlacedInputs] = ()
        self.failed: dict[str, Exception] = {}
        self._model = _Recording(live, kind_of(live.kind).recorder(live))
        self._shared, self._held_shared = SharedPasses(live), SharedPasses(live)
        self._edited: tuple[EditedModel, _Recording] | None = None
        self._held: _Recording | None = None
        self._held_peaks, self._differences = KeptPeaks(), Differences()
        self._panels: dict[str, Panel[Any, Any]] = {}
        self._passes = 0
        self._showed: object = None
        #: The edits that acted in the last pass; None where none did.
        self._acted: EditedModel | None = None
        self._problems: list[EditProblem] = []
        self._not_beside: str | None = None
        self.studied: StudySubject | None = None
        self._shown: tuple[int, dict[str, Readout]] | None = None

    def forget(self) -> None:
        """Drop what was kept for speed."""
        self._model.forget()
        self._shared.forget()
        self._held_shared.forget()
        self._held_peaks = KeptPeaks()
        self._differences.forget()
        for panel in self._panels.values():
            panel.forget()
        self._edited, self._held = None, None
        self._shown, self.studied = None, None

    def build(self, ask: Ask, overtaken: Callable[[], bool] | None = None) -> Frame:
        """The frame that answers `ask`: look names up, record once, then let each panel make its part."""
        with self.live.seen_once():
            return self._build(ask, overtaken)

    def _build(self, ask: Ask, overtaken: Callable[[], bool] | None) -> Frame:
        began = time.perf_counter()
        self._shown, self.studied = None, None
        for asked in (ask.input, ask.beside or ask.input):
            if asked.kind != self.live.kind:
                raise ProtocolError(
                    f"The page asks about {shorten(asked.kind)}; {self.live.name} reads {self.live.kind}.",
                    "Reload the page.",
                )
        request = Request.of(ask, self.live, self.patterns)
        panels = [self._panel(name) for name in PANELS if name in ask.parts]
        frame_pass = self._record(request, panels, overtaken)
        seconds = frame_pass.seconds
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
        unseen = {} if frame_pass.values else frame_pass.values.failed
        if (self.failed and not parts) or (unseen and not self.failed):
            raise next(iter([*self.failed.values(), *unseen.values()]))  # no panel is left that would say it
        over = cast("AtlasBase | None", self.over)
        self._shown = ask.seq, readouts
        self.studied = StudySubject.of(self.live, self._acted, frame_pass, over)
        head = _head(frame_pass, self._edits_head(frame_pass), seconds, time.perf_counter() - began)
        if ask.beside is not None:
            head["beside"] = self._beside_head(frame_pass)
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
        """Record what is visible and no more; by the edited model, too, where edits act."""
        needs = Needs.of_all(panel.needs(request.ask.parts[panel.name], request) for panel in panels)
        edits, self._not_beside, self._acted = self._with_edits(request), None, None
        number = self._passes = self._passes + 1
        if request.ask.beside is not None:
            return self._record_beside(request, request.ask.beside, needs, edits, overtaken)
        if edits is None:
            recorded = self._model.record(request, needs, overtaken)
            return self._shows(None, FramePass(self.live, request, recorded, self._model.peaks, number))
        edited, recording = edits
        # Broken off between its two passes, a frame leaves them at different inputs: nothing of it is kept.
        showed, self._showed = self._showed, None
        before = self._model.record(request, needs, overtaken)
        after = self._edited_pass(edits, request, needs, overtaken)
        if after is None:
            return self._shows(None, FramePass(self.live, request, before, self._model.peaks, number))
        self._showed, self._acted = showed, edited
        both = Compared(before, after, request.ask.compare, edited.acting, self.over)
        peaks = (self._model.peaks, recording.peaks)
        return self._shows(
            (edited, both.shows), compare(recording.live, request, both, peaks, number, self._differences)
        )

    def _edited_pass(
        self,
        edits: tuple[EditedModel, _Recording],
        request: Request,
        needs: Needs,
        overtaken: Callable[[], bool] | None,
    ) -> Recorded | None:
        """By the edited model; None where its edits cannot act on this input, which is said."""
        edited, recording = edits
        try:
            return recording.record(request, needs, overtaken)
        except EditError as error:
            self._problems = [*self._problems, problem(edited.acting[-1].index, error)]
            return None

    def _record_beside(
        self,
        request: Request,
        beside: AskedInput,
        needs: Needs,
        edits: tuple[EditedModel, _Recording] | None,
        overtaken: Callable[[], bool] | None,
    ) -> FramePass:
        """Record what is visible of this input and of the one that it is compared with, both by the same model."""
        showed, self._showed = self._showed, None
        now = None if edits is None else self._edited_pass(edits, request, needs, overtaken)
        recording = self._model if edits is None or now is None else edits[1]
        if now is None:
            now = self._model.record(request, needs, overtaken)
        live, number = recording.live, self._passes
        self._acted = None if edits is None or live is not edits[0].live else edits[0]
        acting = () if self._acted is None else self._acted.acting
        if self._held is None or self._held.live is not live:
            kind = kind_of(live.kind)
            recorder = kind.resumed(live, self._held_shared) if acting else kind.recorder(live)
            self._held = _Recording(live, recorder, like=self._held)
        asked = replace(request, ask=replace(request.ask, input=beside, token=None), edits=())
        try:
            before, paired = laid_beside(self._held.record(asked, needs, overtaken), now)
        except Exception as error:
            self._not_beside = explain_panel(error)[0]
            return self._shows(None, FramePass(live, request, now, recording.peaks, number))
        both = Compared(before, now, request.ask.compare, acting, self.over, True, paired)
        self._showed = showed
        peaks = self._held.peaks if paired is None else self._held_peaks.of(before.values), recording.peaks
        compared = compare(live, request, both, peaks, number, self._differences)
        return self._shows((live, "beside", both.shows), compared)

    def _shows(self, shows: object, frame_pass: FramePass) -> FramePass:
        """Rows were kept of what is shown, unless the frame before showed another pass."""
        if shows == self._showed:
            return frame_pass
        self._showed = shows
        return replace(frame_pass, recorded=replace(frame_pass.recorded, rows_kept=0))

    def _with_edits(self, request: Request) -> tuple[EditedModel, _Recording] | None:
        """The model with the edits that are asked; None where none acts. Kept while the same are asked."""
        self._problems = list(request.problems)
        if not request.edits:
            self._edited = None
            return None
        if self._edited is None or self._edited[0].asked != request.edits:
            edited = EditedModel.of(self.live, request.edits, self.over)
            recorder = kind_of(self.live.kind).resumed(edited.live, self._shared)
            self._edited = edited, _Recording(edited.live, recorder, like=self._edited and self._edited[1])
        self._problems += self._edited[0].problems
        return self._edited if self._edited[0].acting else None

    def _beside_head(self, frame_pass: FramePass) -> BesideHead:
        """What is said of the input that is compared with."""
        both, text = frame_pass.compared, frame_pass.text
        positions = 0 if text is None else text.end - text.start
        paired = positions if both is None or both.paired is None else len(both.paired)
        return {"compare": frame_pass.shows, "paired": paired, "of": positions, "problem": self._not_beside}

    def _edits_head(self, frame_pass: FramePass) -> EditsHead | None:
        """What is said of edits; None where none is on."""
        compared = frame_pass.compared
        acts = compared is not None and (compared.edits or not compared.of_inputs)
        words = list(map(str, self._edited[0].edits)) if acts and self._edited is not None else []
        if not words and not self._problems:
            return None
        return {"acting": words, "problems": self._problems, "compare": frame_pass.shows}


class _Recording:
    """A live model with what records it, and the ends of its values at each position."""

    def __init__(self, live: LiveModel, recorder: Recorder, like: _Recording | None = None) -> None:
        """`like`: one of before whose values may be the same."""
        self.live, self._recorder = live, recorder
        self._peaks: KeptPeaks = KeptPeaks() if like is None else like._peaks

    @property
    def peaks(self) -> Peaks:
        return self._peaks.peaks

    def record(self, request: Request, needs: Needs, overtaken: Callable[[], bool] | None) -> Recorded:
        recorded = self._recorder.record(request, needs, overtaken)
        self._peaks.of(recorded.values, recorded.rows_kept, recorded.lasts)
        return recorded

    def forget(self) -> None:
        self._recorder.forget()
        self._peaks = KeptPeaks()


def _problem(error: Exception) -> PanelProblem:
    message, hint = explain_panel(error)
    return {"message": message, "hint": hint}


def _head(frame_pass: FramePass, edits: EditsHead | None, model_seconds: float, seconds: float) -> FrameHead:
    request, recorded = frame_pass.request, frame_pass.recorded
    head: FrameHead = {
        "site": request.site.name,
        "unit": None if request.unit is None else str(request.unit),
        "pins": [str(pin) for pin in request.pins],
        "token": None if frame_pass.text is None else frame_pass.text.token,
        "input": recorded.head,
        "odd": frame_pass.odd(),
        "reused": recorded.reused,
        "ms": {"model": round(model_seconds * 1e3, 3), "total": round(seconds * 1e3, 3)},
    }
    return head if edits is None else {**head, "edits": edits}
