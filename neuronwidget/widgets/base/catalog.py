"""What the page must know of a model before it asks anything."""

from __future__ import annotations

from typing import Any

from neuronwidget.live.inputs.image import ImageInputs
from neuronwidget.live.inputs.table import TableInputs
from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site
from neuronwidget.stream.protocol.answers import Catalog, ImageInfo, SiteInfo, TableInfo

_MOST_SITES_LISTED = 400


def catalog(live: LiveModel) -> Catalog:
    """Sites, abilities, and the kind of input; see `Catalog` in `stream/answers.py`."""
    defaults = live.sites.defaults
    others = [site for site in live.sites if site not in defaults and site.width > 1]
    if len(defaults) + len(others) > _MOST_SITES_LISTED:
        others = [site for site in others if site.kind != "module"]
    found: Catalog = {
        "model": live.name,
        "sites": [_info(site) for site in [*defaults, *others]],
        "context": live.context,
        "causal": live.causal is not None,
        "guesses": bool(live.predicts) and live.inputs.kind == "text",
        "predicts": live.predicts,
        "measure": "activation",
    }
    about = _input(live)
    return found if about is None else {**found, "input": about}


def _info(site: Site) -> SiteInfo:
    info: SiteInfo = {
        "name": site.name,
        "canonical": site.canonical,
        "kind": site.kind,
        "width": site.width,
        "layer": site.layer,
    }
    return info if site.layout is None else {**info, "grid": None if site.grid is None else list(site.grid)}


def _input(live: Any) -> ImageInfo | TableInfo | None:
    """The kind of input, where it is no text; `classes` only where the model tells them."""
    inputs = live.inputs
    if isinstance(inputs, ImageInputs):
        height, width = inputs.size
        picture: ImageInfo = {
            "kind": "image",
            "height": height,
            "width": width,
            "channels": inputs.channels,
            "classes": live.class_names or None,
            "gallery": len(inputs.gallery),
        }
        return picture
    if isinstance(inputs, TableInputs):
        table: TableInfo = {
            "kind": "table",
            "columns": [column.describe() for column in inputs.columns],
            "classes": live.class_names or None,
        }
        return table
    return None
