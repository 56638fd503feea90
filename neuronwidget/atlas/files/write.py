"""Writes a finished scan in the form in which it is read: tensors by site, exemplars and documents as Parquet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.atlas.count.counts import COUNTS
from neuronwidget.atlas.count.float16 import narrow, wide
from neuronwidget.atlas.count.histogram import exponents
from neuronwidget.atlas.count.sample import Sample
from neuronwidget.atlas.count.summary import Summary
from neuronwidget.atlas.files import thumbnails
from neuronwidget.atlas.files.copies import Copies
from neuronwidget.atlas.files.exemplars import GROUPS, ExemplarRows, shown
from neuronwidget.atlas.files.folder import Folder
from neuronwidget.atlas.files.journal_texts import JournalTexts
from neuronwidget.atlas.files.manifest import DOCUMENTS as DOCUMENTS_FILE
from neuronwidget.atlas.files.manifest import FILE_UNITS
from neuronwidget.atlas.maps import MapShape
from neuronwidget.corpus.contexts import AFTER, BEFORE, tokens_behind
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site

GROUP_UNITS = 16
DOCUMENTS = 64  # of a row group
_HOW: dict[str, Any] = {"compression": "zstd", "write_page_checksum": True}


def finish(folder: Folder, manifest: dict[str, Any], summaries: Mapping[Site, Summary]) -> None:
    """Write the files of the finished atlas, then the manifest that names them, then remove the scan's own files."""
    files: dict[str, Any] = {}
    texts = JournalTexts(folder.path)
    copies = _copies(manifest, summaries, texts)
    for number, (site, summary) in enumerate(summaries.items()):
        groups = _write_exemplars(folder, files, number, site, summary, texts, copies)
        name = f"sites/{number:03d}.safetensors"
        files[name] = folder.write_tensors(name, {**dense(summary), "row_group": groups})
    _write_documents(folder, files)
    if kind_of(manifest["settings"]["input"]).pictures:
        with folder.writing(thumbnails.FILE) as file:
            thumbnails.write(folder.path / "journal/pictures", file, manifest["settings"]["picture"])
        files[thumbnails.FILE] = folder.record(thumbnails.FILE)
    done = {key: manifest["done"][key] for key in ("chunks", "documents", "windows", "tokens", "digest")}
    folder.write_manifest({**manifest, "finished": True, "done": done, "files": files})
    folder.tidy(files)


def dense(summary: Summary) -> dict[str, Tensor]:
    """What is known of every unit, one row a unit."""
    counts, moments = summary.counts, summary.tree.total(summary.units)
    seen = moments.n > 0
    none = torch.tensor(torch.nan)
    return {
        **{name: counts.by_name[name] for name in COUNTS},
        "mean": torch.where(seen, moments.mean, none),
        "std": torch.where(seen, moments.variance.sqrt(), none),
        "skew": torch.where(seen, moments.skew, none),
        "kurtosis": torch.where(seen, moments.kurtosis, none),
        "min": torch.where(seen, counts.ends.low, none),
        "max": torch.where(seen, counts.ends.high, none),
        "peak_low": summary.peaks.low,
        "peak_high": summary.peaks.high,
        "bins": counts.bins,
        "exponent": exponents(counts.ends.low, counts.ends.high),
        "sampled": _sampled(summary.sample),
    }


def _sampled(sample: Sample) -> Tensor:
    """What units did at the places of the sample: float16 [units, places], each unit's by a power of two of its own."""
    documents, places, units = sample.tokens.shape
    sampled = torch.empty(units, documents * places, dtype=torch.float16)
    for first in range(0, units, FILE_UNITS):
        block = slice(first, first + FILE_UNITS)
        rows = wide(sample.tokens[..., block].transpose(1, 2), sample.tokens_power[:, block])
        sampled[block] = narrow(rows.transpose(0, 1).flatten(1))[0] if documents else sampled[block]
    return sampled


