"""Files as SAEDashboard writes them: SITE/batch-N.json, each with the units of a batch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neuronwidget.export.dashboard import Json, Window, dashboards
from neuronwidget.export.names import NAME_FILE, unique
from neuronwidget.live.inputs.text import without_surrogates
from neuronwidget.live.structure.sites import Site

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas
    from neuronwidget.live.model import LiveModel


def write(atlas: Atlas, sites: Sequence[Site], out: Path, *, dataset: str | None, live: LiveModel | None) -> None:
    """Write the units of some sites."""
    same = {
        "n_prompts_total": atlas.manifest["done"]["documents"],
        "n_tokens_in_prompt": atlas.manifest["settings"]["window"],
        "dataset": dataset or "",
    }
    for site, name in zip(sites, unique([site.name for site in sites], "."), strict=True):
        folder = out / name
        folder.mkdir(parents=True)
        (folder / NAME_FILE).write_text(without_surrogates(site.name), encoding="utf-8")
        for number, batch in enumerate(dashboards(atlas, site, live)):
            features = [
                {"feature_index": d.unit, **d.fields, **same, "activations": [_activation(w) for w in d.windows]}
                for d in batch
            ]
            content = {
                "model_id": str(atlas.manifest["model"]),
                "layer": site.layer,
                "sae_set": site.name,
                "sae_id_suffix": None,
                "features": features,
            }
            text = without_surrogates(json.dumps(content, ensure_ascii=False, allow_nan=False))
            (folder / f"batch-{number}.json").write_text(text, encoding="utf-8")


def _activation(window: Window) -> Json:
    return {
        "bin_min": window.low,
        "bin_max": window.high,
        "bin_contains": window.share,
        "tokens": window.tokens,
        "values": window.values,
        "qualifying_token_index": window.peak,
    }
