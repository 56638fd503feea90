"""Widget with everything about one input, linked: the Explorer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from neuronwidget.live.edits.references import References
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol import answers
from neuronwidget.widgets.base.atlas_page import AtlasPage
from neuronwidget.widgets.base.catalog import offer_of
from neuronwidget.widgets.base.exemplar_traits import ExemplarTraits
from neuronwidget.widgets.base.model_widget import ModelWidget, kind_of_live
from neuronwidget.widgets.base.pattern_traits import PatternTraits, Placed, check_patterns
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.saved.bundle import Making, Saved

if TYPE_CHECKING:
    from neuronwidget.analysis.patterns.result import Patterns
    from neuronwidget.atlas.base import AtlasBase
    from neuronwidget.stream.protocol.asks import AtlasAsk
    from neuronwidget.stream.protocol.traits import AtlasInfo, AtlasOffer
    from neuronwidget.widgets.base.atlas_build import AtlasBuild
    from neuronwidget.widgets.results.compare_view import CompareView


class Explorer(ExemplarTraits, PatternTraits, AtlasPage, ModelWidget):
    """Everything about one input of a live model: a text that one types in, a picture, a row of a table.

    The selection is shared: what is clicked in the page is `explorer.unit` and `explorer.selection` here, and setting
    them here moves the page. `explorer.table()` gives the traces that are shown as a table.

    Attributes
    ----------
    atlas
        What every unit did over a data set, where an atlas was given. It can be set, and the page shows it at once:
        `explorer.atlas = nw.open_atlas("atlas/")`.
    patterns
        Inputs that a site treats alike (`nw.patterns`), where they were given: the present input is placed among them.
        They can be set: `explorer.patterns = nw.patterns(explorer.live, data, "mlp.2")`.
    picked : list of int
        The rows of `atlas.exemplars(unit)` that are selected; `explorer.selected` has them as a table.
    shown : dict
        How exemplars are shown, as in `ExemplarGrid`.

    Examples
    --------
    >>> explorer = nw.explore(nw.demo("code"), "x = 1  # a note")              # doctest: +SKIP
    >>> explorer.unit = "state.1:92"                                          # doctest: +SKIP
    """

    #: What the page offers where there is no atlas; see `AtlasOffer`.
    atlas_offer = traitlets.Dict().tag(sync=True)

    _build: AtlasBuild | None = None

    def __init__(
        self,
        live: LiveModel,
        x: Any = "",
        *,
        atlas: AtlasBase | None = None,
        patterns: Patterns | None = None,
        **traits: Any,
    ) -> None:
        # A widget is sent no more than it shows.
        self.bundle = kind_of_live(live).bundle
        if atlas is not None:
            traits["atlas_info"] = self._take_atlas(live, atlas)
        traits["view"] = {"order": "strength", **traits.get("view", {})}
        super().__init__(live, x, **{"layout_kind": "explorer", "atlas_offer": offer_of(live), **traits})
        if patterns is not None:
            self.patterns = patterns

    @property
    def atlas(self) -> AtlasBase:
        """What every unit did over a data set."""
        return super().atlas

    @atlas.setter
    def atlas(self, atlas: AtlasBase) -> None:
        self.atlas_info = dict(self._take_atlas(self.live, atlas))
        if self._builder is not None:
            self._builder.over = atlas

    @property
    def patterns(self) -> Patterns:
        """Inputs that a site treats alike."""
        return self._first()

    @patterns.setter
    def patterns(self, patterns: Patterns) -> None:
        # Only here: whoever has no patterns needs no pandas.
        from neuronwidget.widgets.answers.results.pattern_info import patterns_info

        self._layers = (check_patterns(patterns, self.live),)
        if self._builder is not None:
            self._builder.patterns = (Placed(patterns),)
        self.pattern = None
        self.patterns_info = dict(patterns_info(self._layers, self.live.kind, brief=True))

    def _take_atlas(self, live: LiveModel, atlas: AtlasBase) -> AtlasInfo:
        # Only here: whoever has no atlas needs no pandas.
        from neuronwidget.widgets.answers.answers import AtlasAnswers
        from neuronwidget.widgets.answers.context import AtlasContext
        from neuronwidget.widgets.base.atlas_widget import atlas_info, check_atlas

        self._answers = AtlasAnswers(AtlasContext(check_atlas(atlas), live, self))
        if isinstance(atlas, References):
            live.references = atlas  # what edits take the means of units from
        return atlas_info(atlas)

    def compare_exemplars(self, other: Unit | str | None = None, **settings: Any) -> CompareView:
        """Units that tell the picked exemplars from the unit's others, or the unit's exemplars from those of another.

        The view is linked with this one. `settings`: of `nw.compare`. Few exemplars tell little: pick ten or more.

        Examples
        --------
        >>> explorer.compare_exemplars("mlp.2:9")                                  # doctest: +SKIP
        """
        # Only here: whoever compares nothing need not load what does.
        from neuronwidget.analysis.which.compare.compare import compare
        from neuronwidget.widgets.results.compare_view import CompareView
        from neuronwidget.widgets.results.exemplar_groups import exemplar_groups

        if self.unit is None:
            raise ValueError("No unit is chosen: set .unit.")
        second = None if other is None else self.atlas.resolve(other)
        groups = exemplar_groups(self.atlas, self.unit, self.picked, second)
        return CompareView(compare(self.live, groups, **settings), explorer=self)

    # ---- building it ---------------------------------------------------------------------------------------

    def _ask_atlas(self, ask: AtlasAsk) -> None:
        if ask.question != "build":
            super()._ask_atlas(ask)
            return
        build, live = self._build, self._live
        if ask.params.get("stop") is True:
            if build is not None:
                build.stop()
        elif live is not None and live.bundled_atlas is not None:
            # Only here: whoever builds none need not load what scans.
            from neuronwidget.widgets.base.atlas_build import AtlasBuild

            self._build = build = build or AtlasBuild(live, self._tell_of_build, self._take_built)
            build.start()
        self.send(answers.atlas(ask.seq, ask.question))

    def _tell_of_build(self, offer: AtlasOffer) -> None:
        if self._live is not None:
            self.atlas_offer = dict(offer)

    def _take_built(self, atlas: AtlasBase) -> None:
        if self._live is not None:
            self.atlas = atlas

    def close(self) -> None:
        build, self._build = self._build, None
        if build is not None:
            build.close()
        super().close()
        self._layers = ()

    @property
    def over(self) -> AtlasBase | None:
        return None if self._answers is None else self.atlas

    def _saved(self, making: Making) -> Saved:
        live = super()._saved(making)
        making.keep(live)
        if self._answers is None or self.unit is None or making.late():
            return live
        from neuronwidget.widgets.saved.atlas_view import with_atlas

        return with_atlas(live, self.atlas, self.live, self.unit, self.shown["group"])


def explore(
    live: LiveModel,
    x: Any = "",
    *,
    atlas: AtlasBase | None = None,
    patterns: Patterns | None = None,
    **traits: Any,
) -> Explorer:
    """Look into a live model.

    Parameters
    ----------
    live
        `nw.demo("code")`, or `nw.attach(…)` for a model of your own.
    x
        The text, picture or row to begin with. Type, paint or pull in the view to change it.
    atlas
        What every unit did over a data set (`nw.scan`, `nw.open_atlas`): shown beside the input.
    patterns
        Inputs that a site treats alike (`nw.patterns`): where the present input lies among them is shown. The view
        begins at their site.
    site, unit, pins
        What is shown at first: `site="mlp.2"`, `unit="mlp.2:417"`, `pins=["mlp.1:3"]`. Without a unit, one that varies
        over the text or the picture is chosen.
    labels
        What units are called, beside what `live.labels` says: `{"mlp.2:417": "inside a string"}`; or `nw.Labels` of a
        file, or its path: they become the model's, and what is named in the view is written there.

    Returns
    -------
    Explorer, which a notebook shows as the last value of a cell.

    Examples
    --------
    >>> import neuronwidget as nw
    >>> explorer = nw.explore(nw.demo("code"), "def greet(name):")    # doctest: +SKIP
    >>> explorer.unit = "mlp.2:417"                                    # doctest: +SKIP
    """
    explorer = Explorer(live, x, atlas=atlas, patterns=patterns, **traits)
    if "unit" not in traits:
        explorer.unit = first_unit(live, x, traits.get("site") or _first_site(live, atlas, patterns))
    return explorer


def _first_site(live: LiveModel, atlas: AtlasBase | None, patterns: Patterns | None) -> str | None:
    """The site of the patterns; else the first default one that the atlas has, None where it has the suggested unit."""
    scanned = None if atlas is None else [site.name for site in atlas.sites]
    if patterns is not None and (scanned is None or live.sites.resolve(patterns.site).name in scanned):
        return patterns.site
    if scanned is None:
        return None
    if live.suggested is not None and Unit.parse(live.suggested).site in scanned:
        return None
    return next((site.name for site in live.sites.defaults if site.name in scanned), None)


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