def _copies(manifest: Mapping[str, Any], summaries: Mapping[Site, Summary], texts: JournalTexts) -> Copies:
    """In how many documents stands what the exemplars of all sites show."""
    settings = manifest["settings"]
    after = tokens_behind(manifest.get("looks_back", False))
    copies = Copies(texts, after, settings.get("overlap", 0), of_texts=not kind_of(settings["input"]).whole)
    for site, summary in summaries.items():
        summary.settle()
        for first in range(0, summary.units, FILE_UNITS // 4):
            rows = shown(summary, first, min(first + FILE_UNITS // 4, summary.units))
            copies.want(rows.ordinal.numpy(), rows.position.numpy(), whole=not site.per_token)
    copies.count()
    return copies


def _write_exemplars(
    folder: Folder,
    files: dict[str, Any],
    number: int,
    site: Site,
    summary: Summary,
    texts: JournalTexts,
    copies: Copies,
) -> Tensor:
    """Files of 4,096 units, row groups of 16; returns each unit's row group, −1 where it has no exemplars."""
    import pyarrow.parquet as pq

    shape = None if site.layout is None else MapShape.of(site)
    groups = torch.full((summary.units,), -1, dtype=torch.int32)
    for begin in range(0, summary.units, FILE_UNITS):
        name = f"exemplars/{number:03d}-{begin // FILE_UNITS:05d}.parquet"
        end = min(begin + FILE_UNITS, summary.units)
        written = 0
        with folder.writing(name) as file:
            writer = None
            for first in range(begin, end, FILE_UNITS // 4):
                last = min(first + FILE_UNITS // 4, end)
                rows = shown(summary, first, last)
                number_of = copies.of(rows.ordinal.numpy(), rows.position.numpy(), whole=not site.per_token)
                table = exemplar_table(rows, texts, shape, number_of)
                if writer is None:
                    writer = pq.ParquetWriter(file, table.schema, **_HOW)
                edges = torch.searchsorted(rows.unit.contiguous(), torch.arange(first, last + GROUP_UNITS, GROUP_UNITS))
                for i, (a, b) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
                    if b > a:
                        writer.write_table(table.slice(a, b - a), row_group_size=b - a)
                        groups[first + i * GROUP_UNITS : min(first + (i + 1) * GROUP_UNITS, last)] = written
                        written += 1
            assert writer is not None
            writer.close()
        files[name] = folder.record(name)
    return groups


def exemplar_table(
    rows: ExemplarRows, texts: JournalTexts, shape: MapShape | None = None, copies: NDArray[np.int64] | None = None
) -> Any:
    """Exemplars as an arrow table, with names of documents and the tokens around each, or its map of this shape.

    `copies` is 0 where it is not known yet.
    """
    import pyarrow as pa

    windows = texts.windows[rows.ordinal.numpy()] if len(rows.ordinal) else np.zeros((0, 5), np.int64)
    offset, length, document, start, _ = windows.T
    position = rows.position.numpy().astype(np.int64)
    around = position[:, None] + np.arange(-BEFORE, AFTER + 1)
    inside = (around >= 0) & (around < length[:, None])
    numbers = texts.pieces[(offset[:, None] + around)[inside]] if inside.any() else np.zeros(0, np.int32)
    edges = np.concatenate([[0], inside.sum(1).cumsum()]).astype(np.int32)
    pieces = pa.ListArray.from_arrays(edges, texts.words.take(pa.array(numbers)))
    peak = np.minimum(position, BEFORE)
    if shape is not None:
        peak = np.array([shape.cell(int(p)) for p in position], np.int64)
        maps = wide(rows.around, rows.power).numpy()
        if shape.whole:  # the peak itself is exact, what lies around it was float16
            maps[np.flatnonzero(peak >= 0), peak[peak >= 0]] = rows.value.numpy()[peak >= 0]
        values = pa.ListArray.from_arrays(np.arange(len(maps) + 1, dtype=np.int32) * shape.cells, maps.ravel())
    elif rows.around.shape[1] == inside.shape[1]:
        unit_values = wide(rows.around, rows.power)
        unit_values[:, BEFORE] = rows.value  # the peak itself is exact, what stands around it was float16
        values = pa.ListArray.from_arrays(edges, unit_values.numpy()[inside])
    else:  # a site that speaks of the whole input has one value
        values = pa.ListArray.from_arrays(np.arange(len(inside) + 1, dtype=np.int32), rows.value.numpy())
    group = pa.DictionaryArray.from_arrays(pa.array(rows.group.numpy().astype(np.int8)), pa.array(GROUPS))
    return pa.table(
        {
            "unit": pa.array(rows.unit.numpy().astype(np.int32)),
            "group": group.dictionary_decode(),
            "stratum": pa.array(rows.stratum.numpy().astype(np.int8)),
            "rank": pa.array(rows.rank.numpy().astype(np.int8)),
            "value": pa.array(rows.value.numpy()),
            "copies": pa.array(np.zeros(len(position), np.int32) if copies is None else copies.astype(np.int32)),
            "document": pa.array(document),
            "id": texts.ids.take(pa.array(document)),
            "label": texts.labels.take(pa.array(document)),
            "position": pa.array(start + position),
            "peak": pa.array(peak.astype(np.int16)),
            "pieces": pieces,
            "values": values,
        }
    )


def _write_documents(folder: Folder, files: dict[str, Any]) -> None:
    """Number, name, label, number of tokens and text of every document, in row groups."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            ("document", pa.int64()),
            ("id", pa.string()),
            ("label", pa.string()),
            ("tokens", pa.int64()),
            ("text", pa.string()),
        ]
    )
    name = DOCUMENTS_FILE
    with folder.writing(name) as file, pq.ParquetWriter(file, schema, **_HOW) as writer:
        held: list[tuple[int, str, str | None, int, str]] = []

        def write() -> None:
            columns = zip(*held, strict=True)
            writer.write_table(
                pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
            )
            held.clear()

        with open(folder.path / "journal/documents", "rb") as lines:
            for number, line in enumerate(lines):
                held.append((number, *json.loads(line)))
                if len(held) == DOCUMENTS:
                    write()
        if held:
            write()
    files[name] = folder.record(name)
