"""Panel of edits: what the edited units did and do, and which other units changed most, also from input to input."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from neuronwidget.analysis.cause.downstream import ChangedUnit, DataSet, Over, changed_units, spreads, stds_of
from neuronwidget.live.structure.sites import Site
from neuronwidget.stream.protocol.checks import within
from neuronwidget.stream.protocol.frames import Value
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.widgets.frames.direct import DirectPart, DirectPath
from neuronwidget.widgets.frames.frame_pass import Compared, Floats, FramePass
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.frames.request import Request

if TYPE_CHECKING:
    from typing_extensions import NotRequired


@dataclass(frozen=True, slots=True)
class EditsAsk:
    """Request for the units that changed most: how many."""

    most: int


class EditedUnit(TypedDict):
    """What an edited unit did and does, at the position that is spoken of; `index`: its edit's place in the list."""

    index: int
    unit: str
    before: Value
    after: Value
    at: int


class ShownChange(TypedDict):
    """A unit where it changed most, and by how many standard deviations; infinitely many where nothing moved before."""

    unit: str
    before: Value
    after: Value
    change: Value
    at: int


class EditsPart(TypedDict):
    """`over`: what the standard deviations are of: a data set, this input, or the units of a site on this input.

    `direct`: of the selected unit, if it is edited, else of the first that is; absent where no output is told.
    """

    units: list[EditedUnit]
    changed: list[ShownChange]
    over: Over
    direct: NotRequired[DirectPart]


class EditsPanel(Panel[EditsAsk, EditsPart]):
    """Panel of what edits change; absent where no edit acts and no other input is compared."""

    name = "edits"

    def __init__(self) -> None:
        self._direct = DirectPath()
        #: What was found of sites in the frame before: it holds for those that did not run again.
        self._spread: dict[str, Any] = {}
        self._changed: dict[str, Any] = {}
        self._stds: tuple[DataSet | None, list[Site], dict[str, Floats]] | None = None

    def forget(self) -> None:
        self._spread.clear()
        self._changed.clear()
        self._stds = None
        self._direct.forget()

    @staticmethod
    def read(asked: Mapping[str, Any]) -> EditsAsk:
        return EditsAsk(within(asked, "most", 0, LIMITS["changed"]))

    def needs(self, asked: EditsAsk, request: Request) -> Needs:
        sites = [edit.site for edit in request.edits]
        more = bool(asked.most and sites)
        others = more or bool(asked.most and request.ask.beside is not None)
        return Needs((*sites, *(request.defaults if others else ())), stream=more, classes=more)

    def give(self, asked: EditsAsk, frame_pass: FramePass) -> Given[EditsPart] | None:
        compared = frame_pass.compared
        if compared is None:
            return None
        at = None if frame_pass.text is None else frame_pass.text.token
        place = None if at is None else at - frame_pass.first
        units = [_edited(compared, i, place, frame_pass.first) for i in range(len(compared.edits))]
        sites = self._compared_sites(asked, frame_pass, compared)
        rows = {site.name: compared.rows(site) for site in sites}
        before, after = ({name: both[side] for name, both in rows.items()} for side in (0, 1))
        over, stds = spreads(before, self._stds_of(compared.over, sites), self._spread)
        own = [edit.unit for edit in compared.edits if edit.unit is not None]
        most_changed = changed_units(before, after, stds, asked.most, own, self._changed)
        changed = [_shown(one, frame_pass.first + compared.place(one.at)) for one in most_changed]
        part: EditsPart = {"units": units, "changed": changed, "over": over}
        tells = bool(asked.most and units) and not compared.of_inputs
        direct = self._direct_of(frame_pass, compared, units) if tells else None
        return Given(part if direct is None else {**part, "direct": direct})

    def _direct_of(self, frame_pass: FramePass, compared: Compared, units: list[EditedUnit]) -> DirectPart | None:
        selected = frame_pass.request.unit
        place = next((place for place, edit in enumerate(compared.edits) if edit.unit == selected), 0)
        edit = compared.edits[place]
        if edit.unit is None:
            return None  # no unit is edited but all that a direction is made of
        change = float(units[place]["after"]) - float(units[place]["before"])
        token = None if frame_pass.text is None else frame_pass.text.token
        return self._direct.part(compared, edit.unit, change, token)

    @staticmethod
    def _compared_sites(asked: EditsAsk, frame_pass: FramePass, compared: Compared) -> list[Site]:
        there = compared.before.values.keys() & compared.after.values.keys()
        return [site for site in frame_pass.request.defaults if site in there] if asked.most else []

    def _stds_of(self, over: DataSet | None, sites: list[Site]) -> dict[str, Floats]:
        """Standard deviations over a data set, which is asked once."""
        if self._stds is None or self._stds[:2] != (over, sites):
            self._stds = over, sites, stds_of(over, {site.name: site.width for site in sites})
        return self._stds[2]


def _edited(compared: Compared, number: int, place: int | None, first: int) -> EditedUnit:
    """At the position that is spoken of; where there is none, where the unit was strongest."""
    edit = compared.edits[number]
    before, after = (edit.values(side.values[edit.site]) for side in (compared.before, compared.after))
    if place is None or not 0 <= place < len(before):
        place = int(np.nan_to_num(np.abs(before), nan=np.inf).argmax()) if len(before) else 0
    values = (float(side[place]) if len(side) else float("nan") for side in (before, after))
    return {
        "index": edit.index,
        "unit": edit.ask.unit if edit.unit is None else str(edit.unit),
        "before": readable(next(values)),
        "after": readable(next(values)),
        "at": first + place,
    }


def _shown(changed: ChangedUnit, at: int) -> ShownChange:
    return {
        "unit": str(changed.unit),
        "before": readable(changed.before),
        "after": readable(changed.after),
        "change": readable(changed.change),
        "at": at,
    }
