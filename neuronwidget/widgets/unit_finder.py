"""Widget that finds units of an atlas by what they did: the UnitFinder."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import traitlets
from traitlets import TraitError

from neuronwidget.analysis.inspect.find import find_units
from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.checks import shorten
from neuronwidget.stream.protocol.shared import FIND_PLACES
from neuronwidget.widgets.base.atlas_widget import AtlasWidget
from neuronwidget.widgets.base.model_widget import ModelWidget
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.atlas_view import saved_finding
from neuronwidget.widgets.saved.bundle import Making, Saved

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from neuronwidget.live.structure.sites import SiteTable


_WANTED: dict[str, type | tuple[type, ...]] = {
    "sites": (str, list, tuple),
    "states": (str, list, tuple),
    "density": (list, tuple),
    "text": (str, re.Pattern),
    "at": str,
    "fires": bool,
    "similar": (str, tuple, Unit),
    "order": str,
}


class UnitFinder(AtlasWidget):
    """A table of units to search: by state, how often they fire, what their exemplars say, what fires here, likeness.

    The row that is chosen is `finder.unit`. `finder.table()` gives all that was found.

    Parameters
    ----------
    atlas
        From `nw.scan` or `nw.open_atlas`.
    live
        An Explorer or another view of a live model: its unit moves with the finder's, and "fires here" speaks of its
        input.

    Attributes
    ----------
    query : dict
        What was looked for last, in the words of `nw.find_units`.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> explorer = nw.explore(live, "def f(x):", atlas=atlas)        # doctest: +SKIP
    >>> nw.UnitFinder(atlas, explorer)                               # doctest: +SKIP
    """

    query = traitlets.Dict().tag(sync=True, echo_update=False)
    has_input = traitlets.Bool(False).tag(sync=True)

    def __init__(self, atlas: AtlasBase, live: LiveModel | ModelWidget | None = None, **traits: Any) -> None:
        has_input = isinstance(live, ModelWidget)
        super().__init__(atlas, live, layout_kind="finder", has_input=has_input, **traits)

    @traitlets.validate("query")
    def _known_query(self, proposal: Any) -> dict[str, Any]:
        query: dict[str, Any] = proposal["value"]
        unknown = sorted(map(str, query.keys() - _WANTED.keys()))
        if unknown:
            raise TraitError(f"query has {', '.join(_WANTED)}, not {shorten(', '.join(unknown))}.")
        for name, value in query.items():
            if value is not None and not isinstance(value, _WANTED[name]):
                raise TraitError(f"query['{name}'] cannot be {shorten(value)}.")
        if query.get("at") and query["at"] not in FIND_PLACES:
            raise TraitError(f"query['at'] is one of {', '.join(FIND_PLACES)}, not {shorten(query['at'])}.")
        return query

    def table(self) -> pd.DataFrame:
        """Table of the units that were found, as `nw.find_units` gives it."""
        return self._found(lambda: False)

    def _found(self, unwanted: Callable[[], bool]) -> pd.DataFrame:
        asked = {name: value for name, value in self.query.items() if value}
        if "text" not in asked:
            asked.pop("at", None)  # the form has it whether a text is looked for or not
        if "density" in asked:
            asked["density"] = tuple(asked["density"])
        if asked.pop("fires", False):
            if self._view is None:
                raise ValueError("There is no input beside the atlas: give the finder an Explorer, live=explorer.")
            shared = [name for name in _names(self.atlas.sites) if name in _names(self._view.live.sites)]
            asked["fires"] = self._view.live.record(self._view.input, sites=shared)
        named = {"state" if name == "states" else name: value for name, value in asked.items()}
        return find_units(self.atlas, **named, unwanted=unwanted)

    def _saved(self, making: Making) -> Saved:
        return saved_finding(self.atlas, self._named.labels, self._found(making.late), self._asked())

    def _at_hand(self) -> Saved:
        what = f"UnitFinder in {self.atlas.model or 'an atlas'}{self._asked()}"
        return Saved(what, (html.title(what),))

    def _asked(self) -> str:
        """What is looked for, in words."""
        return "".join(f", {name} {shorten(value)}" for name, value in self.query.items() if value)


def _names(sites: SiteTable) -> list[str]:
    return [site.name for site in sites]
