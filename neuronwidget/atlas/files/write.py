"""Writes a finished scan in the form in which it is read: tensors by site and block of units, documents as Parquet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from neuronwidget.atlas.count.counts import COUNTS
from neuronwidget.atlas.count.float16 import narrow, wide
from neuronwidget.atlas.count.histogram import exponents
from neuronwidget.atlas.count.sample import Sample
from neuronwidget.atlas.count.summary import Summary
from neuronwidget.atlas.exemplars import stored_texts
from neuronwidget.atlas.exemplars.choose import Choice, around_of, choose, rows_of
from neuronwidget.atlas.exemplars.copies import Copies
from neuronwidget.atlas.exemplars.stored import smallest, stored, whose
from neuronwidget.atlas.exemplars.texts import JournalTexts
from neuronwidget.atlas.files import documents, tensors, thumbnails
from neuronwidget.atlas.files.folder import Folder
from neuronwidget.atlas.files.manifest import (
    DOCUMENTS,
    FILE_UNITS,
    FORMAT,
    TEXTS,
    exemplars_file,
    file_names,
    site_file,
)
from neuronwidget.atlas.files.tensors import Array, Blocks
from neuronwidget.atlas.files.written import temporary
from neuronwidget.corpus.contexts import tokens_behind
from neuronwidget.corpus.kinds.registry import kind_of
from neuronwidget.live.structure.sites import Site
from neuronwidget.passes.threads import Threads

TOGETHER = 1024
"""Units whose exemplars are chosen together: what that takes of memory stays small."""
Fill = Callable[[IO[bytes]], object]


def finish(
    folder: Folder, manifest: dict[str, Any], summaries: Mapping[Site, Summary], threads: Threads | None = None
) -> dict[str, Any]:
    """Write the files of the finished atlas, then the manifest that names them. Returns what they are known by.

    On threads: first what is shown of each unit is chosen, then it is counted in how many documents that stands, then
    all files are written. What is held of a unit beside its summary is its choice, and the places that it shows.
    """
    threads = threads or Threads(0)
    threads.map(lambda summary: summary.sample.sort(), summaries.values())
    manifest = {**manifest, "format": FORMAT}
    fills = _fills(folder, manifest, summaries, threads)
    names = list(file_names(manifest))
    folder.place(*names, *map(temporary, names))
    records = threads.map(lambda name: folder.write(name, fills[name]), names)
    done = {key: manifest["done"][key] for key in ("chunks", "documents", "windows", "tokens", "digest")}
    files = dict(zip(names, records, strict=True))
    folder.write_manifest({**manifest, "finished": True, "done": done, "files": files})
    return files


def _fills(
    folder: Folder, manifest: Mapping[str, Any], summaries: Mapping[Site, Summary], threads: Threads
) -> dict[str, Fill]:
    """What writes each file, by its name."""
    texts = JournalTexts(folder.path)
    settings = manifest["settings"]
    kind = kind_of(settings["input"])
    after = tokens_behind(manifest.get("looks_back", False))
    copies = Copies(texts, after, settings.get("overlap", 0), of_texts=not kind.whole)
    most = _most(manifest, texts)
    blocks = list(_blocks(summaries))
    seen = np.zeros(len(texts.windows), np.bool_)
    threads.map(lambda block: block.choose(copies, seen), blocks)
    copies.count()
    fills: dict[str, Fill] = {block.name: partial(block.write, copies, most) for block in blocks}
    for number, summary in enumerate(summaries.values()):
        fills[site_file(number)] = partial(_write_site, summary)
    fills[DOCUMENTS] = partial(documents.write, folder.path / "journal/documents")
    fills[TEXTS] = partial(stored_texts.write, texts, seen)
    if kind.pictures:
        fills[thumbnails.FILE] = partial(thumbnails.write, folder.path / "journal/pictures", settings["picture"])
    return fills


def _most(manifest: Mapping[str, Any], texts: JournalTexts) -> dict[str, int]:
    """How large numbers in the files of exemplars can be, of which their types follow."""
    grids = [site["map"] for site in manifest["sites"] if "map" in site]
    places = [m["lead"] + m["grid"][0] * m["grid"][1] for m in grids]
    longest = int(texts.windows[:, 1].max(initial=0))
    return {
        "ordinal": len(texts.windows),
        "position": max([longest, *places]),
        "copies": manifest["done"]["documents"],
    }


@dataclass(frozen=True)
class _Block:
    """Units of a site whose exemplars stand in one file."""

    name: str
    site: Site
    summary: Summary
    first: int
    last: int
    choices: list[Choice]

    def choose(self, copies: Copies, seen: NDArray[np.bool_]) -> None:
        """Choose what is shown, a part of the units at a time; `seen` [windows]: in which windows that is."""
        for first in range(self.first, self.last, TOGETHER):
            choice = choose(self.summary, first, min(first + TOGETHER, self.last))
            rows = rows_of(self.summary, first, choice, around=False)
            copies.want(rows.ordinal.numpy(), rows.position.numpy(), whole=not self.site.per_token)
            seen[rows.ordinal.numpy()] = True
            self.choices.append(choice)

    def write(self, copies: Copies, most: dict[str, int], file: IO[bytes]) -> None:
        parts = []
        for first, choice in self._chosen():
            rows = rows_of(self.summary, first, choice, around=False)
            number_of = copies.of(rows.ordinal.numpy(), rows.position.numpy(), whole=not self.site.per_token)
            parts.append(stored(rows, number_of, most))
        columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        counts = np.concatenate([choice.counts.numpy() for choice in self.choices])
        width = self.summary.width if self.summary.width > 1 else 0  # one value is that of the peak
        around = Blocks(np.float16, (len(columns["value"]), width), self._around)
        tensors.write(file, {**whose(counts), **columns, "around": around}, checked=True)

    def _chosen(self) -> Iterator[tuple[int, Choice]]:
        """What was chosen, with the first of the units it is of."""
        return zip(range(self.first, self.last, TOGETHER), self.choices, strict=True)

    def _around(self) -> Iterator[Array]:
        for first, choice in self._chosen() if self.summary.width > 1 else ():
            yield around_of(self.summary, first, choice).numpy()


def _blocks(summaries: Mapping[Site, Summary]) -> Iterator[_Block]:
    for number, (site, summary) in enumerate(summaries.items()):
        for first in range(0, summary.units, FILE_UNITS):
            name = exemplars_file(number, first // FILE_UNITS)
            yield _Block(name, site, summary, first, min(first + FILE_UNITS, summary.units), [])


def _write_site(summary: Summary, file: IO[bytes]) -> None:
    columns = dense(summary)
    bins = columns["bins"].numpy()
    tensors.write(file, {**columns, "bins": bins.astype(smallest(int(bins.max())))}, checked=True)


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
