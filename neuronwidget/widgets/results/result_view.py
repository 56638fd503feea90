"""Base class of views that show one result, and may be linked with a view of the live model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

import traitlets

from neuronwidget.analysis.result import Result
from neuronwidget.live.labels.labelled import Labelled, LabelledResult
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.worker import Worker
from neuronwidget.widgets.base.model_widget import ModelWidget
from neuronwidget.widgets.base.page import PageWidget
from neuronwidget.widgets.base.traits import EditsTrait, UnitTrait, units_to_json
from neuronwidget.widgets.saved.bundle import Making, Saved

R = TypeVar("R", bound=Result)

#: What both views have alike, beside the unit.
_ALIKE = ("pins", "edits")


class ResultView(PageWidget, Generic[R]):
    """A view of a result. With `explorer` it shares that view's unit, pins and edits, both ways, and its names.

    Without one it takes labels of the model that the result is of, and refuses those of another.

    Attributes
    ----------
    linked : bool
        Is it linked? The page then offers to pin units, to switch them off, and to open inputs there.
    pins : list of Unit
        The units that the linked view follows.
    edits : list of dict
        What is done to units in the linked view; see `Explorer`.
    """

    linked = traitlets.Bool(False).tag(sync=True)
    pins = traitlets.List(UnitTrait(allow_none=False)).tag(sync=True, echo_update=False, to_json=units_to_json)
    edits = EditsTrait().tag(sync=True, echo_update=False)

    _result: R | None = None
    _explorer: ModelWidget | None = None

    def __init__(self, result: R, worker: Worker, explorer: ModelWidget | None = None, **traits: Any) -> None:
        self._result = result
        if explorer is not None:
            traits |= {"pins": explorer.pins, "edits": explorer.edits, "linked": True}
            self._explorer = explorer
        super().__init__(worker, **traits)
        if explorer is not None:
            if self.unit is None:
                self._follow({"name": "unit", "new": explorer.unit})
            else:
                self._lead({"name": "unit", "new": self.unit})
            explorer.observe(self._follow, ["unit", *_ALIKE])

    def _shown(self) -> R:
        """The result; raises once the view is closed."""
        if self._result is None:
            raise RuntimeError("This widget was closed.")
        return self._result

    def _picture(self, result: R) -> Saved:
        """What a saved notebook keeps of the result."""
        raise NotImplementedError

    def _saved(self, making: Making) -> Saved:
        return self._at_hand()

    def _at_hand(self) -> Saved:
        return self._called() if self._result is None else self._picture(self._result)

    def has(self, unit: Unit) -> bool:
        """Does the result say anything of this unit? One that it knows nothing of is not followed."""
        return True

    def _what_is_named(self) -> Labelled:
        if self._explorer is not None:
            return self._explorer.live
        rests_on = self._shown().provenance
        return LabelledResult(rests_on.model, rests_on.weights)

    def known_unit(self, unit: Unit) -> Unit:
        explorer = self._explorer
        return unit if explorer is None else explorer.known_unit(unit)

    def knows_direction(self, name: str) -> bool:
        """Does the linked view steer along a direction of this name?"""
        explorer = self._explorer
        return explorer is not None and explorer.knows_direction(name)

    @traitlets.observe("unit", *_ALIKE)
    def _lead(self, change: Any) -> None:
        """The linked view has it too, while it is there."""
        explorer = self._explorer
        if explorer is None or explorer._live is None:
            return
        name, value = change["name"], change["new"]
        if name != "unit" or (value is not None and _is_of(explorer, value)):
            setattr(explorer, name, value)

    def _follow(self, change: Any) -> None:
        """The linked view has another; a unit that the result knows nothing of leaves this view as it is."""
        name, value = change["name"], change["new"]
        if name != "unit" or (value is not None and self.has(value)):
            setattr(self, name, value)

    def close(self) -> None:
        """Let go of the result and of the linked view; the page keeps its last picture and says so."""
        explorer, self._explorer = self._explorer, None
        if explorer is not None:
            explorer.unobserve(self._follow, ["unit", *_ALIKE])
        super().close()
        self._result = None


def check_explorer(explorer: object, sites: Iterable[str] = ()) -> ModelWidget | None:
    """Refuses what is no view of a live model, or of one that has not these sites, in a sentence."""
    if explorer is None:
        return None
    if not isinstance(explorer, ModelWidget):
        raise TypeError(f"explorer={type(explorer).__name__} is no view of a live model: give nw.explore(live).")
    for site in sites:
        explorer.live.sites.resolve(site)
    return explorer


def _is_of(explorer: ModelWidget, unit: Unit) -> bool:
    try:
        explorer.live.sites.unit(unit)
    except (LookupError, ValueError):
        return False
    return True
