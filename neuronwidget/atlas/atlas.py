"""Atlas: what every unit did over a data set, read from its folder as it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget import doors
from neuronwidget.atlas.base import AtlasBase, Origin, UnitName
from neuronwidget.atlas.count.counts import COUNTS
from neuronwidget.atlas.count.histogram import in_order
from neuronwidget.atlas.documents import AtlasDocuments
from neuronwidget.atlas.exemplars.choose import GROUPS, STRATA
from neuronwidget.atlas.files.folder import AtlasError, Folder
from neuronwidget.atlas.files.opened import OpenedFolder
from neuronwidget.atlas.files.untrusted import understood
from neuronwidget.atlas.maps import MapShape
from neuronwidget.atlas.states import MOMENTS, Thresholds, described
from neuronwidget.atlas.usual import UsualValues
from neuronwidget.live.structure.sites import Site, Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.live.model import LiveModel

_TOP = 'This atlas was scanned with keep="top", which keeps '
_ALL = 'scan with keep="all".'
#: What an atlas of the strongest exemplars cannot be asked for.
_TOP_LACKS = {
    "bottom": f"{_TOP}no most negative exemplars: {_ALL}",
    "intervals": f"{_TOP}no exemplars of weaker values: {_ALL}",
    "quantiles": f"{_TOP}no random sample of documents: {_ALL}",
    "similar": f"{_TOP}no sample of tokens to compare units on: {_ALL}",
    "values": f"{_TOP}no values of a unit around its peaks: {_ALL}",
    "exclusive": f"{_TOP}too little to tell how exclusively a unit goes with a text: {_ALL}",
}
_TOP_ABOUT = f"{_TOP}the 20 strongest exemplars of each unit, without the values around them: {_ALL}"


def open_atlas(path: str | os.PathLike[str]) -> Atlas:
    """Open the atlas in a folder. Only its manifest is read; the rest is read when it is asked for.

    Raises `AtlasError` where the folder is not a finished atlas, or a file is not as it was written. The folder
    may be on a disk that cannot be written to.

    Examples
    --------
    >>> atlas = nw.open_atlas("atlas/")                                       # doctest: +SKIP
    >>> atlas.exemplars("mlp.2:417", group="top")                             # doctest: +SKIP
    """
    folder = Folder(path)
    manifest = folder.manifest()
    if not manifest["finished"]:
        done = manifest["done"]
        raise AtlasError(
            f"{folder.path} holds an unfinished scan ({done['documents']:,} documents so far). "
            "Make the same call of nw.scan again to finish it."
        )
    for name, record in manifest["files"].items():
        folder.check(name, record)
    with understood(folder.path):
        return Atlas(folder, manifest)


class Atlas(AtlasDocuments, OpenedFolder, UsualValues, AtlasBase):
    """What every unit did over a data set. Made by `neuronwidget.scan` and `neuronwidget.open_atlas`.

    Attributes
    ----------
    sites
        The sites that were scanned: `atlas.sites["mlp.2"].width`.
    thresholds
        From where on a unit is called dead, rare, dense or saturated.

    Examples
    --------
    >>> atlas = nw.demo("code").atlas()                                       # doctest: +SKIP
    >>> atlas.units.sort_values("density").head()                            # doctest: +SKIP
    """

    def __init__(self, folder: Folder, manifest: dict[str, Any]) -> None:
        super().__init__(folder, manifest)
        self.model, self.looks_back = str(manifest["model"]), bool(manifest.get("looks_back", False))
        self.thresholds = Thresholds()
        if manifest["settings"].get("keep") == "top":
            self.lacks, self.about = _TOP_LACKS, _TOP_ABOUT

    @property
    def size(self) -> tuple[int, int]:
        return int(self.manifest["done"]["documents"]), self.tokens

    @property
    def tokens(self) -> int:
        """How many tokens the data have; how many pictures or rows, where they are that."""
        return int(self.manifest["done"]["tokens"])

    @property
    def input(self) -> str:
        return str(self.manifest["settings"]["input"])

    def map_of(self, site: str) -> MapShape | None:
        description = self._about(self.sites.resolve(site)).get("map")
        return None if description is None else MapShape.read(description)

    def __len__(self) -> int:
        return sum(site.width for site in self.sites)

    def __repr__(self) -> str:
        amount = self.kind.amount(*self.size)
        return f"Atlas({self.model}: {len(self):,} units of {len(self.sites)} sites over {amount})"

    def origin(self) -> Origin:
        manifest = self.manifest
        return Origin(
            manifest.get("weights"),
            {key: manifest["done"][key] for key in ("documents", "tokens", "digest")},
            manifest["settings"],
            tuple(str(edit["edit"]) for edit in manifest.get("edits", [])),
            manifest.get("versions", {}),
        )

    # ---- all units -------------------------------------------------------------------------------------

    @cached_property
    def units(self) -> pd.DataFrame:
        """One row a unit, indexed by (site, unit): seen, density with its 95 % interval, moments, state.

        `atlas.unit("mlp.1:3")` is the row of one; `atlas.units.loc["mlp.1"]` are those of a site.

        `density` is the share of tokens at which the activation is above zero; where that never happened,
        `density_high` is the largest share at which that would still not be surprising. `state` follows from
        `thresholds`.
        """
        import pandas as pd

        frames = []
        for site in self.sites:
            frame = self._described(site)
            frame.index = pd.MultiIndex.from_product([[site.name], range(site.width)], names=["site", "unit"])
            frames.append(frame)
        units = pd.concat(frames)
        units.attrs["thresholds"] = self.thresholds.as_dict()
        return units

    # ---- one unit --------------------------------------------------------------------------------------

    def unit(self, unit: UnitName) -> pd.Series:
        """The row of `units` of one unit, in any spelling ("mlp.1:3"), without reading the others."""
        site, index = self._find(unit)
        row = self._described(site, index).iloc[0]
        row.name = (site.name, index)
        return row

    def _described(self, site: Site, index: int | slice = slice(None)) -> pd.DataFrame:
        columns = self.read(site.name, (*COUNTS, *MOMENTS), index)
        with understood(self.folder.path):
            return described(columns, self.is_bounded(site.name), self.thresholds)

    def is_bounded(self, site: str) -> bool:
        return site in self.manifest["bounds"]

    def exemplars(self, unit: UnitName, group: str | None = None, n: int | None = None) -> pd.DataFrame:
        """Inputs that show what a unit does, strongest first.

        Parameters
        ----------
        group
            "top" and "bottom": the documents of largest value, and of smallest where it is below zero. "intervals":
            five intervals of equal width of the documents' values; "quantiles": fifths by rank of a random sample of
            documents; `stratum` counts from 0, the lowest. None: all of them. An atlas of keep="top" has "top" alone.
        n
            At most so many in each group.

        Returns
        -------
        DataFrame
            group, stratum, rank, value; document (its number), id, label, position of the token in it; copies: in how
            many documents of the data what is shown stands (0: not known, in atlases of earlier versions); pieces: the
            tokens around, values: the unit on them, or with keep="top" the largest alone, peak: which of them it is
            about, text: the pieces as one. Of pictures: image, uint8 [height, width, 3]; y, x: row and column of the
            peak on the site's own grid, none where it lies nowhere in the picture; map: the unit over the picture, at
            most 16 × 16, and the same flat as values. Of rows: row, a dict.
        """
        if group is not None and group not in GROUPS:
            raise ValueError(f"There is no group {group!r}; there are {', '.join(GROUPS)}.")
        if group is not None and group in self.lacks:
            raise AtlasError(self.lacks[group])
        site, index = self._find(unit)
        shape = self.map_of(site.name)
        with understood(self.folder.path):
            frame = next(self._exemplars(site, [index], shape)).drop_columns(["unit"]).to_pandas()
            if group is not None:
                frame = frame[frame["group"] == group]
            if n is not None:
                frame = frame.groupby("group", sort=False, as_index=False).head(n)
            return self._shown(frame.reset_index(drop=True), shape)

    def _shown(self, frame: pd.DataFrame, shape: MapShape | None) -> pd.DataFrame:
        """Exemplars with what they are of: a text, a picture and the unit's map over it, or a row."""
        import pandas as pd

        if shape is not None and self.kind.pictures:
            places = [shape.place(position) or (None, None) for position in frame["position"]]
            frame["y"] = pd.array([y for y, _ in places], "Int64")
            frame["x"] = pd.array([x for _, x in places], "Int64")
            if "values" not in self.lacks:
                frame["map"] = [values.reshape(shape.kept) for values in frame["values"]]
        frame[self.kind.column] = self.kind.read_exemplars(self, frame)
        return frame

    def histogram(self, unit: UnitName) -> pd.DataFrame:
        """How often a unit had which value: low, high (exclusive), count. Counts are exact, bins of one width."""
        import pandas as pd

        site, index = self._find(unit)
        columns = self.read(site.name, ("bins", "exponent", "min"), index)
        with understood(self.folder.path):
            low, width, count = in_order(columns["bins"][0], int(columns["exponent"][0]), float(columns["min"][0]))
            return pd.DataFrame({"low": low, "high": low + width, "count": count})

    def ends(self, unit: UnitName) -> tuple[float, float]:
        site, index = self._find(unit)
        columns = self.read(site.name, ("min", "max"), index)
        return float(columns["min"][0]), float(columns["max"][0])

    def ends_of_site(self, site: str) -> tuple[float, float]:
        columns = self.read(site, ("min", "max"))
        low, high = (column[np.isfinite(column)] for column in (columns["min"], columns["max"]))
        return float(low.min(initial=np.inf)), float(high.max(initial=-np.inf))

    def intervals(self, unit: UnitName) -> list[tuple[float, float]]:
        site, index = self._find(unit)
        columns = self.read(site.name, ("peak_low", "peak_high"), index)
        # JSON has no words for what is not finite; such values are no exemplars, but they may be all that a unit did.
        low, high = (float(np.nan_to_num(columns[name][0])) for name in ("peak_low", "peak_high"))
        edges = np.linspace(low, high, STRATA + 1).tolist()
        return list(pairwise(edges))

    def searchable(self, site: str, units: set[int]) -> Iterator[dict[str, Any]]:
        place, of_texts = self.sites.resolve(site), not self.kind.whole
        names = [*self.kind.searched, *(["document", "position", "peak", "values"] if of_texts else [])]
        for table in self._exemplars(place, sorted(units), self.map_of(place.name), around=of_texts):
            yield {
                "unit": table["unit"].to_numpy(),
                "value": table["value"].to_numpy().astype(np.float64),
                "group": np.asarray(table["group"].to_pylist(), dtype=object),
                **{name: table[name] for name in names},
            }

    def similar(self, unit: UnitName, n: int = 10) -> pd.DataFrame:
        """The units that do the same on the same tokens: correlation over a random sample of up to 500 tokens.

        A unit that did not vary on those tokens (most rare ones) is like no other by this measure: the table is empty.
        """
        if "similar" in self.lacks:
            raise AtlasError(self.lacks["similar"])
        with understood(self.folder.path):
            table: pd.DataFrame = doors.enter("Atlas.similar")(self, self.sites.unit(unit), n)
            return table

    def export(
        self,
        out: str | os.PathLike[str],
        format: str = "neuronpedia",  # noqa: A002 - the word people know
        *,
        sites: Sequence[str] | None = None,
        dataset: str | None = None,
        live: LiveModel | None = None,
        creator: str | tuple[str, str] | None = None,
    ) -> Path:
        """Write an atlas of texts as "neuronpedia" or "saedashboard" files: see `neuronwidget.export.export`.

        `out` is a new folder, `dataset` what the data are called, `live` the model that was scanned, for its weights,
        `creator` who is named as the maker. `neuronwidget.import_atlas` reads both.
        """
        export = doors.enter("Atlas.export")
        folder: Path = export(self, out, format, sites=sites, dataset=dataset, live=live, creator=creator)
        return folder

    def resolve(self, unit: UnitName) -> Unit:
        return self.sites.unit(unit)

    def first_unit(self) -> Unit:
        return self.sites[0].unit(0)

    def _find(self, unit: UnitName) -> tuple[Site, int]:
        name = self.resolve(unit)
        return self.sites.resolve(name.site), name.index
