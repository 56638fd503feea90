"""Widget with everything about one input, linked: the Explorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.widgets.base.atlas_page import AtlasPage
from neuronwidget.widgets.base.exemplar_traits import ExemplarTraits
from neuronwidget.widgets.base.model_widget import ModelWidget, kind_of_live
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.saved.bundle import Making, Saved

if TYPE_CHECKING:
    from neuronwidget.atlas.base import AtlasBase


class Explorer(ExemplarTraits, AtlasPage, ModelWidget):
    """Everything about one input of a live model: a text that one types in, a picture, a row of a table.

    The selection is shared: what is clicked in the page is `explorer.unit` and `explorer.selection` here, and setting
    them here moves the page. `explorer.table()` gives the traces that are shown as a table.

    Attributes
    ----------
    atlas
        What every unit did over a data set, where an atlas was given.
    picked : list of int
        The rows of `atlas.exemplars(unit)` that are selected; `explorer.selected` has them as a table.
    shown : dict
        How exemplars are shown, as in `ExemplarGrid`.
    """

    def __init__(self, live: LiveModel, x: Any = "", *, atlas: AtlasBase | None = None, **traits: Any) -> None:
        # A widget is sent no more than it shows.
        self.bundle = kind_of_live(live).bundle
        if atlas is not None:
            # Only here: whoever has no atlas needs no pandas.
            from neuronwidget.widgets.answers.answers import AtlasAnswers
            from neuronwidget.widgets.answers.context import AtlasContext
            from neuronwidget.widgets.base.atlas_widget import atlas_info, check_atlas

            self._answers = AtlasAnswers(AtlasContext(check_atlas(atlas), live, self))
            traits["atlas_info"] = atlas_info(atlas)
        traits["view"] = {"order": "strength", **traits.get("view", {})}
        super().__init__(live, x, **{"layout_kind": "explorer", **traits})

    def _saved(self, making: Making) -> Saved:
        live = super()._saved(making)
        making.keep(live)
        if self._answers is None or self.unit is None or making.late():
            return live
        from neuronwidget.widgets.saved.atlas_view import with_atlas

        return with_atlas(live, self.atlas, self.live, self.unit, self.shown["group"])


def explore(live: LiveModel, x: Any = "", *, atlas: AtlasBase | None = None, **traits: Any) -> Explorer:
    """Look into a live model.

    Parameters
    ----------
    live
        `nw.demo("code")`, or `nw.attach(…)` for a model of your own.
    x
        The text, picture or row to begin with. Type, paint or pull in the view to change it.
    atlas
        What every unit did over a data set (`nw.scan`, `nw.open_atlas`): shown beside the input.
    site, unit, pins
        What is shown at first: `site="mlp.2"`, `unit="mlp.2:417"`, `pins=["mlp.1:3"]`. Without a unit, one that varies
        over the text or the picture is chosen.
    labels
        What units are called, `{"mlp.2:417": "inside a string"}`, beside the names that `live.labels` has.

    Returns
    -------
    Explorer, which a notebook shows as the last value of a cell.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> explorer = nw.explore(nw.demo("code"), "def greet(name):")    # doctest: +SKIP
    >>> explorer.unit = "mlp.2:417"                                    # doctest: +SKIP
    """
    explorer = Explorer(live, x, atlas=atlas, **traits)
    if "unit" not in traits:
        explorer.unit = first_unit(live, x, traits.get("site"))
    return explorer


def first_unit(live: LiveModel, x: Any, site: str | None = None) -> Unit | None:
    """A unit to begin with, so that the first picture has colours: one that varies over the text or the picture.

    A bundled model suggests one that can be read. None where nothing can be said yet: no text, or a model that raises,
    which the view will tell.
    """
    if site is None and live.suggested is not None:
        return Unit.parse(live.suggested)
    x = kind_of(live.kind).first(live, x)
    if x is None:
        return None
    place = live.sites.resolve(site) if site else live.sites.defaults[0]
    try:
        values = live.record(x, sites=[place.name])[place.name].nan_to_num(0.0, 0.0, 0.0)
    except Exception:
        return None
    return place.unit(int((values.std(dim=0, correction=0) if len(values) > 1 else values[0].abs()).argmax()))
