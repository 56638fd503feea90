"""Files of a finished atlas as they are read: each is checked against the manifest before it is read from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from neuronwidget.atlas.files.folder import AtlasError, Folder
from neuronwidget.atlas.files.manifest import FILE_UNITS
from neuronwidget.atlas.files.untrusted import understood
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
        from safetensors import safe_open

        if isinstance(index, int):
            index = slice(index, index + 1)
        place = self.sites.resolve(site)
        path = self._path(f"sites/{self._numbers[place.name]:03d}.safetensors")
        with understood(path), safe_open(path, framework="numpy") as file:
            parts = {name: file.get_slice(name) for name in names}
            if any(part.get_shape()[:1] != [place.width] for part in parts.values()):
                raise AtlasError(f"{path} is not of a site of {place.width:,} units, as the manifest says.")
            return {name: part[index] for name, part in parts.items()}

    def verify(self) -> None:
        """Check every byte of every file against the manifest. Raises `AtlasError` where one differs."""
        for name, record in self.manifest["files"].items():
            self.folder.check(name, record, how="all")

    def _about(self, site: Site) -> dict[str, Any]:
        """What the manifest says of a site."""
        description: dict[str, Any] = self.manifest["sites"][self._numbers[site.name]]
        return description

    def _exemplars_of(self, site: Site, index: int) -> Path:
        """The file that holds a unit's exemplars."""
        return self._path(f"exemplars/{self._numbers[site.name]:03d}-{index // FILE_UNITS:05d}.parquet")

    def _columns(self, site: Site, units: set[int], names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Exemplars of some units, file by file: unit, value and group as arrays, the named columns as arrow has them.

        Whole columns are read, which is quicker than the rows of many units one by one.
        """
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        for first in sorted({unit // FILE_UNITS * FILE_UNITS for unit in units}):
            with pq.ParquetFile(self._exemplars_of(site, first)) as file:
                table = file.read(["unit", "group", "value", *names])
            table = table.filter(pc.is_in(table["unit"], pa.array(sorted(units), pa.int32())))
            yield {
                "unit": table["unit"].to_numpy(),
                "value": table["value"].to_numpy().astype(np.float64),
                "group": np.asarray(table["group"].to_pylist(), dtype=object),
                **{name: table[name] for name in names},
            }

    def _path(self, name: str) -> Path:
        record = self.manifest["files"].get(name)
        if record is None:
            raise AtlasError(f"{self.folder.path} has no {name}.")
        if name not in self._checked:
            self.folder.check(name, record, how="pages")
            self._checked.add(name)
        return self.folder.path / name
