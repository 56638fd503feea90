"""Study of what the selected unit reads over an atlas' texts, and what that says of it at each token shown."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.steps import IsOvertaken, Steps
from neuronwidget.widgets.frames.readout import readable
from neuronwidget.widgets.frames.study_subject import StudySubject
from neuronwidget.widgets.studies.kept import kept
from neuronwidget.widgets.studies.question import About, Answering

if TYPE_CHECKING:
    from neuronwidget.analysis.which.context.result import Context
    from neuronwidget.analysis.which.context.tables import Tables

#: Of so many tokens: an answer while somebody rests.
_MOST = 20_000
#: What the page shows, in this order, and what it is called there.
_SHOWN = {"token": "token", "bigram": "two tokens", "position": "position"}


@dataclass(frozen=True)
class _Answer:
    """The answer, the tables for what is shown, and how much the unit varies."""

    context: Context
    tables: Tables
    std: float


def context_of(subject: StudySubject, about: About, overtaken: IsOvertaken) -> Answering:
    """Shares of variance by table, and what each table says at each token of the input that is shown.

    Of the unedited model, as all that the atlas tells.
    """
    live, unit, atlas = subject.shown.unedited, subject.chosen_unit(), subject.needed_atlas()
    answer = yield from kept(live, atlas, ("context", str(unit)), lambda: _answer(subject, overtaken))
    rows = answer.context.by.set_index("by")
    return {
        "unit": str(unit),
        "said": answer.context.said,
        "verdict": answer.context.verdict,
        "by": [
            {
                "table": by,
                "name": name,
                "r2": readable(round(float(rows["r2"][by]), 2)),
                "says": answer.context.says(by),
            }
            for by, name in _SHOWN.items()
        ],
        "told": _told(subject, answer.tables),
        "std": readable(answer.std),
    }


def context_follows_from(subject: StudySubject, _: About) -> Hashable:
    """The unit, and the input that it is told of."""
    return subject.of_what_is_shown(), subject.unit, subject.atlas


def _answer(subject: StudySubject, overtaken: IsOvertaken) -> Steps[_Answer]:
    from neuronwidget.analysis.which.context.context import context_steps

    live, unit, atlas = subject.shown.unedited, subject.chosen_unit(), subject.needed_atlas()
    told = yield from context_steps(live, atlas, [unit], most=_MOST, overtaken=overtaken)
    return _Answer(told.result, told.tables(), float(told.values.std()))


def _told(subject: StudySubject, tables: Tables) -> list[list[Any]]:
    """By table, what it says at each token [tables][tokens]."""
    text = subject.text
    if text is None:
        return []
    ids = np.array(text.tokens.ids[text.start : text.end], np.int64)
    places = tables.find(ids, np.concatenate([[-1], ids[:-1]])[: len(ids)], np.arange(len(ids)))
    return [[readable(float(f"{value:.4g}")) for value in tables.told(by, places)[:, 0]] for by in _SHOWN]
