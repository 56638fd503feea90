"""Study of whether the selected unit is one concept or several, with exemplars of each and the units that follow it."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial

from neuronwidget.analysis.steps import IsOvertaken
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.kept import kept
from neuronwidget.widgets.studies.question import About, Answering

#: So many exemplars of each concept are shown, and so many units behind that go with it.
_EACH, _FOLLOWING = 4, 5


def concepts_of(subject: StudySubject, about: About, overtaken: IsOvertaken) -> Answering:
    """How many concepts, how sure that is, and of each its share, its word, its strongest exemplars and who follows it.

    Of the unedited model, as all that the atlas tells.
    """
    from neuronwidget.analysis.concepts.concepts import concept_steps
    from neuronwidget.analysis.concepts.followers import following

    live, unit, atlas = subject.shown.unedited, subject.chosen_unit(), subject.needed_atlas()
    usual = partial(concept_steps, end=None, other=None, data=None, behind=None, edits=(), seed=0)
    steps = partial(usual, live, atlas, unit, overtaken=overtaken)
    concepts = yield from kept(live, atlas, ("concepts", str(unit)), steps)
    kind = kind_of(atlas.input)
    shown = concepts.exemplars
    return {
        "unit": str(unit),
        "number": concepts.number,
        "verdict": concepts.verdict,
        "concepts": [
            {
                "share": readable(float(row["share"])),
                "word": str(row["word"]),
                "exemplars": [
                    kind.brief(exemplar)
                    for _, exemplar in shown[shown["concept"] == row["concept"]].head(_EACH).iterrows()
                ],
                "followers": [
                    [str(one["unit"]), readable(round(float(one["auroc"]), 2))]
                    for one in following(concepts.followers, row["concept"]).head(_FOLLOWING).to_dict("records")
                ],
            }
            for row in concepts.concepts.to_dict("records")
        ],
    }


def concepts_follow_from(subject: StudySubject, _: About) -> Hashable:
    """The unit, whatever the input."""
    return subject.unit, subject.atlas
