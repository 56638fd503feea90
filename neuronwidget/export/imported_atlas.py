"""Base class of atlases that another tool wrote: units, their exemplars and histograms, as far as they are there."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.atlas.base import AtlasBase, Effect, Origin, UnitName
from neuronwidget.atlas.files.untrusted import AtlasError, understood
from neuronwidget.atlas.states import MOMENTS, Thresholds
from neuronwidget.live.structure.sites import Site, SiteTable, Unit

if TYPE_CHECKING:
    import pandas as pd

Json = dict[str, Any]
_KEPT_FILES = 4
_GROUPS = ("top", "intervals")
_UNITS = {
    "density": "frac_nonzero",
    "max": "maxActApprox",
    "documents": "n_prompts_total",
    "hook": "hookName",
    "description": "description",
}
_NUMBERS = ("density", "density_low", "density_high", *MOMENTS, "active")
_LACKS = {
    "state": "The files that this atlas was imported from say nothing of the states of units.",
    "density": "The files that this atlas was imported from do not say how often units fire.",
    "similar": "The files that it was imported from hold no sample of tokens to compare units on.",
    "document": "The files that this atlas was imported from hold no whole documents.",
    "quantiles": "The files that it was imported from hold no random sample of documents.",
    "bottom": "The files that it was imported from hold no most negative exemplars.",
}


class ImportedAtlas(AtlasBase):
    """Units that another tool described. It has less than an `Atlas`: what the files do not hold is not here.

    Every view and search takes it, and says what is missing (`lacks`): states, similar units, whole documents.

    Attributes
    ----------
    model
        The name of the model, where it is told.
    format
        "neuronpedia" or "saedashboard".
    sites
        The sites, or sources, as the files name them; those that `atlas.export` wrote have their names of before, and
        can be asked for by the names of the files, too.
    """

    format: str
    lacks: Mapping[str, str] = _LACKS

    def __init__(self, root: Path) -> None:
        self.root = root
        self.model: str | None = None
        self.thresholds = Thresholds()
        self._features: dict[Unit, Json] = {}
        self._sources: dict[str, tuple[str, int]] = {}  # what a site is called in the files, and its layer
        self._files: OrderedDict[Path, dict[Unit, list[Json]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._features)

    def __repr__(self) -> str:
        return f"ImportedAtlas({self.model}: {len(self):,} units of {len(self.sites)} sites, from {self.format} files)"

    @property
    def input(self) -> str:
        return "text"

    @property
    def about(self) -> str:  # type: ignore[override]
        return f"Imported from {self.format} files, which hold no states, similar units or whole documents."

    @property
    def size(self) -> tuple[int | None, int | None]:
        return None, None

    @cached_property
    def sites(self) -> SiteTable:
        """The sites, or sources."""
        widths: dict[str, int] = {}
        for unit in self._features:
            widths[unit.site] = max(widths.get(unit.site, 0), unit.index + 1)
        sites = [Site(name, name, width=width, layer=self._layer(name)) for name, width in widths.items()]
        return SiteTable(sites, also={source: name for name, (source, _) in self._sources.items() if name in widths})

    def _layer(self, site: str) -> int:
        return self._sources.get(site, ("", -1))[1]

    @cached_property
    def units(self) -> pd.DataFrame:
        """One row a unit, indexed by (site, unit), with the columns that the files fill.

        density: the share of tokens at which it is above zero; max, documents, hook, description.
        """
        import pandas as pd

        index = pd.MultiIndex.from_tuples([(u.site, u.index) for u in self._features], names=["site", "unit"])
        rows = [{ours: feature.get(theirs) for ours, theirs in _UNITS.items()} for feature in self._features.values()]
        with understood(self.root):
            frame = pd.DataFrame(rows, index=index, columns=list(_UNITS)).sort_index()
            return frame.dropna(axis=1, how="all")

    def resolve(self, unit: UnitName) -> Unit:
        name = Unit.parse(unit)
        with contextlib.suppress(KeyError):
            name = Unit(self.sites.resolve(name.site).name, name.index)
        if name not in self._features:
            here = ", ".join(site.name for site in self.sites[:5])
            raise KeyError(f"There is no unit {str(name)!r} in {self.root}; its sites are {here}.")
        return name

    def first_unit(self) -> Unit:
        unit = next(iter(self._features), None)
        if unit is None:
            raise AtlasError(f"{self.root} describes no unit.")
        return unit

    def feature(self, unit: UnitName) -> Json:
        """Everything that the file says of a unit, in its own words."""
        return self._features[self.resolve(unit)]

    def unit(self, unit: UnitName) -> pd.Series:
        """What is known of one unit, as rows of `Atlas.units` have it: NaN, and "" as the state, where it is not."""
        import pandas as pd

        name = self.resolve(unit)
        row: Json = {"seen": 0, **dict.fromkeys(_NUMBERS, np.nan), "nonfinite": 0, "state": ""}
        row["density"], row["max"] = self._told(name, "density"), self.ends(name)[1]
        return pd.Series(row, name=(name.site, name.index), dtype=object)

    def exemplars(self, unit: UnitName, group: str | None = None, n: int | None = None) -> pd.DataFrame:
        """Windows that show what a unit does: group ("top" or "intervals"), stratum, rank, value, peak, pieces, values.

        `low`, `high`: the interval it stands for; `id`: the document, where it is told. Within a group the strongest
        come first.
        """
        if group is not None and group not in _GROUPS:
            raise ValueError(f"There is no group {group!r} in these files; there are {', '.join(_GROUPS)}.")
        name = self.resolve(unit)
        with understood(self.root):
            return self._exemplars(name, group, n)

    def _exemplars(self, unit: Unit, group: str | None, n: int | None) -> pd.DataFrame:
        import pandas as pd

        table = pd.DataFrame([_row(entry) for entry in self._activations(unit)], columns=list(_row({})))
        table = table[table["group"] == group] if group else table
        rank = {"top": 0, "intervals": 1}
        table = table.sort_values("value", ascending=False, kind="stable")
        table = table.sort_values(
            ["group", "low"], key=lambda c: c.map(rank) if c.name == "group" else c, kind="stable"
        )
        edges = {low: i for i, low in enumerate(sorted(table.loc[table["group"] == "intervals", "low"].unique()))}
        table["stratum"] = [edges.get(r.low, -1) if r.group == "intervals" else -1 for r in table.itertuples()]
        table["rank"] = table.groupby(["group", "stratum"]).cumcount()
        table["text"] = ["".join(pieces) for pieces in table["pieces"]]
        if n is not None:
            table = table.groupby("group", sort=False, as_index=False).head(n)
        unknown = [name for name in ("low", "high", "id") if table[name].isna().all()]
        return table.drop(columns=unknown).reset_index(drop=True)

    def histogram(self, unit: UnitName) -> pd.DataFrame:
        """How often a unit had which value: low, high, count. Of the files' bars only the middles are known."""
        import pandas as pd

        feature = self.feature(unit)
        with understood(self.root):
            middles = np.array(feature.get("freq_hist_data_bar_values") or [], dtype=float)
            counts = feature.get("freq_hist_data_bar_heights") or []
            half = float(np.median(np.diff(middles))) / 2 if len(middles) > 1 else 0.0
            return pd.DataFrame({"low": middles - half, "high": middles + half, "count": counts})

    def similar(self, unit: UnitName, n: int = 10) -> pd.DataFrame:
        """Raises `AtlasError`: the files hold nothing that units could be compared on."""
        raise AtlasError(self.lacks["similar"])

    def document(self, number: int) -> pd.Series:
        """Raises `AtlasError`: the files hold no whole documents."""
        raise AtlasError(self.lacks["document"])

    def documents(self, numbers: Sequence[int]) -> pd.DataFrame:
        """Raises `AtlasError`: the files hold no whole documents."""
        raise AtlasError(self.lacks["document"])

    def ends(self, unit: UnitName) -> tuple[float, float]:
        """Ends of its windows, and the largest value that the file tells; both are 0 where there are none."""
        seen = np.concatenate([np.zeros(1), *self.exemplars(unit)["values"], [self._told(self.resolve(unit), "max")]])
        finite = seen[np.isfinite(seen)]
        return float(finite.min()), float(finite.max())

    def _told(self, unit: Unit, column: str) -> float:
        """A number of `units`; NaN where the files do not tell it."""
        with understood(self.root):
            told = self._features[unit].get(_UNITS[column])
            return np.nan if told is None else float(told)

    def ends_of_site(self, site: str) -> tuple[float, float]:
        return np.nan, np.nan

    def intervals(self, unit: UnitName) -> list[tuple[float, float]]:
        table = self.exemplars(unit, "intervals")
        if not len(table):
            return []
        with understood(self.root):
            pairs = {float(low): float(high) for low, high in zip(table["low"], table["high"], strict=True)}
        return sorted(pairs.items())

    def searchable(self, site: str, units: set[int]) -> Iterator[dict[str, Any]]:
        import pyarrow as pa

        for unit in sorted(units):
            table = self.exemplars(Unit(site, unit))
            yield {
                "unit": np.full(len(table), unit),
                "value": table["value"].to_numpy(np.float64),
                "group": table["group"].to_numpy(object),
                "pieces": pa.array(table["pieces"].tolist(), pa.list_(pa.string())),
                "peak": pa.array(table["peak"].tolist(), pa.int64()),
            }

    def told_outputs(self, unit: UnitName) -> tuple[list[Effect], list[Effect]] | None:
        feature = self.feature(unit)
        with understood(self.root):
            raised, lowered = (
                [(str(name), float(value)) for name, value in zip(names, values, strict=False)]
                for names, values in (
                    (feature.get(f"{sign}_str") or [], feature.get(f"{sign}_values") or []) for sign in ("pos", "neg")
                )
            )
        return (raised, lowered) if raised or lowered else None

    def origin(self) -> Origin:
        return Origin(data={"imported": str(self.root), "format": self.format})

    @abstractmethod
    def _activations(self, unit: Unit) -> list[Json]:
        """The lines of a unit's windows."""

    def _kept(self, path: Path, read: Callable[[Path], dict[Unit, list[Json]]]) -> dict[Unit, list[Json]]:
        """What a file holds; the last few files are remembered."""
        if path not in self._files:
            self._files[path] = read(path)
            if len(self._files) > _KEPT_FILES:
                self._files.popitem(last=False)
        self._files.move_to_end(path)
        return self._files[path]


_WORDS = {
    "binMin": "bin_min",
    "binMax": "bin_max",
    "binContains": "bin_contains",
    "qualifyingTokenIndex": "qualifying_token_index",
}


def _row(entry: Json) -> Json:
    """An exemplar in our words, from either format."""
    entry = {_WORDS.get(name, name): value for name, value in entry.items()}
    values = np.array(entry.get("values") or [], dtype=np.float32)
    peak = entry.get("qualifying_token_index")
    if not isinstance(peak, int) or not 0 <= peak < len(values):  # −1: the token that qualified was cut off
        peak = int(np.nan_to_num(values, nan=-np.inf).argmax()) if len(values) else -1
    low = entry.get("bin_min")
    top = low is None or (low == -1 and entry.get("bin_contains") == -1)
    return {
        "group": "top" if top else "intervals",
        "stratum": -1,
        "rank": -1,
        "value": float(values[peak]) if len(values) else np.nan,
        "low": np.nan if top else low,
        "high": np.nan if top else entry.get("bin_max"),
        "id": entry.get("dataIndex"),
        "peak": peak,
        "pieces": entry.get("tokens") or [],
        "values": values,
    }
