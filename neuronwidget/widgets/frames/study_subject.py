"""Subject of questions that take many passes: what the last frame is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.widgets.frames.frame_pass import FramePass, Recorded, TextPass

if TYPE_CHECKING:
    from neuronwidget.atlas.base import AtlasBase


@dataclass(frozen=True)
class StudySubject:
    """The live model that frame `seq` shows, edits included, and the input as it reads it; `held`: the other one.

    `unit`: the selected one. `text`: of a text its tokens; `selected`: the place of the selected token among them.
    `atlas`: the one beside it, if there is one.
    """

    seq: int
    live: LiveModel
    x: Any
    held: Any
    unit: Unit | None
    text: TextPass | None
    selected: int | None
    atlas: AtlasBase | None = None

    @classmethod
    def of(cls, frame_pass: FramePass, atlas: AtlasBase | None = None) -> StudySubject:
        both, request = frame_pass.compared, frame_pass.request
        now = frame_pass.recorded if both is None else both.after
        token, text = request.ask.token, now.text
        inside = text is not None and token is not None and text.start <= token < text.end
        return cls(
            request.ask.seq,
            frame_pass.live,
            input_of(now),
            None if both is None or not both.of_inputs else input_of(both.before),
            request.unit,
            text,
            token - text.start if inside and text is not None and token is not None else None,
            atlas,
        )

    def chosen_unit(self) -> Unit:
        """The selected unit; where none is, a sentence says so."""
        if self.unit is None:
            raise LookupError("No unit is chosen: choose one first.")
        return self.unit

    def needed_atlas(self) -> AtlasBase:
        """The atlas; where there is none, a sentence says so."""
        if self.atlas is None:
            raise LookupError("This asks about a data set, and there is no atlas beside the input.")
        return self.atlas


def input_of(recorded: Recorded) -> Any:
    """The input of a pass as a live model takes it; of a long text the window. None where it holds nothing."""
    if recorded.text is None:
        return None if recorded.tensor is None else recorded.tensor.value
    text = recorded.text.read or recorded.text
    if text.start == 0 and text.end == len(text.tokens):
        return text.tokens.text or None
    spans = text.tokens.spans[text.start : text.end]
    return text.tokens.text[spans[0][0] : spans[-1][1]] or None if spans else None
