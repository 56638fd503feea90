"""Texts as members of a pattern: their tokens around the one at which the marking unit is strongest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from neuronwidget.stream.protocol.checks import readable
from neuronwidget.stream.raster import extremes, fit_scale
from neuronwidget.widgets.frames.frame_pass import Floats
from neuronwidget.widgets.frames.kinds.kind import Members, ShownMembers

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel
    from neuronwidget.live.structure.sites import Unit

#: How many characters of a text are shown, and what part of them stands before the peak.
ROOM, BEFORE = 110, 0.4


@dataclass(frozen=True)
class _Shaded:
    """Tokens of a text, and what the unit does on each."""

    pieces: list[str]
    values: Floats


def members_of_texts(shown: ShownMembers) -> Members:
    """Texts without a model begin at their beginning, and have no shades."""
    texts = [str(text) for text in shown.contents]
    if shown.live is None or shown.unit is None or shown.live.kind != "text":
        return Members([{"pieces": [readable(text, ROOM)]} for text in texts], {}, {})
    each = [_shaded(shown.live, shown.unit, text) for text in texts]
    if not each or any(len(one.pieces) != len(one.values) for one in each):  # a site that speaks of the whole text
        return Members([{"pieces": [readable("".join(one.pieces), ROOM)]} for one in each], {}, {})
    low, high = extremes(np.concatenate([one.values for one in each]))[:2]
    scale = fit_scale(low, high, "linear", None)
    cut = [_around_peak(one) for one in each]
    return Members(
        [{"pieces": [readable(piece) for piece in one.pieces]} for one in cut],
        {"unit": str(shown.unit), "scale": scale.header()},
        {"shades": np.concatenate([one.values for one in cut])},
    )


def _shaded(live: LiveModel, unit: Unit, text: str) -> _Shaded:
    recording = live.record(text, sites=[unit.site])
    values = recording[unit.site][:, unit.index].numpy().astype(np.float32)
    return _Shaded(list(recording.positions), values)


def _around_peak(one: _Shaded) -> _Shaded:
    """So many tokens as find room, around the one of the largest magnitude."""
    strength = np.abs(np.nan_to_num(one.values))
    peak = int(strength.argmax()) if len(strength) else 0
    first = last = peak
    before, after = BEFORE * ROOM, (1 - BEFORE) * ROOM
    while first > 0 and before > 0:
        first -= 1
        before -= len(one.pieces[first])
    while last < len(one.pieces) and after > 0:
        after -= len(one.pieces[last])
        last += 1
    return _Shaded(one.pieces[first:last], one.values[first:last])
