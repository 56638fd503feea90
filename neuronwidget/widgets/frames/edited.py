"""What the page asks of edits, made into an edited live model, which is kept while the page asks the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from neuronwidget.live.edits.edit import BaseEdit
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.edits.kinds import Ablate, Clamp, Scale
from neuronwidget.live.edits.references import References
from neuronwidget.live.edits.scope import when
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site, SiteTable, Unit
from neuronwidget.stream.protocol.edits import EditAsk
from neuronwidget.stream.protocol.frames import EditProblem
from neuronwidget.widgets.errors import words_of


@dataclass(frozen=True)
class ActingEdit:
    """An edit that is on, with its unit looked up; `index`: its place in the list that was asked."""

    index: int
    ask: EditAsk
    unit: Unit
    site: Site


@dataclass(frozen=True, eq=False)
class EditedModel:
    """A live model with those of some edits that can act, and why the others do not."""

    asked: tuple[ActingEdit, ...]
    live: LiveModel
    acting: tuple[ActingEdit, ...]
    edits: tuple[BaseEdit, ...]
    problems: tuple[EditProblem, ...]

    @classmethod
    def of(cls, live: LiveModel, asked: tuple[ActingEdit, ...], data: Any = None) -> EditedModel:
        """Put the edits on, one after the other; one that cannot act is left out and said."""
        acting: list[ActingEdit] = []
        edits: list[BaseEdit] = []
        problems: list[EditProblem] = []
        for one in asked:
            try:
                edit = edit_of(one, data)
                live = live.edited(edit)
            except (EditError, LookupError, ValueError, TypeError) as error:
                problems.append(problem(one.index, error))
            else:
                acting.append(one)
                edits.append(edit)
        return cls(asked, live, tuple(acting), tuple(edits), tuple(problems))


def look_up(asked: Sequence[EditAsk], sites: SiteTable) -> tuple[tuple[ActingEdit, ...], tuple[EditProblem, ...]]:
    """The edits that are on and whose unit is there; of the others why they do not act."""
    acting: list[ActingEdit] = []
    problems: list[EditProblem] = []
    for index, ask in enumerate(asked):
        if not ask.acts:
            continue
        try:
            unit = sites.unit(ask.unit)
            acting.append(ActingEdit(index, ask, unit, sites.resolve(unit.site)))
        except (LookupError, ValueError, TypeError) as error:
            problems.append(problem(index, error))
    return tuple(acting), tuple(problems)


def problem(index: int, error: BaseException) -> EditProblem:
    """Why an edit does not act, in a sentence."""
    return {"index": index, "message": words_of(error) or type(error).__name__}


def edit_of(asked: ActingEdit, data: Any = None) -> BaseEdit:
    """The edit itself; `data`: what a mean comes from, else the live model's own references."""
    ask, unit = asked.ask, str(asked.unit)
    references = data if isinstance(data, References) else None
    condition = None if ask.when is None else when(*ask.when)
    if isinstance(ask.amount, str):
        return Ablate(unit, to=ask.amount, data=references, scope=ask.scope, when=condition)
    kind = {"scale": Scale, "clamp": Clamp}[ask.edit]
    return kind(unit, ask.amount, scope=ask.scope, when=condition)
