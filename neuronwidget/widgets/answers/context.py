"""Context and reply types for the page's questions to an atlas."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import pandas as pd
from numpy.typing import NDArray

from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.checks import ProtocolError, texts, wrong

if TYPE_CHECKING:
    from neuronwidget.live.recording import Recording

Fields = Mapping[str, Any]
F = TypeVar("F")


@dataclass
class Reply(Generic[F]):
    """Fields that can be written as JSON, and named arrays (uint8, int32, float32) for what is long."""

    fields: F
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)


class View(Protocol):
    """The widget beside an atlas, as far as questions are concerned."""

    @property
    def input(self) -> Any:
        """The input that it shows."""


class AtlasContext:
    """An atlas, the live model beside it and the view of that, where there are any.

    Attributes
    ----------
    atlas
        What is asked about.
    live
        The live model, or None.
    view
        The widget whose input, unit and selection stand beside the atlas, or None.
    recorded
        What the model did on the view's input, where it was recorded for this question already.
    unwanted
        Is the answer not wanted any more? Asked while a search goes on.
    apply
        Puts an exemplar (unit, row) or all of its document (True) where Python wants it and says where that is; None
        where nobody wants it.
    """

    def __init__(self, atlas: AtlasBase, live: LiveModel | None = None, view: View | None = None) -> None:
        self.atlas, self.live, self.view = atlas, live, view
        self.apply: Callable[[Unit, int, bool], str] | None = None
        self.recorded: Recording | None = None
        self.unwanted: Callable[[], bool] = lambda: False
        self._last: tuple[Unit, pd.DataFrame] | None = None

    def searching(self, recorded: Recording | None, unwanted: Callable[[], bool]) -> AtlasContext:
        """The context for one search, on a thread of its own."""
        context = copy.copy(self)
        context.recorded, context.unwanted = recorded, unwanted
        return context

    def record(self, params: Fields) -> Recording:
        """The view's input at the sites of the atlas, or at those that a search names. Runs the model."""
        if self.live is None or self.view is None:
            raise ProtocolError(
                "There is no input beside the atlas: give the finder an Explorer, live=explorer.",
                "Change what is looked for.",
            )
        there = {site.name for site in self.live.sites}
        shared = [site.name for site in self.atlas.sites if site.name in there]
        wanted = [self.atlas.sites.resolve(name).name for name in texts(params, "sites")]
        return self.live.record(self.view.input, sites=[name for name in shared if not wanted or name in wanted])

    def unit(self, params: Fields) -> Unit:
        """The unit that a question names; refuses what the atlas does not have."""
        name = params.get("unit")
        if not isinstance(name, str):
            raise wrong("unit", "a unit's name", name)
        return self.atlas.resolve(name)

    def exemplars(self, unit: Unit) -> pd.DataFrame:
        """All exemplars of a unit; those of the unit asked for last are kept, because pages are asked one by one."""
        last = self._last
        if last is None or last[0] != unit:
            self._last = last = (unit, self.atlas.exemplars(unit))
        return last[1]
