"""Dose of the edits of a frame: effect and damage against strength, a batch of inputs at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from neuronwidget.stream.protocol.asks import Dose
from neuronwidget.widgets.frames.edit_questions.long_question import LongQuestion
from neuronwidget.widgets.frames.edit_questions.subject import Subject
from neuronwidget.widgets.frames.readout import readable


class DoseQuestion(LongQuestion):
    """Each step measures a batch of inputs at all strengths."""

    kind = "dose"

    def __init__(self, asked: Dose, subject: Subject, overtaken: Callable[[], bool]) -> None:
        # Only here: whoever edits nothing needs no analyses.
        from neuronwidget.analysis.cause.dose import Dosing

        super().__init__(asked.seq, subject)
        self._dosing = Dosing(subject.live, subject.x, subject.edited.edits, overtaken=overtaken)

    def step(self) -> None:
        self.more = self._dosing.step()

    def answer(self) -> Mapping[str, Any]:
        """How far it is; in the end effect and damage at each of the `strengths`, and where one overtakes the other."""
        from neuronwidget.analysis.cause.dose import crossing, overtaking

        dosing = self._dosing
        done, total = dosing.done
        if done < total:
            return {"progress": [done, total], "verdict": "" if self.more else "Stopped before all was measured."}
        strengths = np.array(dosing.strengths)
        effect, damage = (values.mean(1) for values in dosing.values)
        if not np.isfinite([effect, damage]).all():
            raise ValueError("What the model says is not finite: there is nothing to compare.")
        verdict = overtaking(strengths, effect, damage, dosing.aside.words)
        return {
            "progress": [done, total],
            "strengths": dosing.strengths,
            "effect": effect.tolist(),
            "damage": damage.tolist(),
            "overtaken": readable(crossing(strengths, effect, damage)),
            "verdict": f"{verdict[:1].upper()}{verdict[1:]}",
        }
