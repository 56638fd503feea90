"""Atlases in the formats of other tools: files as SAEDashboard writes them, and as Neuronpedia takes in bulk.

Fields that an atlas does not know (weights, logits, correlations with neurons, the share of values in an interval) are
left out. `imported` reads both formats.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.atlas.counts import COUNTS
from neuronwidget.atlas.exemplars import STRATA
from neuronwidget.atlas.store import AtlasError
from neuronwidget.live.inputs.text import without_surrogates
from neuronwidget.live.sites import Site, Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.atlas import Atlas

FORMATS = ("neuronpedia", "saedashboard")
BATCH = 256
Json = dict[str, Any]


def export(
    atlas: Atlas,
    out: str | os.PathLike[str],
    format: str = "neuronpedia",  # noqa: A002 - the word people know
    *,
    sites: Sequence[str] | None = None,
    dataset: str | None = None,
) -> Path:
    """Write an atlas of texts for another tool.

    Parameters
    ----------
    out
        A folder that does not exist yet, or is empty. It appears when everything is written. Lone surrogates, which no
        file of text holds, are written as U+FFFD.
    format
        "neuronpedia": v1/MODEL/SOURCE/ with features, activations and what they belong to, as JSON lines; a site is a
        source. "saedashboard": SITE/batch-N.json.
    sites
        Those to write; all that have a value for each token by default.
    dataset
        What the data are called, where the format has a place for that.

    Of the exemplars, "top" and "intervals" are written: the formats have no words for the others.
    """
    if format not in FORMATS:
        raise ValueError(f"There is no format {format!r}; there are {', '.join(FORMATS)}.")
    if atlas.input != "text":
        raise AtlasError("Both formats are made for texts: an atlas of pictures or rows cannot be written in them.")
    target = Path(os.path.realpath(out))  # a link may stand for the folder
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise FileExistsError(f"{target} exists already. Give a new folder.")
    temporary = _new_folder(target)
    write = _write_neuronpedia if format == "neuronpedia" else _write_saedashboard
    try:
        for site in _chosen(atlas, sites):
            write(atlas, site, temporary, dataset)
        if target.exists():
            target.rmdir()
        temporary.replace(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return Path(out)


def _new_folder(beside: Path) -> Path:
    """A new empty folder, under a name that nothing has."""
    beside.parent.mkdir(parents=True, exist_ok=True)
    while True:
        found = beside.with_name(f".{beside.name}.{secrets.token_hex(4)}.tmp")
        try:
            found.mkdir()
        except FileExistsError:
            continue
        return found


def source_id(site: Site) -> str:
    """What a site is called as a source: `2-mlp` for `mlp.2`."""
    return f"{site.layer}-{site.kind}" if site.name == f"{site.kind}.{site.layer}" else file_name(site.name)


def file_name(name: str) -> str:
    """A name that can be a folder's everywhere, and of one folder only."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-") or "unnamed"


def _chosen(atlas: Atlas, sites: Sequence[str] | None) -> list[Site]:
    if sites is None:
        found = [site for site in atlas.sites if site.per_token]
    else:
        found = [atlas.sites.resolve(name) for name in sites]
    whole = [site.name for site in found if not site.per_token]
    if whole or not found:
        named = ", ".join(whole) or "Each site"
        raise AtlasError(f"{named} has one value for a whole text; both formats hold one for each token.")
    return found


# ---- what both have --------------------------------------------------------------------------------------------------


def _features(atlas: Atlas, site: Site) -> Iterator[tuple[int, Json, list[Json]]]:
    """Number, statistics and exemplars of each unit of a site, in SAEDashboard's words, with "highest", "document"."""
    columns = atlas.read(site.name, (*COUNTS, "min", "max", "peak_low", "peak_high"))
    for unit in range(site.width):
        one = {name: column[unit].item() for name, column in columns.items()}
        feature: Json = {}
        if one["seen"]:
            feature["frac_nonzero"] = one["active"] / one["seen"]
        if np.isfinite(one["max"]):
            feature["highest"] = one["max"]
        feature |= _histogram(atlas.histogram(Unit(site.name, unit)), one)
        yield unit, feature, _activations(atlas.exemplars(Unit(site.name, unit)), one)


def _histogram(histogram: pd.DataFrame, one: Json) -> Json:
    """Middles and counts of bins: of the values that are not zero, where none is below it; else of all values."""
    low, counts = histogram["low"].to_numpy(), histogram["count"].to_numpy(dtype=np.int64).copy()
    if len(low) and one["min"] >= 0:
        counts[(low <= 0) & (histogram["high"].to_numpy() > 0)] -= one["seen"] - one["active"]
    if not counts.sum():
        return {}
    middles = ((low + histogram["high"].to_numpy()) / 2).tolist()
    return {"freq_hist_data_bar_values": middles, "freq_hist_data_bar_heights": counts.tolist()}


