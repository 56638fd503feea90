"""Study of the patch grid: which position of which layer carries the difference between the two inputs shown."""

from __future__ import annotations

from neuronwidget.analysis.steps import IsOvertaken
from neuronwidget.stream.protocol.checks import wrong
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.question import About, Answering


def grid_of(subject: StudySubject, about: About, overtaken: IsOvertaken) -> Answering:
    """How much of the difference comes back: one row a site of the kind `about["sites"]`, one number a position.

    The input that is shown is given, position by position, what the other input does there.
    """
    from neuronwidget.analysis.cause.patch_grid import patch_grid_steps

    sites = about.get("sites")
    if not isinstance(sites, str):
        raise wrong("sites", "a kind of site", sites)
    if subject.held is None:
        raise LookupError("There is no other input to compare with.")
    grid = yield from patch_grid_steps(subject.shown, subject.held, subject.x, site=sites, overtaken=overtaken)
    rows = [
        {"site": site, "values": [readable(float(value)) for value in cells["recovered"]]}
        for site, cells in grid.cells.groupby("site", sort=False)
    ]
    return {"metric": grid.metric, "rows": rows, "verdict": grid.verdict}
