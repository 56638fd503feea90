"""What the page asks of edits, made into an edited live model, which is kept while the page asks the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from neuronwidget.live.edits import Edit, EditError
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
    edits: tuple[Edit, ...]
    problems: tuple[EditProblem, ...]

    @classmethod
    def of(cls, live: LiveModel, asked: tuple[ActingEdit, ...]) -> EditedModel:
        """Put the edits on, one after the other; one that cannot act is left out and said."""
        acting: list[ActingEdit] = []
        edits: list[Edit] = []
        problems: list[EditProblem] = []
        for one in asked:
            try:
                edit = edit_of(one)
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


def edit_of(acting: ActingEdit) -> Edit:
    """The edit itself."""
    ask, unit = acting.ask, acting.unit
    if ask.when is not None or ask.amount == "mean":
        raise EditError("Edits on a condition, and to a mean, are not there yet.")

    def change(rows: Tensor) -> Tensor:
        there = torch.zeros(len(rows), dtype=torch.bool)
        places = range(len(rows)) if ask.scope == "all" else [len(rows) - 1] if ask.scope == "last" else ask.scope
        there[[int(place) for place in places if int(place) < len(rows)]] = True
        old = rows[there, unit.index]
        amount = 0.0 if isinstance(ask.amount, str) else ask.amount
        rows[there, unit.index] = old * amount if ask.edit == "scale" else torch.full_like(old, amount)
        return rows

    return Edit(acting.site.name, change)
