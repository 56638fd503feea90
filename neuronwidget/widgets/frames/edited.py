"""Edited live model of what the page asks of edits, kept while the page asks the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.live.edits.edit import BaseEdit
from neuronwidget.live.edits.errors import EditError
from neuronwidget.live.edits.kinds import Ablate, Clamp, Scale, Steer
from neuronwidget.live.edits.references import References
from neuronwidget.live.edits.scope import when
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site, Unit
from neuronwidget.stream.protocol.edits import EditAsk
from neuronwidget.stream.protocol.frames import EditProblem
from neuronwidget.widgets.errors import words_of

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class ActingEdit:
    """An edit that is on, with its unit looked up; `index`: its place in the list that was asked.

    Of steering `along` is the direction [units of the site], and there is no one unit that is edited.
    """

    index: int
    ask: EditAsk
    unit: Unit | None
    site: Site
    along: Tensor | None = field(default=None, compare=False)

    def values(self, rows: Floats) -> Floats:
        """What is edited at each position, of what its site did [positions, units]."""
        if self.along is None:
            assert self.unit is not None
            return rows[:, self.unit.index]
        values: Floats = rows @ (self.along / self.along.norm().clamp_min(1e-30)).numpy()
        return values


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


def look_up(asked: Sequence[EditAsk], live: LiveModel) -> tuple[tuple[ActingEdit, ...], tuple[EditProblem, ...]]:
    """The edits that are on and whose unit is there; of the others why they do not act."""
    acting: list[ActingEdit] = []
    problems: list[EditProblem] = []
    for index, ask in enumerate(asked):
        if not ask.acts:
            continue
        try:
            acting.append(_acting(index, ask, live))
        except (EditError, LookupError, ValueError, TypeError) as error:
            problems.append(problem(index, error))
    return tuple(acting), tuple(problems)


def _acting(index: int, ask: EditAsk, live: LiveModel) -> ActingEdit:
    if ask.edit != "steer":
        unit = live.sites.unit(ask.unit)
        return ActingEdit(index, ask, unit, live.sites.resolve(unit.site))
    # Only here: whoever does not steer needs no analyses.
    from neuronwidget.analysis.directions.output_weights import written_by

    named = live.directions.get(ask.unit)
    if named is None:
        return ActingEdit(index, ask, None, *written_by(live, live.sites.unit(ask.unit)))
    site, along = getattr(named, "site", None), getattr(named, "direction", None)
    if not isinstance(site, str) or not isinstance(along, Tensor):
        raise EditError(f"live.directions[{ask.unit!r}] is no direction: give what nw.difference makes of two groups.")
    return ActingEdit(index, ask, None, live.sites.resolve(site), along.detach().float().cpu())


def problem(index: int, error: BaseException) -> EditProblem:
    """Why an edit does not act, in a sentence."""
    return {"index": index, "message": words_of(error) or type(error).__name__}


def edit_of(asked: ActingEdit, data: Any = None) -> BaseEdit:
    """The edit itself; `data`: what a mean comes from, else the live model's own references."""
    ask, unit = asked.ask, str(asked.unit)
    references = data if isinstance(data, References) else None
    condition = None if ask.when is None else when(*ask.when)
    if asked.along is not None:
        strength = float(ask.amount)
        return Steer(asked.site.name, asked.along, strength, data=references, scope=ask.scope, when=condition)
    if isinstance(ask.amount, str):
        return Ablate(unit, to=ask.amount, data=references, scope=ask.scope, when=condition)
    kind = {"scale": Scale, "clamp": Clamp}[ask.edit]
    return kind(unit, ask.amount, scope=ask.scope, when=condition)
