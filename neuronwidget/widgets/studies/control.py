"""Study of the control: the edits of a frame beside the same on random units, and what that says."""

from __future__ import annotations

import numpy as np

from neuronwidget.analysis.steps import IsOvertaken
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.question import About, Answering

RANDOM = 20


def control_of(subject: StudySubject, about: About, overtaken: IsOvertaken) -> Answering:
    """How large the effect of the edits is, and that of the same on each of some random units."""
    # Only here: whoever edits nothing needs no analyses.
    from neuronwidget.analysis.cause.controls import Trial
    from neuronwidget.analysis.cause.measure import KL

    trial = Trial(subject.live, [subject.x], subject.acting.edits, KL)
    controls = yield from trial.steps(RANDOM, 0, overtaken)
    if not np.isfinite([controls.effect, *controls.random]).all():
        raise ValueError("What the model says is not finite: there is nothing to compare.")
    return {
        "effect": float(controls.effect),
        "random": [float(value) for value in controls.random],
        "larger": int(controls.larger_than),
        "verdict": controls.verdict[:1].upper() + controls.verdict[1:] + ".",
    }
