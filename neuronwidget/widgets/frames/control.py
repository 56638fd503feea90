"""Control of the edits that a frame is of: the same edits on random units, and what the comparison says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuronwidget.live.capture import CaptureError
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.errors import AttachError
from neuronwidget.live.model import LiveModel
from neuronwidget.stream.protocol.answers import ControlAnswer
from neuronwidget.stream.protocol.shared import VERSION
from neuronwidget.widgets.errors import words_of
from neuronwidget.widgets.frames.edited import EditedModel
from neuronwidget.widgets.frames.frame_pass import FramePass
from neuronwidget.widgets.frames.subject import input_of

RANDOM = 20


@dataclass(frozen=True)
class Controlled:
    """What a control is of: the edits of frame `seq`, the live model without them, and the input."""

    seq: int
    live: LiveModel
    edited: EditedModel
    x: Any

    @classmethod
    def of(cls, live: LiveModel, edited: EditedModel, frame_pass: FramePass) -> Controlled | None:
        """Of what a frame was made of; None where the input holds nothing."""
        x = input_of(frame_pass.recorded)
        return None if x is None else cls(frame_pass.request.ask.seq, live, edited, x)

    def compare(self, seq: int, overtaken: Callable[[], bool]) -> ControlAnswer:
        """The answer to a request; raises `Overtaken` where something newer waits."""
        # Only here: whoever edits nothing needs no analyses.
        from neuronwidget.analysis.cause.controls import compare_with_random

        try:
            found = compare_with_random(self.live, self.x, self.edited.edits, n=RANDOM, overtaken=overtaken)
        except (AttachError, CaptureError, EditError, LookupError, ValueError) as error:
            return self._answer(seq, problem=words_of(error) or type(error).__name__)
        numbers = [found.effect, *found.random]
        if not np.isfinite(numbers).all():
            return self._answer(seq, problem="What the model says is not finite: there is nothing to compare.")
        verdict = found.verdict[:1].upper() + found.verdict[1:] + "."
        return self._answer(
            seq,
            effect=float(found.effect),
            random=[float(value) for value in found.random],
            larger=int(found.larger_than),
            verdict=verdict,
        )

    def _answer(self, seq: int, **fields: Any) -> ControlAnswer:
        nothing: ControlAnswer = {
            "v": VERSION, "kind": "control", "seq": seq, "of": self.seq,
            "effect": 0.0, "random": [], "larger": 0, "verdict": "", "problem": None,
        }  # fmt: skip
        return {**nothing, **fields}  # type: ignore[typeddict-item]
