"""Study of the dose: effect and damage of the edits of a frame against their strength."""

from __future__ import annotations

import numpy as np

from neuronwidget.analysis.steps import IsOvertaken, Step, done_again
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.question import About, Answering


def dose_of(subject: StudySubject, about: About, overtaken: IsOvertaken) -> Answering:
    """Effect and damage at each of the `strengths`, a batch of inputs a step, and where one overtakes the other."""
    # Only here: whoever edits nothing needs no analyses.
    from neuronwidget.analysis.cause.dose import Dosing, crossing, overtaking

    dosing = Dosing(subject.live, subject.x, subject.acting.edits, overtaken=overtaken)
    while (yield from done_again(dosing.step)):
        yield Step(*dosing.done)
    strengths = np.array(dosing.strengths)
    effect, damage = (values.mean(1) for values in dosing.values)
    if not np.isfinite([effect, damage]).all():
        raise ValueError("What the model says is not finite: there is nothing to compare.")
    verdict = overtaking(strengths, effect, damage, dosing.aside.words)
    return {
        "strengths": dosing.strengths,
        "effect": effect.tolist(),
        "damage": damage.tolist(),
        "overtaken": readable(crossing(strengths, effect, damage)),
        "verdict": f"{verdict[:1].upper()}{verdict[1:]}",
    }
