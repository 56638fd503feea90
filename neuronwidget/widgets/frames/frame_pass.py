"""One pass of the model for a frame: what was asked, and what the recorded sites did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.live.inputs.text import Tokens
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.stream.protocol.frames import InputHead, Odd
from neuronwidget.stream.raster import Scale, extremes, fit_scale, round_up
from neuronwidget.widgets.frames.edited import ActingEdit
from neuronwidget.widgets.frames.peaks import Peaks
from neuronwidget.widgets.frames.request import Request

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.tensor_model import TensorModel
    from neuronwidget.live.token_model import TokenModel

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]


class Over(Protocol):
    """What units do over a data set, as an atlas has it."""

    @property
    def units(self) -> pd.DataFrame:
        """One row a unit, indexed by (site, unit); `std` is one standard deviation."""


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

    `hidden` is the stream that goes into the model's head [window's tokens, width], where that was asked for. `read`:
    the text that the model did read, where what it did there is shown at the tokens of this one.
    """

    live: TokenModel
    tokens: Tokens
    start: int
    end: int
    token: int | None
    hidden: Tensor | None
    read: TextPass | None = None
    _said: dict[int, Tensor] = field(default_factory=dict, compare=False)

    def logits(self, token: int) -> Tensor:
        """The model's output at a token; without a recorded stream the model runs once more."""
        if token not in self._said:
            self._said[token] = self._logits(token)
        return self._said[token]

    def _logits(self, token: int) -> Tensor:
        live, ids, start, end = self.live, self.tokens.ids, self.start, self.end
        if self.hidden is not None:
            return live.head_logits(self.hidden[token - start])
        if live.predicts == "next":
            return live.logits(ids[start : token + 1], token - start)
        return live.logits(ids[start:end], token - start if live.predicts == "here" else -1)


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
    pictures and rows, have. `lasts`: nobody writes to the values any more.
    """

    values: Values
    seconds: float
    reused: int
    rows_kept: int
    head: InputHead
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    text: TextPass | None = None
    tensor: TensorPass | None = None
    lasts: bool = False

    def trace(self, unit: Unit, site: Site) -> Floats:
        """A unit's values: [positions]."""
        return np.ascontiguousarray(self.values[site][:, unit.index], np.float32)


@dataclass(frozen=True)
class Compared:
    """Two passes, and which is shown: "after", "before" or their "difference".

    Both are over the input, without the edits and with them; or over another input, laid beside it, and over this one
    (`of_inputs`). `paired`: the positions that both have; None: all.
    """

    before: Recorded
    after: Recorded
    shows: str
    edits: tuple[ActingEdit, ...]
    over: Over | None = None
    of_inputs: bool = False
    paired: Indices | None = None

    def rows(self, site: Site) -> tuple[Floats, Floats]:
        """What a site did before and after, at the positions that both have: [positions, units] each."""
        before, after = self.before.values[site], self.after.values[site]
        return (before, after) if self.paired is None else (before[self.paired], after[self.paired])

    def place(self, row: int) -> int:
        """The position of one of these rows."""
        return row if self.paired is None else int(self.paired[row])

    def check_pair(self, place: int) -> None:
        """Refuses a position that only the present input has, in a sentence."""
        if self.shows != "after" and self.paired is not None and place not in self.paired:
            raise LookupError("This token has no counterpart in the other text.")


@dataclass(frozen=True)
class FramePass:
    """Pass of a frame, of which panels make parts. `number` counts a widget's passes; `peaks`: ends of each position.

    Where edits act, `recorded` is what is shown of the passes that are `compared`, and `beside` has the peaks of the
    pass that is not shown.
    """

    live: LiveModel
    request: Request
    recorded: Recorded
    peaks: Peaks
    number: int
    compared: Compared | None = None
    beside: Peaks | None = None

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
    def shows(self) -> str:
        """Which pass is shown; "after" where no edit acts."""
        return "after" if self.compared is None else self.compared.shows

    @property
    def seconds(self) -> float:
        """Time inside the model."""
        both = self.compared
        return self.recorded.seconds if both is None else both.before.seconds + both.after.seconds

    @property
    def before(self) -> Recorded | None:
        """What the model did without the edits, where the edited model is shown."""
        return self.compared.before if self.compared is not None and self.shows == "after" else None

    @property
    def first(self) -> int:
        """The number of the first position: of a text the first token of the window."""
        return 0 if self.text is None else self.text.start

    def scale(self, site: Site) -> Scale:
        """The colours of a site: between the ends that a person pinned, or such as fit its values here.

        Before and after have the same; a difference has its own, around zero.
        """
        ends = [peaks[site] for peaks in (self.peaks, self.beside) if peaks is not None and peaks.has(site)]
        low = min((extremes(lows)[0] for lows, _ in ends), default=0.0)
        high = max((extremes(highs)[1] for _, highs in ends), default=0.0)
        ask = self.request.ask
        if self.shows == "difference":
            end = round_up(max(abs(low), abs(high)))
            return Scale(-end, end, ask.mode)
        pinned = ask.pinned if site.name == self.request.site.name else None
        return fit_scale(low, high, ask.mode, pinned)

    def trace(self, unit: Unit, site: Site) -> Floats:
        """A unit's values: [positions]."""
        return self.recorded.trace(unit, site)

    def odd(self) -> Odd:
        """How many recorded values are not finite."""
        both, nan, inf = self.compared, 0, 0
        for site, rows in self.values.items():
            if not self.peaks.is_finite(site):
                values = rows if both is None or both.paired is None or both.shows == "after" else rows[both.paired]
                nan += int(np.isnan(values).sum())
                inf += int(np.isinf(values).sum())
        return {"nan": nan, "inf": inf}


def lead_of(site: Site) -> int:
    """How many of a site's first positions lie nowhere in the picture."""
    return 0 if site.layout is None else site.layout.lead
