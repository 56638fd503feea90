"""Files of a finished atlas as they are read: each is checked against the manifest before it is read from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.exemplars import earlier
from neuronwidget.atlas.exemplars.stored import read as read_exemplars
from neuronwidget.atlas.exemplars.stored_texts import StoredTexts
from neuronwidget.atlas.exemplars.table import exemplar_table
from neuronwidget.atlas.files.folder import AtlasError, Folder
from neuronwidget.atlas.files.manifest import EARLIER, FILE_UNITS, TEXTS, exemplars_file, site_file
from neuronwidget.atlas.files.tensors import Tensors
from neuronwidget.atlas.maps import MapShape
from neuronwidget.live.structure.sites import Site, SiteTable


class OpenedFolder:
    """A finished atlas' folder: its manifest, its sites, and the columns of its files."""

    def __init__(self, folder: Folder, manifest: dict[str, Any]) -> None:
        self.folder, self.manifest = folder, manifest
        self._sites = SiteTable(
            Site(
                s["name"],
                s["canonical"].partition("#")[0].removesuffix(".in"),
                "in" if s["canonical"].partition("#")[0].endswith(".in") else "out",
                s["kind"],
                s["width"],
                s["layer"],
                axis=1 if s["per_token"] else None,
            )
            for s in manifest["sites"]
        )
        self._numbers = {site.name: number for number, site in enumerate(self._sites)}
        self._checked: set[str] = set()

    @property
    def sites(self) -> SiteTable:
        """The sites that were scanned."""
        return self._sites

    def read(self, site: str, names: tuple[str, ...], index: int | slice = slice(None)) -> dict[str, npt.NDArray[Any]]:
        """Columns of a site's tensors, [units, …]; only the rows asked for are read from the disk."""
        place = self.sites.resolve(site)
        path = self._path(site_file(self._numbers[place.name]))
        file = Tensors(path)
        if any(file.shape(name)[0] != place.width for name in names):
            raise AtlasError(f"{path} is not of a site of {place.width:,} units, as the manifest says.")
        if isinstance(index, int):
            index = slice(index, index + 1)
        first, last, _ = index.indices(place.width)
        columns = {name: file.rows(name, first, max(first, last)) for name in names}
        return {name: c.astype(np.int64) if c.dtype.kind == "u" else c for name, c in columns.items()}

    def verify(self) -> None:
        """Check every byte of every file against the manifest. Raises `AtlasError` where one differs."""
        for name, record in self.manifest["files"].items():
            self.folder.check(name, record, how="all")

    def _about(self, site: Site) -> dict[str, Any]:
        """What the manifest says of a site."""
        description: dict[str, Any] = self.manifest["sites"][self._numbers[site.name]]
        return description

    def _exemplars(
        self, site: Site, units: Sequence[int], shape: MapShape | None, *, around: bool = True
    ) -> Iterator[Any]:
        """Exemplars of ascending units as arrow tables, file by file: see `exemplar_table`, and `stored.read`."""
        texts = None
        for block, group in groupby(units, lambda unit: unit // FILE_UNITS):
            chosen = np.array(list(group), np.int64)
            if self.manifest["format"] == EARLIER:
                yield self._earlier(site, block, chosen)
                continue
            path = self._path(exemplars_file(self._numbers[site.name], block))
            first = block * FILE_UNITS
            rows, copies = read_exemplars(path, min(FILE_UNITS, site.width - first), chosen - first, around=around)
            rows.unit += first
            texts = texts or StoredTexts(self._path(TEXTS))
            yield exemplar_table(rows, texts, shape, copies)

    def _earlier(self, site: Site, block: int, chosen: npt.NDArray[np.int64]) -> Any:
        """The same from the files of an earlier version; of a single unit only its row group is read."""
        path = self._path(exemplars_file(self._numbers[site.name], block, "parquet"))
        one = int(chosen[0]) if len(chosen) == 1 else None
        group = None if one is None else int(self.read(site.name, ("row_group",), one)["row_group"][0])
        return earlier.read(path, chosen, group)

    def _path(self, name: str) -> Path:
        record = self.manifest["files"].get(name)
        if record is None:
            raise AtlasError(f"{self.folder.path} has no {name}.")
        if name not in self._checked:
            self.folder.check(name, record, how="pages")
            self._checked.add(name)
        return self.folder.path / name
