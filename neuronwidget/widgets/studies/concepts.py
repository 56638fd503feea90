"""Study of whether the selected unit is one concept or several, with exemplars of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.course import Course
from neuronwidget.widgets.studies.kept import kept

if TYPE_CHECKING:
    from neuronwidget.analysis.concepts.result import Concepts

#: So many exemplars of each concept are shown.
_EACH = 4


def concepts_of(subject: StudySubject, about: Mapping[str, Any], course: Course) -> dict[str, Any]:
    """How many concepts, how sure that is, and of each its share, its word and its strongest exemplars.

    Of the unedited model, as all that the atlas tells.
    """
    from neuronwidget.analysis.concepts.concepts import concepts

    live, unit, atlas = subject.live.unedited, subject.chosen_unit(), subject.needed_atlas()
    found: Concepts = kept(
        live,
        atlas,
        ("concepts", str(unit)),
        lambda: concepts(live, atlas, unit, behind=[], progress=course.tell, overtaken=course.overtaken),
    )
    kind = kind_of(atlas.input)
    shown = found.exemplars
    return {
        "unit": str(unit),
        "number": found.number,
        "verdict": found.verdict,
        "concepts": [
            {
                "share": readable(float(row["share"])),
                "word": str(row["word"]),
                "exemplars": [
                    kind.brief(exemplar)
                    for _, exemplar in shown[shown["concept"] == row["concept"]].head(_EACH).iterrows()
                ],
            }
            for row in found.concepts.to_dict("records")
        ],
    }
