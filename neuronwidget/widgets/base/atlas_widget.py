"""Base class of views of an atlas alone, and what their page must know at first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import traitlets
from traitlets import TraitError

from neuronwidget.atlas.base import AtlasBase
from neuronwidget.live.labels.labelled import Labelled
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Unit
from neuronwidget.stream.protocol.traits import AtlasInfo
from neuronwidget.widgets.answers.answers import AtlasAnswers
from neuronwidget.widgets.answers.context import AtlasContext
from neuronwidget.widgets.base.atlas_page import AtlasPage
from neuronwidget.widgets.base.model_widget import ModelWidget
from neuronwidget.widgets.base.page import worker_of
from neuronwidget.widgets.errors import words_of
from neuronwidget.widgets.frames.kinds.registry import kind_of
from neuronwidget.widgets.saved import html
from neuronwidget.widgets.saved.bundle import Saved


def atlas_info(atlas: AtlasBase) -> AtlasInfo:
    """What the page must know of an atlas before it asks anything; `AtlasInfo` in `stream/protocol/traits.py`."""
    documents, tokens = atlas.size
    info: AtlasInfo = {
        "model": atlas.model or "",
        "input": atlas.input,
        "documents": documents,
        "tokens": tokens,
        "sites": [
            {"name": site.name, "kind": site.kind, "width": site.width, "layer": site.layer} for site in atlas.sites
        ],
    }
    return {**info, "about": atlas.about} if atlas.about else info


def check_atlas(atlas: object) -> AtlasBase:
    """Refuses what is no atlas in a sentence."""
    if not isinstance(atlas, AtlasBase):
        swapped = " The atlas comes before the live model here." if isinstance(atlas, (LiveModel, ModelWidget)) else ""
        raise TypeError(f"{type(atlas).__name__} is not an atlas: give nw.scan(…) or nw.open_atlas('folder').{swapped}")
    return atlas


class AtlasWidget(AtlasPage):
    """A view of an atlas, which may be linked to a view of a live model: then both have the same unit.

    With a live model its worker answers, for some questions run the model.
    """

    _view: ModelWidget | None = None

    def __init__(self, atlas: AtlasBase, live: LiveModel | ModelWidget | None = None, **traits: Any) -> None:
        check_atlas(atlas)
        view = live if isinstance(live, ModelWidget) else None
        model = live.live if isinstance(live, ModelWidget) else live
        if model is not None and not isinstance(model, LiveModel):
            raise TypeError(f"live={type(live).__name__} is neither a live model nor a view of one.")
        # A widget is sent no more than it shows.
        self.bundle = kind_of(atlas.input).bundle
        self._view = view
        self._answers = AtlasAnswers(AtlasContext(atlas, model, view))
        super().__init__(worker_of(atlas if model is None else model), atlas_info=atlas_info(atlas), **traits)
        if view is not None:
            if self.unit is None:
                self._follow({"new": view.unit})
            view.observe(self._follow, "unit")

    @traitlets.validate("unit")
    def _known_unit(self, proposal: Any) -> Any:
        value = proposal["value"]
        if value is None or self._answers is None:
            return value
        try:
            return self.atlas.resolve(value)
        except (KeyError, IndexError, ValueError) as error:
            raise TraitError(words_of(error)) from error

    def _what_is_named(self) -> Labelled:
        assert self._answers is not None
        context = self._answers.context
        return context.atlas if context.live is None else context.live

    def known_unit(self, unit: Unit) -> Unit:
        return unit if self._answers is None else _unit_of(self.atlas.resolve, unit) or unit

    @traitlets.observe("unit")
    def _moves_view(self, change: Any) -> None:
        view = self._view
        live = None if view is None else view._live
        if view is not None and live is not None and (unit := _unit_of(live.sites.unit, change["new"])) is not None:
            view.unit = unit

    def _follow(self, change: Any) -> None:
        """The linked view has another unit; one that was not scanned leaves this one as it is."""
        if self._answers is not None and (unit := _unit_of(self.atlas.resolve, change["new"])) is not None:
            self.unit = unit

    def _at_hand(self) -> Saved:
        """Which view of which atlas it is."""
        unit = "" if self.unit is None else f" · unit {self.unit}"
        what = f"{type(self).__name__} of {self.atlas.model or 'an atlas'}{unit}"
        return Saved(what, (html.title(what),))

    def close(self) -> None:
        """Let go of the atlas and of the linked view; the page keeps its last picture and says so."""
        view, self._view = self._view, None
        if view is not None:
            view.unobserve(self._follow, "unit")
        super().close()


def _unit_of(look_up: Callable[[Unit], Unit], unit: Unit | None) -> Unit | None:
    """The unit, where there is one of that name."""
    try:
        return None if unit is None else look_up(unit)
    except (KeyError, IndexError, ValueError):
        return None
