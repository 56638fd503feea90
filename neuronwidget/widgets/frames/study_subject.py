"""Subject of long questions: what the last frame is of, the edits that act in it among that."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.widgets.frames.edited import EditedModel
from neuronwidget.widgets.frames.frame_pass import FramePass, Recorded, TextPass
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.frames.kinds.tensors import TensorKind

if TYPE_CHECKING:
    from neuronwidget.atlas.base import AtlasBase


@dataclass(frozen=True, eq=False)
class StudySubject:
    """Subject of a long question: what frame `seq` is of.

    `live` is the live model of the widget; `shown` the one that the frame shows, edits included; `edited` the edits of
    the page that act on the input, None where none does. `x` is the input as the model reads it, None where it holds
    nothing, and `held` the other one. `unit`: the selected one. `text`: of a text its tokens; `selected`: the place of
    the selected token among them. `atlas`: the one beside it, if there is one.
    """

    seq: int
    live: LiveModel
    shown: LiveModel
    edited: EditedModel | None
    x: Any
    held: Any
    unit: Unit | None
    text: TextPass | None
    selected: int | None
    shows: str
    atlas: AtlasBase | None = None

    @classmethod
    def of(
        cls, live: LiveModel, edited: EditedModel | None, frame_pass: FramePass, atlas: AtlasBase | None = None
    ) -> StudySubject:
        both, request = frame_pass.compared, frame_pass.request
        now = frame_pass.recorded if both is None else both.after
        token, text = request.ask.token, now.text
        inside = text is not None and token is not None and text.start <= token < text.end
        return cls(
            seq=request.ask.seq,
            live=live,
            shown=frame_pass.live,
            edited=edited,
            x=_input_of(now),
            held=None if both is None or not both.of_inputs else _input_of(both.before),
            unit=request.unit,
            text=text,
            selected=token - text.start if inside and text is not None and token is not None else None,
            shows=frame_pass.shows,
            atlas=atlas,
        )

    @property
    def acting(self) -> EditedModel:
        """The edits that act; raises where none does."""
        if self.edited is None:
            raise EditError("No edit acts here: switch one on first.")
        return self.edited

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

    def of_edits(self) -> Hashable:
        """Equal for frames of the same edits and the same input."""
        return self.edited, self._key(self.x), None if self.text is None else self.text.tokens.text

    def of_what_is_shown(self) -> Hashable:
        """Equal for frames that show the same pass over the same input, with the same one beside it."""
        return self.of_edits(), self.shows == "before", self._key(self.held)

    def _key(self, x: Any) -> Hashable:
        return x if x is None or self.text is not None else cast(TensorKind, kind_of(self.live.kind)).key(x)


def _input_of(recorded: Recorded) -> Any:
    """The input of a pass as a live model takes it; of a long text the window. None where it holds nothing."""
    if recorded.text is None:
        return None if recorded.tensor is None else recorded.tensor.value
    text = recorded.text.read or recorded.text
    if text.start == 0 and text.end == len(text.tokens):
        return text.tokens.text or None
    spans = text.tokens.spans[text.start : text.end]
    return text.tokens.text[spans[0][0] : spans[-1][1]] or None if spans else None
