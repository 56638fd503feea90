"""Files that Neuronpedia imports in bulk: v1/MODEL/SOURCE/ with release, model, source set, source, units and windows.

Its import takes the columns of a file from its first line and rows as they are, ids too: every line of a file has the
same fields, and none is left to a default.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from neuronwidget.export.dashboard import Dashboard, Json, Window, dashboards
from neuronwidget.export.names import notes_of, safe, unique
from neuronwidget.export.unit_weights import steering_place
from neuronwidget.live.inputs.text import without_surrogates
from neuronwidget.live.labels.labels import Labels
from neuronwidget.live.structure.sites import DEFAULT_KINDS, Site, Unit

if TYPE_CHECKING:
    from neuronwidget.atlas.atlas import Atlas
    from neuronwidget.live.model import LiveModel

#: The account that a new Neuronpedia has for whatever names no other.
ACCOUNT = "clkht01d40000jv08hvalcvly"


@dataclass(frozen=True)
class Creator:
    """Who is named as the maker: a name to show, and the id of an account of the Neuronpedia that imports."""

    name: str = "unknown"
    account: str = ACCOUNT

    @classmethod
    def of(cls, creator: str | tuple[str, str] | None) -> Creator:
        if creator is None:
            return cls()
        return cls(creator) if isinstance(creator, str) else cls(*creator)


@dataclass(frozen=True)
class _Source:
    """A site as a source of Neuronpedia: layer, a hyphen and the set that it belongs to."""

    site: Site
    model: str
    id: str

    @property
    def set_name(self) -> str:
        return self.id.partition("-")[2]


def write(
    atlas: Atlas,
    sites: Sequence[Site],
    out: Path,
    *,
    dataset: str | None,
    live: LiveModel | None,
    creator: Creator,
) -> None:
    """Write the units of some sites."""
    model = safe(str(atlas.manifest["model"]))
    for site, name in zip(sites, unique(source_id(site) for site in sites), strict=True):
        source = _Source(site, model, name)
        folder = out / "v1" / model / name
        for kind in ("features", "activations"):
            (folder / kind).mkdir(parents=True)
        for kind, row in _about(atlas, source, dataset, live, creator).items():
            (folder / f"{kind}.jsonl").write_bytes(_line(row))
        seed = json.dumps([atlas.manifest["weights"], atlas.manifest["done"], atlas.manifest["settings"], model, name])
        for number, batch in enumerate(dashboards(atlas, site, live)):
            features = [_feature(source, d, live, creator) for d in batch]
            activations = [
                _activation(source, d.unit, i, w, dataset, creator, seed)
                for d in batch
                for i, w in enumerate(d.windows)
            ]
            _write_lines(folder / f"features/batch-{number}.jsonl.gz", features)
            if activations:  # a file without lines has no columns: the import would end there
                _write_lines(folder / f"activations/batch-{number}.jsonl.gz", activations)
        explanations = list(_explanations(source, (atlas if live is None else live).labels, creator, seed))
        if explanations:
            (folder / "explanations").mkdir()
            _write_lines(folder / "explanations/batch-0.jsonl.gz", explanations)


def source_id(site: Site) -> str:
    """What a site is called as a source: `2-mlp` for `mlp.2`. Where a site has no layer, it is of layer 0 there."""
    parts = site.name.split(".")
    if str(site.layer) in parts:
        parts.remove(str(site.layer))
    return f"{max(site.layer, 0)}-{safe('-'.join(parts))}"


def _about(
    atlas: Atlas, source: _Source, dataset: str | None, live: LiveModel | None, creator: Creator
) -> dict[str, Json]:
    """The rows of what the units belong to, each for its file."""
    name, done = str(atlas.manifest["model"]), atlas.manifest["done"]
    sites = atlas.sites if live is None else live.sites
    maker = {"creatorName": creator.name, "creatorId": creator.account}
    return {
        "release": {
            "name": source.model,
            "description": f"Units of {name} over {done['documents']:,} documents, {done['tokens']:,} tokens",
            **maker,
        },
        "model": {
            "id": source.model,
            "displayName": name,
            "displayNameShort": name,
            "creatorId": creator.account,
            "layers": 1 + max(site.layer for site in sites),
            "neuronsPerLayer": max((site.width for site in sites if site.kind in DEFAULT_KINDS), default=0),
            "owner": creator.name,
        },
        "sourceset": {
            "modelId": source.model,
            "name": source.set_name,
            "description": f"{source.set_name} of {name}",
            **maker,
            "releaseName": source.model,
        },
        "source": {
            "id": source.id,
            "modelId": source.model,
            "setName": source.set_name,
            "creatorId": creator.account,
            "num_prompts": done["documents"],
            "num_tokens_in_prompt": atlas.manifest["settings"]["window"],
            "dataset": dataset,
            "notes": notes_of(source.site.name),
        },
    }


def _feature(source: _Source, dashboard: Dashboard, live: LiveModel | None, creator: Creator) -> Json:
    has_vector = live is not None and bool(dashboard.fields["vector"])
    return {
        "modelId": source.model,
        "layer": source.id,
        "index": str(dashboard.unit),
        "sourceSetName": source.set_name,
        "creatorId": creator.account,
        "maxActApprox": dashboard.highest,
        "hasVector": has_vector,
        "vectorLabel": None,
        "vectorDefaultSteerStrength": dashboard.highest if has_vector else None,
        "hookName": steering_place(live, source.site) if live is not None and has_vector else source.site.canonical,
        "topkCosSimIndices": [],
        "topkCosSimValues": [],
        **dashboard.fields,
    }


def _activation(
    source: _Source, unit: int, number: int, window: Window, dataset: str | None, creator: Creator, seed: str
) -> Json:
    """A window's row. Its id is always the same for the same atlas: imported twice it is there once."""
    highest = max(window.values)
    return {
        "id": "n" + hashlib.sha256(f"{seed} {unit} {number}".encode()).hexdigest()[:24],
        "modelId": source.model,
        "layer": source.id,
        "index": str(unit),
        "creatorId": creator.account,
        "tokens": window.tokens,
        "values": window.values,
        "maxValue": highest,
        "maxValueTokenIndex": window.values.index(highest),
        "minValue": min(window.values),
        "dataIndex": window.document,
        "dataSource": dataset,
        "binMin": window.low,
        "binMax": window.high,
        "binContains": window.share,
        "qualifyingTokenIndex": window.peak,
    }


