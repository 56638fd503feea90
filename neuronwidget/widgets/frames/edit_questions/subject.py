"""Subject of questions about edits: those of a frame, the live model without them, and the input."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, cast

from neuronwidget.live.model import LiveModel
from neuronwidget.widgets.frames.edited import EditedModel
from neuronwidget.widgets.frames.frame_pass import FramePass
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.frames.kinds.tensors import TensorKind
from neuronwidget.widgets.frames.study_subject import input_of


@dataclass(frozen=True, eq=False)
class Subject:
    """What questions to the edits of frame `seq` are of.

    `x`: what the model saw of the input; `whole`: all of it, where that is a text; `key`: equal for equal inputs.
    """

    seq: int
    live: LiveModel
    edited: EditedModel
    x: Any
    whole: str | None
    key: Hashable

    @classmethod
    def of(cls, live: LiveModel, edited: EditedModel, frame_pass: FramePass) -> Subject | None:
        """Of what a frame was made of; None where the input holds nothing."""
        x, seq, text = input_of(frame_pass.recorded), frame_pass.request.ask.seq, frame_pass.text
        if x is None:
            return None
        if text is not None:
            return cls(seq, live, edited, x, text.tokens.text, (x, text.tokens.text))
        return cls(seq, live, edited, x, None, cast(TensorKind, kind_of(live.kind)).key(x))

    def is_of(self, other: Subject | None) -> bool:
        """Are these the edits and the input of another frame, too?"""
        return other is not None and self.edited is other.edited and self.key == other.key
