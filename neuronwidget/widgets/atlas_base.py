"""What views of an atlas alone share: the atlas bundle, and what the page must know at first."""

from __future__ import annotations

from typing import Any

import traitlets
from traitlets import TraitError

from neuronwidget.atlas.atlas import Atlas
from neuronwidget.live.model import LiveModel
from neuronwidget.widgets.atlas_answers import AtlasAnswers
from neuronwidget.widgets.atlas_desk import Desk
from neuronwidget.widgets.atlas_page import AtlasPage
from neuronwidget.widgets.base import ModelWidget
from neuronwidget.widgets.page import STATIC, worker_of


def atlas_info(atlas: Atlas) -> dict[str, Any]:
    """What the page must know of an atlas before it asks anything; `AtlasInfo` in `js/src/atlas/protocol.ts`."""
    done = atlas.manifest["done"]
    return {
        "model": atlas.manifest["model"],
        "input": atlas.input,
        "documents": int(done["documents"]),
        "tokens": int(done["tokens"]),
        "sites": [
            {"name": site.name, "kind": site.kind, "width": site.width, "layer": site.layer} for site in atlas.sites
        ],
    }


def check_atlas(atlas: object) -> Atlas:
    """Refuses what is no atlas in a sentence."""
    if not isinstance(atlas, Atlas):
        raise TypeError(f"{type(atlas).__name__} is not an atlas: give nw.scan(…) or nw.open_atlas('folder').")
    return atlas


class AtlasWidget(AtlasPage):
    """A view of an atlas. With a live model it is answered by that model's worker, for some questions run the model."""

    _esm = STATIC / "atlas.js"
    _css = STATIC / "atlas.css"

    def __init__(
        self, atlas: Atlas, *, live: LiveModel | None = None, view: ModelWidget | None = None, **traits: Any
    ) -> None:
        self._answers = AtlasAnswers(Desk(check_atlas(atlas), live, view))
        super().__init__(worker_of(atlas if live is None else live), atlas_info=atlas_info(atlas), **traits)

    @traitlets.validate("unit")
    def _known_unit(self, proposal: Any) -> Any:
        value = proposal["value"]
        if value is None or self._answers is None:
            return value
        try:
            return self.atlas.sites.unit(value)
        except (KeyError, IndexError, ValueError) as error:
            raise TraitError(str(error.args[0])) from error
