"""Fingerprint of a scan: refuses to resume a folder made from another model, data set or settings."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from neuronwidget.atlas.files.folder import FORMAT, AtlasError, Folder
from neuronwidget.atlas.maps import MapShape
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.corpus.samples import alike, numbers_of
from neuronwidget.live.edits.acts import Copy
from neuronwidget.live.edits.scope import Stretch
from neuronwidget.live.structure.sites import Site
from neuronwidget.version import __version__

if TYPE_CHECKING:
    from neuronwidget.live.edits.binding import Bound
    from neuronwidget.live.model import LiveModel

SITE_FIELDS = ("name", "canonical", "kind", "width", "layer", "per_token")
OTHER = {
    "weights": "other weights",
    "saes": "other weights of a sparse autoencoder",
    "sites": "other sites",
    "settings": "other settings",
}


def fingerprint(live: LiveModel, sites: Sequence[Site], settings: dict[str, Any]) -> dict[str, Any]:
    """What a scan is of, as it stands in the manifest, but for its weights (`Weights.described`)."""
    import safetensors

    parts = {
        "format": FORMAT,
        "model": live.name,
        "sites": [_described(site) for site in sites],
        "settings": settings,
        "sample": prepared_sample(live.inputs),
        "versions": {
            "neuronwidget": __version__,
            "torch": str(torch.__version__),
            "safetensors": safetensors.__version__,
            "python": platform.python_version(),
        },
    }  # fmt: skip
    if live.edits:
        parts["edits"] = [_edit_described(live, one) for one in live.edit_set.bound]
    # As it will be read: JSON has no tuples, and makes one character of two surrogates that follow each other.
    plain: dict[str, Any] = json.loads(json.dumps(parts))
    return plain


def refuse_other(folder: Folder, manifest: dict[str, Any], now: dict[str, Any]) -> None:
    """Raises `AtlasError` where the manifest is not that of a scan with this fingerprint."""
    other = next((key for key in OTHER if key in manifest and manifest[key] != now[key]), None)
    if other is not None:
        what = OTHER[other] + (f" ({manifest[other]} there, {now[other]} now)" if other == "settings" else "")
    elif not _same_edits(manifest.get("edits", []), now.get("edits", [])):
        what = "other edits of the model"
    elif not alike(manifest.get("sample"), now["sample"]):
        what = f"{kind_of(now['settings']['input']).another}: it makes something else of a sample"
    else:
        return
    raise AtlasError(f"{folder.path} holds a scan with {what}. Give another out=, or remove it.")


def _described(site: Site) -> dict[str, Any]:
    description = {key: getattr(site, key) for key in SITE_FIELDS}
    return description if site.layout is None else {**description, "map": MapShape.of(site).describe()}


def _edit_described(live: LiveModel, one: Bound) -> dict[str, Any]:
    """An edit in words, and what it makes of numbers that never change; None where that cannot be told."""
    edit, width = one.edit, one.place.site.width
    count = len(one.act.values) if isinstance(one.act, Copy) else 3
    rows = torch.linspace(-1, 1, count * width, device=live.device).view(count, width)
    try:
        first, again = (numbers_of(one.act(rows.clone(), Stretch(0, count, count, count))) for _ in range(2))
    except Exception:  # a function of any make
        return {"edit": str(edit), "sample": None}
    if edit.units is not None:  # words name the first of many
        first |= numbers_of({"units": torch.tensor(edit.units, dtype=torch.float64)})
        again |= {"units": first["units"]}
    return {"edit": str(edit), "sample": [first] if alike([first], [again]) else None}


def _same_edits(ones: Sequence[Any], others: Sequence[Any]) -> bool:
    return len(ones) == len(others) and all(
        one["edit"] == other["edit"] and alike(one["sample"], other["sample"])
        for one, other in zip(ones, others, strict=True)
    )


def prepared_sample(inputs: Any) -> Any:
    """What the model is given for inputs that never change; None where there is no telling, since it refuses them."""
    try:
        return kind_of(inputs.kind).sample(inputs)
    except Exception:  # a preprocess of any make
        return None
