"""Catalog of a live model: what the page must know before it asks anything."""

from __future__ import annotations

from neuronwidget.live.model import LiveModel
from neuronwidget.live.structure.sites import Site
from neuronwidget.stream.protocol.traits import AtlasOffer, Catalog, SiteInfo
from neuronwidget.widgets.frames.kinds.registry import kind_of

_MOST_SITES_LISTED = 400


def catalog(live: LiveModel) -> Catalog:
    """Sites, abilities, and the kind of input; see `Catalog` in `stream/protocol/traits.py`."""
    kind, defaults = kind_of(live.kind), live.sites.defaults
    others = [site for site in live.sites if site not in defaults and site.width > 1]
    if len(defaults) + len(others) > _MOST_SITES_LISTED:
        others = [site for site in others if site.kind != "module"]
    listed: Catalog = {
        "model": live.name,
        "sites": [_info(site) for site in [*defaults, *others]],
        "context": live.context,
        "causal": live.causal is not None,
        "guesses": kind.guesses(live),
        "predicts": live.predicts,
        "measure": "activation",
    }
    if live.predicts == "next" and live.tells_each_token:
        listed["continues"] = True
    if live.directions:
        listed["directions"] = sorted(live.directions)
    if live.edits:
        listed["edits"] = [str(edit) for edit in live.edits]
    if live.output:
        listed["output"] = live.output
    about = kind.info(live)
    return listed if about is None else {**listed, "input": about}


def offer_of(live: LiveModel) -> AtlasOffer:
    """What a view of this model offers while it has no atlas."""
    takes = "" if live.bundled_atlas is None else live.bundled_atlas.takes
    return {"takes": takes, "phase": "offered", "share": None, "left": None, "words": ""}


def _info(site: Site) -> SiteInfo:
    info: SiteInfo = {
        "name": site.name,
        "canonical": site.canonical,
        "kind": site.kind,
        "width": site.width,
        "layer": site.layer,
    }
    return info if site.layout is None else {**info, "grid": None if site.grid is None else list(site.grid)}
