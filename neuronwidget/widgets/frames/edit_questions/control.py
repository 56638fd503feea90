"""Control of edits: the same on random units, and what the comparison says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from neuronwidget.stream.protocol.answers import ControlAnswer
from neuronwidget.stream.protocol.shared import VERSION
from neuronwidget.widgets.errors import TOLD, in_place
from neuronwidget.widgets.frames.edit_questions.subject import Subject

RANDOM = 20


def control(subject: Subject, seq: int, overtaken: Callable[[], bool]) -> ControlAnswer:
    """The answer to a request; raises `Overtaken` where something newer waits."""
    # Only here: whoever edits nothing needs no analyses.
    from neuronwidget.analysis.cause.controls import compare_with_random

    try:
        found = compare_with_random(subject.live, subject.x, subject.edited.edits, n=RANDOM, overtaken=overtaken)
    except TOLD as error:
        return _answer(seq, subject, problem=in_place(error))
    numbers = [found.effect, *found.random]
    if not np.isfinite(numbers).all():
        return _answer(seq, subject, problem="What the model says is not finite: there is nothing to compare.")
    return _answer(
        seq,
        subject,
        effect=float(found.effect),
        random=[float(value) for value in found.random],
        larger=int(found.larger_than),
        verdict=found.verdict[:1].upper() + found.verdict[1:] + ".",
    )


def _answer(seq: int, subject: Subject, **fields: Any) -> ControlAnswer:
    nothing: ControlAnswer = {
        "v": VERSION, "kind": "control", "seq": seq, "of": subject.seq,
        "effect": 0.0, "random": [], "larger": 0, "verdict": "", "problem": None,
    }  # fmt: skip
    return {**nothing, **fields}  # type: ignore[typeddict-item]
