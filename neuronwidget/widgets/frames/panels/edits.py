"""Panel of edits: what the edited units did and do, and which other units changed most, also from input to input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import numpy as np

from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.stream.protocol.checks import within
from neuronwidget.stream.protocol.frames import Value
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.widgets.frames.frame_pass import Compared, Floats, FramePass, Over
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.frames.request import Request

#: A unit that hardly moves on an input is measured by this share of how its site's units move there.
_LEAST_SHARE, _TINY = 0.1, 1e-12
#: Below so many standard deviations a change is one of rounding.
_NOTHING = 1e-4

Measure = Literal["atlas", "input", "site"]


@dataclass(frozen=True, slots=True)
class EditsAsk:
    """How many of the units that changed."""

    most: int


class EditedUnit(TypedDict):
    """What an edited unit did and does, at the position that is spoken of; `index`: its edit's place in the list."""

    index: int
    unit: str
    before: Value
    after: Value
    at: int


class ChangedUnit(TypedDict):
    """A unit where it changed most, and by how many standard deviations."""

    unit: str
    before: Value
    after: Value
    change: float
    at: int


class EditsPart(TypedDict):
    """`over`: what the standard deviations are of: a data set, this input, or the units of a site on this input."""

    units: list[EditedUnit]
    changed: list[ChangedUnit]
    over: Measure


class EditsPanel(Panel[EditsAsk, EditsPart]):
    """Absent where no edit acts and no other input is compared."""

    name = "edits"

    def __init__(self) -> None:
        #: Number of the pass, sites and standard deviations: those of an input stay while its edits change.
        self._kept: tuple[int, list[Site], Measure, dict[Site, Floats]] | None = None

    def forget(self) -> None:
        self._kept = None

    @staticmethod
    def read(asked: Mapping[str, Any]) -> EditsAsk:
        return EditsAsk(within(asked, "most", 0, LIMITS["changed"]))

    def needs(self, asked: EditsAsk, request: Request) -> Needs:
        sites = [edit.site for edit in request.edits]
        compares = bool(sites) or request.ask.beside is not None
        return Needs((*sites, *(request.defaults if asked.most and compares else ())))

    def give(self, asked: EditsAsk, frame_pass: FramePass) -> Given[EditsPart] | None:
        compared = frame_pass.compared
        if compared is None:
            return None
        at = None if frame_pass.text is None else frame_pass.text.token
        place = None if at is None else at - frame_pass.first
        units = [_edited(compared, i, place, frame_pass.first) for i in range(len(compared.edits))]
        there = compared.before.values.keys() & compared.after.values.keys()
        sites = [site for site in frame_pass.request.defaults if site in there] if asked.most else []
        over, spreads = self._spreads(frame_pass, compared, sites)
        changed = [
            unit for site in sites for unit in _changed(compared, site, spreads[site], asked.most, frame_pass.first)
        ]
        changed.sort(key=lambda unit: -abs(unit["change"]))
        return Given({"units": units, "changed": changed[: asked.most], "over": over})

    def _spreads(
        self, frame_pass: FramePass, compared: Compared, sites: list[Site]
    ) -> tuple[Measure, dict[Site, Floats]]:
        """Those of the pass before, where the model without edits did not run again."""
        kept, before = self._kept, compared.before
        same = before.rows_kept == before.reused == len(before.values[sites[0]]) if sites else False
        if kept is None or not same or kept[:2] != (frame_pass.number - 1, sites):
            kept = (0, sites, *_spreads(compared, sites))
        self._kept = (frame_pass.number, *kept[1:])
        return kept[2:]


def _edited(compared: Compared, number: int, place: int | None, first: int) -> EditedUnit:
    """At the position that is spoken of; where there is none, where the unit was strongest."""
    edit = compared.edits[number]
    before, after = (side.values[edit.site][:, edit.unit.index] for side in (compared.before, compared.after))
    if place is None or not 0 <= place < len(before):
        place = int(np.nan_to_num(np.abs(before), nan=np.inf).argmax()) if len(before) else 0
    values = (float(side[place]) if len(side) else float("nan") for side in (before, after))
    return {
        "index": edit.index,
        "unit": str(edit.unit),
        "before": readable(next(values)),
        "after": readable(next(values)),
        "at": first + place,
    }


def _changed(compared: Compared, site: Site, spread: Floats, most: int, first: int) -> list[ChangedUnit]:
    """The units of a site that changed most, but for those that are edited; none where nothing changed."""
    before, after = compared.rows(site)
    if not len(before):
        return []
    with np.errstate(invalid="ignore", over="ignore"):
        change = after - before
        size = np.nan_to_num(np.maximum(change.max(axis=0), -change.min(axis=0)) / spread, posinf=0.0)
    size[[edit.unit.index for edit in compared.edits if edit.site == site]] = 0
    best = np.argsort(-size, kind="stable")[:most]
    units: list[ChangedUnit] = []
    for unit in best[size[best] > _NOTHING].tolist():
        at = int(np.abs(change[:, unit]).argmax())
        units.append(
            {
                "unit": str(Unit(site.name, unit)),
                "before": readable(float(before[at, unit])),
                "after": readable(float(after[at, unit])),
                "change": float(change[at, unit] / spread[unit]),
                "at": first + compared.place(at),
            }
        )
    return units


def _spreads(compared: Compared, sites: Sequence[Site]) -> tuple[Measure, dict[Site, Floats]]:
    """One standard deviation of each unit [units], of the same sort at all sites: else they could not be compared."""
    known = {site: _known(compared.over, site) for site in sites}
    rows = {site: compared.rows(site)[0] for site in sites}
    if known and all(spread is not None for spread in known.values()):
        return "atlas", {site: _floored(spread) for site, spread in known.items() if spread is not None}
    with np.errstate(invalid="ignore", over="ignore"):
        if all(len(values) > 2 for values in rows.values()):
            return "input", {site: _floored(values.std(axis=0)) for site, values in rows.items()}
        return "site", {site: _floored(np.full(site.width, values.std(), np.float32)) for site, values in rows.items()}


def _known(over: Over | None, site: Site) -> Floats | None:
    """Standard deviations of a site's units over the data set; None where it was not scanned."""
    if over is None or site.name not in over.units.index.levels[0]:
        return None
    spread = over.units.loc[site.name]["std"].to_numpy(np.float32)
    return spread if len(spread) == site.width else None


def _floored(spread: Floats) -> Floats:
    """A unit that hardly moves is measured by a share of how its neighbours move."""
    spread = np.nan_to_num(np.asarray(spread, np.float32), nan=0.0, posinf=0.0)
    return np.maximum(spread, max(_LEAST_SHARE * float(np.sqrt(np.mean(spread**2))), _TINY))