def _activations(exemplars: pd.DataFrame, one: Json) -> list[Json]:
    """Windows of the groups "top" and "intervals". The first is known by bin_min = bin_contains = −1."""
    shown = one["peak_low"] <= one["peak_high"]  # else no document has a peak that is not zero
    edges = np.linspace(one["peak_low"], one["peak_high"], STRATA + 1).tolist() if shown else []
    found: list[Json] = []
    for row in exemplars.itertuples():
        if row.group == "top":
            bins = {"bin_min": -1, "bin_max": one["peak_high"], "bin_contains": -1}
        elif row.group == "intervals":
            bins = {"bin_min": edges[row.stratum], "bin_max": edges[row.stratum + 1]}
        else:
            continue
        found.append(
            {
                **bins,
                "tokens": list(row.pieces),
                "values": [float(value) for value in row.values],
                "qualifying_token_index": int(row.peak),
                "document": row.id,
            }
        )
    return found


def _batches(atlas: Atlas, site: Site) -> Iterator[tuple[int, list[tuple[int, Json, list[Json]]]]]:
    batch: list[tuple[int, Json, list[Json]]] = []
    for unit, feature, activations in _features(atlas, site):
        batch.append((unit, feature, activations))
        if len(batch) == BATCH or unit == site.width - 1:
            yield unit // BATCH, batch
            batch = []


def _text(content: Json) -> str:
    return without_surrogates(json.dumps(content, ensure_ascii=False, allow_nan=False))


# ---- SAEDashboard ----------------------------------------------------------------------------------------------------


def _write_saedashboard(atlas: Atlas, site: Site, out: Path, dataset: str | None) -> None:
    folder = out / file_name(site.name)
    folder.mkdir(parents=True)
    done, settings = atlas.manifest["done"], atlas.manifest["settings"]
    same: Json = {"n_prompts_total": done["documents"], "n_tokens_in_prompt": settings["window"]}
    if dataset is not None:
        same["dataset"] = dataset
    for number, batch in _batches(atlas, site):
        features = []
        for unit, feature, activations in batch:
            feature.pop("highest", None)  # there is no place for it
            for activation in activations:
                del activation["document"]
            features.append({"feature_index": unit, **feature, **same, "activations": activations})
        content = {"model_id": atlas.manifest["model"], "layer": site.layer, "sae_set": site.name, "features": features}
        (folder / f"batch-{number}.json").write_text(_text(content), encoding="utf-8")


# ---- Neuronpedia -----------------------------------------------------------------------------------------------------


def _write_neuronpedia(atlas: Atlas, site: Site, out: Path, dataset: str | None) -> None:
    model, source = str(atlas.manifest["model"]), source_id(site)
    folder = out / "v1" / file_name(model) / source
    for name in ("features", "activations"):
        (folder / name).mkdir(parents=True)
    about = {
        "release": {"name": file_name(model)},
        "model": {"id": model},
        "sourceset": {"modelId": model, "name": site.kind},
        "source": {"id": source, "modelId": model, "setName": site.kind},
    }
    for name, content in about.items():
        (folder / f"{name}.jsonl").write_text(_text(content) + "\n", encoding="utf-8")
    for number, batch in _batches(atlas, site):
        features: list[str] = []
        lines: list[str] = []
        for unit, feature, activations in batch:
            place = {"modelId": model, "layer": source, "index": str(unit)}
            known: Json = {"hasVector": False, "hookName": site.canonical}
            if "highest" in feature:
                known["maxActApprox"] = feature.pop("highest")
            features.append(_text({**place, **known, "sourceSetName": site.kind, **feature}))
            lines += [_text({**place, **_activation(a, dataset)}) for a in activations]
        for name, written in (("features", features), ("activations", lines)):
            with gzip.open(folder / name / f"batch-{number}.jsonl.gz", "wt", encoding="utf-8") as file:
                file.writelines(line + "\n" for line in written)


def _activation(activation: Json, dataset: str | None) -> Json:
    values = activation["values"]
    words = {"bin_min": "binMin", "bin_max": "binMax", "bin_contains": "binContains"}
    found = {
        "tokens": activation["tokens"],
        "values": values,
        "maxValue": max(values),
        "maxValueTokenIndex": values.index(max(values)),
        "minValue": min(values),
        "dataIndex": activation["document"],
        "qualifyingTokenIndex": activation["qualifying_token_index"],
        **{theirs: activation[ours] for ours, theirs in words.items() if ours in activation},
    }
    return found if dataset is None else {**found, "dataSource": dataset}
