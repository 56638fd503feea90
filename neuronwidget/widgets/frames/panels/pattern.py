"""Panel of patterns: which of the inputs that a site treats alike the present one belongs to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from neuronwidget.stream.protocol.checks import within
from neuronwidget.stream.protocol.shared import LIMITS
from neuronwidget.widgets.frames.frame_pass import FramePass
from neuronwidget.widgets.frames.panels.panel import Given, Needs, Panel
from neuronwidget.widgets.frames.request import PlacedInputs, Request


@dataclass(frozen=True, slots=True)
class PatternAsk:
    """Request for patterns: how many of the inputs most like this one are named."""

    nearest: int


class Place(TypedDict):
    """Where the input lies at one site; `pattern` is −1 for none, `nearest` holds numbers and names of inputs."""

    site: str
    pattern: int
    membership: float
    x: float
    y: float
    nearest: list[tuple[int, str]]


class PatternPart(TypedDict):
    """A place for each of the sites whose patterns are known, in their order."""

    places: list[Place]


class PatternPanel(Panel[PatternAsk, PatternPart]):
    """Panel of patterns; absent where none are known. Their sites are recorded with all others, in the same pass."""

    name = "pattern"

    @staticmethod
    def read(asked: Mapping[str, Any]) -> PatternAsk:
        return PatternAsk(within(asked, "nearest", 0, LIMITS["nearest"]))

    def needs(self, asked: PatternAsk, request: Request) -> Needs:
        return Needs(tuple(request.table.resolve(patterns.site) for patterns in request.patterns))

    def give(self, asked: PatternAsk, frame_pass: FramePass) -> Given[PatternPart] | None:
        request = frame_pass.request
        places = [_place(asked, frame_pass, patterns) for patterns in request.patterns]
        return Given({"places": places}) if places else None


def _place(asked: PatternAsk, frame_pass: FramePass, patterns: PlacedInputs) -> Place:
    site, both = frame_pass.request.table.resolve(patterns.site), frame_pass.compared
    # A difference of two passes is no input: it is placed as the edited model sees it.
    recorded = both.after if both is not None and both.shows == "difference" else frame_pass.recorded
    values = recorded.values[site]
    if not len(values):
        raise ValueError("There is nothing to place: the input has no positions.")
    placement = patterns.place_values(values, asked.nearest)
    if not math.isfinite(placement.x):
        raise ValueError(f"{patterns.site} gives values that are no numbers: the input has no place in the map.")
    return {
        "site": patterns.site,
        "pattern": placement.pattern,
        "membership": placement.membership,
        "x": placement.x,
        "y": placement.y,
        "nearest": [(number, patterns.name_of(number)) for number in placement.nearest[: asked.nearest]],
    }