def _explanations(source: _Source, labels: Labels, creator: Creator, seed: str) -> Iterator[Json]:
    """A row for each unit of a source that has a label; how well that was tested stands in the notes."""
    for name in labels:
        unit = Unit.parse(name)
        if unit.site != source.site.name or not 0 <= unit.index < source.site.width:
            continue
        label = labels.label(name)
        mark, says = label.mark(labels.weights), label.says(labels.weights)
        yield {
            "id": "n" + hashlib.sha256(f"{seed} {unit.index} label".encode()).hexdigest()[:24],
            "modelId": source.model,
            "layer": source.id,
            "index": str(unit.index),
            "description": label.words,
            "authorId": creator.account,
            "notes": f"{mark}: {says}" if says else mark,
        }


def _write_lines(path: Path, rows: Iterable[Json]) -> None:
    """JSON lines, compressed: the same bytes for the same rows."""
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as file:
        file.writelines(map(_line, rows))


def _line(row: Json) -> bytes:
    r"""A row as JSON that Neuronpedia's import reads as it was meant.

    Postgres holds no NUL. The import makes a space of the letters \u0000, wherever they stand in the JSON: also where
    they are a text's own, a backslash and five more, and then no JSON is left. So a NUL is written as a space here, and
    the backslash of such a text by its number.

    >>> _line({"a": "\0 \\u0000"})
    b'{"a": "  \\u005cu0000"}\n'
    """
    text = json.dumps(row, ensure_ascii=False, allow_nan=False)
    if "u0000" in text:
        text = re.sub(r"\\u0000|\\\\(u0000)?", _without_nul, text)
    return without_surrogates(text).encode() + b"\n"


def _without_nul(match: re.Match[str]) -> str:
    if match[0] == r"\u0000":
        return " "
    return r"\u005cu0000" if match[1] else match[0]
