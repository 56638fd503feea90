"""Finds units of an atlas by what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from neuronwidget.atlas.atlas import Atlas
from neuronwidget.atlas.finder import find_units
from neuronwidget.live.model import LiveModel
from neuronwidget.widgets.atlas_base import AtlasWidget
from neuronwidget.widgets.base import ModelWidget

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.sites import SiteTable, Unit


class UnitFinder(AtlasWidget):
    """A table of units to search: by state, how often they fire, what their exemplars say, what fires here, likeness.

    The row that is chosen is `finder.unit`. `finder.frame()` gives all that was found.

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

    def __init__(self, atlas: Atlas, live: LiveModel | ModelWidget | None = None, **traits: Any) -> None:
        view = live if isinstance(live, ModelWidget) else None
        model = view.live if view is not None else live
        if model is not None and not isinstance(model, LiveModel):
            raise TypeError(f"live={type(live).__name__} is neither a live model nor a view of one.")
        self._view = view
        super().__init__(
            atlas, live=model, view=view, layout_kind="finder", has_input=view is not None, **traits
        )  # fmt: skip
        if view is not None:
            self._follow({"new": view.unit})
            view.observe(self._follow, "unit")

    @traitlets.observe("unit")
    def _moves_view(self, change: Any) -> None:
        view, unit = self._view, change["new"]
        if view is None or unit is None or view.unit == unit or view._live is None:
            return
        if unit.site in _names(view.live.sites):
            view.unit = unit

    def _follow(self, change: Any) -> None:
        """The linked view has another unit; one that was not scanned leaves the finder as it is."""
        unit: Unit | None = change["new"]
        if unit is not None and self._answers is not None and unit.site in _names(self.atlas.sites):
            self.unit = unit

    def frame(self) -> pd.DataFrame:
        """All that was found, as `nw.find_units` gives it."""
        asked = {name: value for name, value in self.query.items() if value}
        if "density" in asked:
            asked["density"] = tuple(asked["density"])
        if asked.pop("fires", False):
            if self._view is None:
                raise ValueError("There is no input beside the atlas: give the finder an Explorer, live=explorer.")
            known = [name for name in _names(self.atlas.sites) if name in _names(self._view.live.sites)]
            asked["fires"] = self._view.live.record(self._view.input, sites=known)
        return find_units(
            self.atlas, **{"state" if name == "states" else name: value for name, value in asked.items()}
        )  # fmt: skip

    def close(self) -> None:
        """Let go of the atlas and of the linked view."""
        view, self._view = self._view, None
        if view is not None:
            view.unobserve(self._follow, "unit")
        super().close()


def _names(sites: SiteTable) -> list[str]:
    return [site.name for site in sites]
