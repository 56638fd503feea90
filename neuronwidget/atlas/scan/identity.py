"""What a scan is of: a folder that holds one of something else is refused."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from neuronwidget.atlas.files.folder import FORMAT, AtlasError, Folder
from neuronwidget.atlas.maps import MapShape
from neuronwidget.live.adapters.sae import Features
from neuronwidget.live.inputs.image import ImageInputs
from neuronwidget.live.inputs.table import Category, TableInputs
from neuronwidget.live.structure.sites import Site
from neuronwidget.version import __version__

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

SITE_FIELDS = ("name", "canonical", "kind", "width", "layer", "per_token")
OTHER = {
    "weights": "other weights",
    "saes": "other weights of a sparse autoencoder",
    "sites": "other sites",
    "settings": "other settings",
}
OTHER_SAMPLE = {"text": "another tokenizer", "image": "another preprocess=", "table": "another way to prepare a row"}
#: Of a large tensor of a prepared sample so many values are kept, of a small one all.
_POINTS, _SMALL = 16, 64


def fingerprint(live: LiveModel, sites: Sequence[Site], settings: dict[str, Any]) -> dict[str, Any]:
    """What a scan is of, as it stands in the manifest."""
    import safetensors

    saes = {site.name: site.read.sae for site in sites if isinstance(site.read, Features)}
    known = {
        "format": FORMAT,
        "model": live.name,
        "weights": weights_digest(live.module),
        "saes": {name: weights_digest(sae) for name, sae in saes.items() if isinstance(sae, nn.Module)},
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
    # As it will be read: JSON has no tuples, and makes one character of two surrogates that follow each other.
    found: dict[str, Any] = json.loads(json.dumps(known))
    return found


def refuse_other(folder: Folder, manifest: dict[str, Any], now: dict[str, Any]) -> None:
    """Raises `AtlasError` where the manifest is not that of a scan with this fingerprint."""
    other = next((key for key in OTHER if key in manifest and manifest[key] != now[key]), None)
    if other is not None:
        what = OTHER[other] + (f" ({manifest[other]} there, {now[other]} now)" if other == "settings" else "")
    elif not _alike(manifest.get("sample"), now["sample"]):
        what = f"{OTHER_SAMPLE[now['settings']['input']]}: it makes something else of a sample"
    else:
        return
    raise AtlasError(f"{folder.path} holds a scan with {what}. Give another out=, or remove it.")


def weights_digest(module: nn.Module) -> str:
    """A checksum over names, shapes and values of all parameters and buffers."""
    digest = hashlib.sha256()
    for name, tensor in sorted(module.state_dict().items()):
        if isinstance(tensor, torch.Tensor):
            values = tensor.detach().cpu().contiguous()
            digest.update(f"{name} {values.dtype} {list(values.shape)}\n".encode(errors="surrogatepass"))
            digest.update(values.flatten().view(torch.uint8).numpy().tobytes() if values.numel() else b"")
    return digest.hexdigest()


def _described(site: Site) -> dict[str, Any]:
    known = {key: getattr(site, key) for key in SITE_FIELDS}
    return known if site.layout is None else {**known, "map": MapShape.of(site).describe()}


# ---- what becomes of an input ----------------------------------------------------------------------------------------


def prepared_sample(inputs: Any) -> Any:
    """What the model is given for samples that never change: a checksum of tokens, or numbers out of tensors by name.

    That tells one `preprocess` from another, also where its code says nothing: a function that reads a variable. None
    where there is no telling: it does not take the samples, or draws at random.
    """
    try:
        if not isinstance(inputs, (ImageInputs, TableInputs)):
            tokens = inputs.tokens(inputs.sample)
            return hashlib.sha256(json.dumps([tokens.ids, tokens.pieces]).encode()).hexdigest()
        samples = list(_pictures(inputs) if isinstance(inputs, ImageInputs) else _rows(inputs))
        first, again = ([_numbers(inputs.prepare(sample)) for sample in samples] for _ in range(2))
        return first if _alike(first, again) else None
    except Exception:
        return None


def _pictures(inputs: ImageInputs) -> Iterator[Any]:
    source = np.random.default_rng(0)
    for _ in range(2):
        yield source.integers(0, 256, (*inputs.size, 3), np.uint8)


def _rows(inputs: TableInputs) -> Iterator[Any]:
    """Two rows that do not depend on the ranges of the columns."""
    for value in (1.0, 2.5):
        yield {
            column.name: column.values[-1] if isinstance(column, Category) else value + number / 8
            for number, column in enumerate(inputs.columns)
        }


def _numbers(prepared: Any) -> dict[str, list[float]]:
    """Mean, deviation and some values of each tensor."""
    named = prepared if isinstance(prepared, Mapping) else {"": prepared}
    found = {}
    for name, tensor in named.items():
        values = tensor.detach().cpu().double().flatten().nan_to_num()
        kept = np.arange(len(values))
        if len(values) > _SMALL:
            kept = np.random.default_rng(0).integers(0, len(values), _POINTS)
        whole = [float(values.mean()), float(values.std(correction=0))]
        found[str(name)] = [*whole, *values[torch.from_numpy(kept)].tolist()]
    return found


def _alike(one: Any, other: Any) -> bool:
    """Do two samples tell of the same preparation, or nothing at all? Other processors have other last bits."""
    if one is None or other is None:
        return True
    if isinstance(one, str) or isinstance(other, str):
        return bool(one == other)
    return len(one) == len(other) and all(
        a.keys() == b.keys() and all(_near(a[name], b[name]) for name in a) for a, b in zip(one, other, strict=True)
    )


def _near(one: list[float], other: list[float]) -> bool:
    typical = float(np.median(np.abs(one[2:] or [0.0])))
    return len(one) == len(other) and bool(np.allclose(one, other, rtol=1e-5, atol=1e-6 * typical))
