"""One pass of the model for a frame: what was asked, and what the recorded sites did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.live.inputs.text import Tokens
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.stream.protocol.frames import InputHead, Odd
from neuronwidget.stream.raster import Scale, extremes, fit_scale
from neuronwidget.widgets.frames.request import Request

if TYPE_CHECKING:
    from neuronwidget.live.tensor_model import TensorModel
    from neuronwidget.live.token_model import TokenModel

Floats = NDArray[np.float32]
Peaks = dict[Site, tuple[Floats, Floats]]


class Values(dict[Site, Floats]):
    """What each recorded site did: [positions, units]. Looking up one that failed raises what stood in its way."""

    def __init__(self, values: Mapping[Site, Floats], failed: Mapping[Site, Exception] = MappingProxyType({})) -> None:
        super().__init__(values)
        self.failed = failed

    def __missing__(self, site: Site) -> Floats:
        raise self.failed.get(site) or KeyError(site)


@dataclass(frozen=True)
class TextPass:
    """What panels of texts need beside values: the tokens, the window, the token spoken of.

    `hidden` is the stream that goes into the model's head [window's tokens, width], where that was asked for.
    """

    live: TokenModel
    tokens: Tokens
    start: int
    end: int
    token: int | None
    hidden: Tensor | None


@dataclass(frozen=True)
class TensorPass:
    """What panels of pictures and rows need beside values: the input, and class probabilities [classes].

    `problem`: what stood in the way of the probabilities.
    """

    live: TensorModel
    value: Any
    classes: Tensor | None
    problem: Exception | None = None


@dataclass(frozen=True)
class Recorded:
    """What a kind of input recorded for a request.

    `values` [positions, units] of each site; the first `rows_kept` rows of each are those of the pass before. `reused`:
    what the frame's head says of that. `arrays`: of the input itself. `text` or `tensor`: what only texts, or only
    pictures and rows, have.
    """

    values: Values
    seconds: float
    reused: int
    rows_kept: int
    head: InputHead
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    text: TextPass | None = None
    tensor: TensorPass | None = None


@dataclass(frozen=True)
class FramePass:
    """All that panels make parts of. `number` counts the passes of a widget; `peaks` has the ends of each position."""

    live: LiveModel
    request: Request
    recorded: Recorded
    peaks: Peaks
    number: int

    @property
    def values(self) -> Values:
        """What each recorded site did: [positions, units]."""
        return self.recorded.values

    @property
    def text(self) -> TextPass | None:
        return self.recorded.text

    @property
    def tensor(self) -> TensorPass | None:
        return self.recorded.tensor

    @property
    def first(self) -> int:
        """The number of the first position: of a text the first token of the window."""
        return 0 if self.text is None else self.text.start

    def scale(self, site: Site) -> Scale:
        """The colours of a site: between the ends that a person pinned, or such as fit its values here."""
        low, high = self.peaks.get(site, (np.empty(0, np.float32),) * 2)
        ask = self.request.ask
        pinned = ask.pinned if site.name == self.request.site.name else None
        return fit_scale(extremes(low)[0], extremes(high)[1], ask.mode, pinned)

    def trace(self, unit: Unit, site: Site) -> Floats:
        """A unit's values: [positions]."""
        return np.ascontiguousarray(self.values[site][:, unit.index], np.float32)

    def odd(self) -> Odd:
        """How many recorded values are not finite."""
        nan = inf = 0
        for site, values in self.values.items():
            if not all(np.isfinite(peak).all() for peak in self.peaks[site]):
                nan += int(np.isnan(values).sum())
                inf += int(np.isinf(values).sum())
        return {"nan": nan, "inf": inf}


def peaks_of(values: Mapping[Site, Floats], before: Peaks, rows_kept: int) -> Peaks:
    """Lowest and highest value of each site at each position; of rows that were kept they are those of before."""
    peaks = {}
    for site, rows in values.items():
        low, high = before.get(site, (rows[:0, 0], rows[:0, 0]))
        reused = min(rows_kept, len(low))
        fresh = rows[reused:]
        with np.errstate(invalid="ignore"):
            peaks[site] = (
                np.concatenate([low[:reused], fresh.min(axis=1)]),
                np.concatenate([high[:reused], fresh.max(axis=1)]),
            )
    return peaks


def lead_of(site: Site) -> int:
    """How many of a site's first positions lie nowhere in the picture."""
    return 0 if site.layout is None else site.layout.lead
