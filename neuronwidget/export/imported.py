"""Reads what SAEDashboard and Neuronpedia wrote: units, their exemplars and histograms, as far as they are there."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.atlas.files.untrusted import AtlasError, json_lines, read_json, understood
from neuronwidget.live.structure.sites import Unit

if TYPE_CHECKING:
    import pandas as pd

    from neuronwidget.atlas.atlas import UnitName

Json = dict[str, Any]
_KEPT_FILES = 4
_MOST_UNITS = 1 << 31
_GROUPS = ("top", "intervals")
_UNITS = {
    "density": "frac_nonzero",
    "max": "maxActApprox",
    "documents": "n_prompts_total",
    "hook": "hookName",
    "description": "description",
}
_WORDS = {
    "binMin": "bin_min",
    "binMax": "bin_max",
    "binContains": "bin_contains",
    "qualifyingTokenIndex": "qualifying_token_index",
}


def import_atlas(path: str | os.PathLike[str]) -> ImportedAtlas:
    """Read a file or a folder of SAEDashboard (`batch-N.json`) or of Neuronpedia's bulk format (`v1/MODEL/SOURCE/`).

    Features are read at once, exemplars when a unit's are asked for. A file that is damaged, or larger than makes
    sense, raises `AtlasError`.
    """
    root = Path(path)
    if not os.path.lexists(root):
        raise AtlasError(f"There is no file or folder {root}.")
    lines = sorted(p for p in root.rglob("features/*.jsonl*") if p.name.endswith((".jsonl", ".jsonl.gz")))
    if lines:
        return _Neuronpedia(root, lines)
    files = [root] if root.is_file() else sorted(root.rglob("batch-*.json"))
    if files:
        return _Dashboards(root, files)
    raise AtlasError(f"{root} holds neither batch-N.json of SAEDashboard nor features/batch-N.jsonl.gz of Neuronpedia.")


class ImportedAtlas:
    """Units that another tool described. It has less than an `Atlas`: what the files do not hold is not here.

    Attributes
    ----------
    model
        The name of the model, where it is told.
    format
        "neuronpedia" or "saedashboard".
    """

    format: str

    def __init__(self, root: Path) -> None:
        self.root = root
        self.model: str | None = None
        self._features: dict[Unit, Json] = {}
        self._files: OrderedDict[Path, dict[Unit, list[Json]]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._features)

    def __repr__(self) -> str:
        return f"ImportedAtlas({self.model}: {len(self):,} units of {len(self.sites)} sites, from {self.format} files)"

    @property
    def sites(self) -> list[str]:
        """The sites, or sources, as the files name them."""
        return list(dict.fromkeys(unit.site for unit in self._features))

    @cached_property
    def units(self) -> pd.DataFrame:
        """One row a unit, indexed by (site, unit), with the columns that the files fill.

        density: the share of tokens at which it is not zero; max, documents, hook, description.
        """
        import pandas as pd

        index = pd.MultiIndex.from_tuples([(u.site, u.index) for u in self._features], names=["site", "unit"])
        rows = [{ours: feature.get(theirs) for ours, theirs in _UNITS.items()} for feature in self._features.values()]
        with understood(self.root):
            frame = pd.DataFrame(rows, index=index, columns=list(_UNITS)).sort_index()
            return frame.dropna(axis=1, how="all")

    def feature(self, unit: UnitName) -> Json:
        """Everything that the file says of a unit, in its own words."""
        return self._features[self._find(unit)]

    def exemplars(self, unit: UnitName, group: str | None = None, n: int | None = None) -> pd.DataFrame:
        """Windows that show what a unit does: group ("top" or "intervals"), stratum, rank, value, peak, pieces, values.

        `low`, `high`: the interval it stands for; `id`: the document, where it is told. Within a group the strongest
        come first.
        """
        if group is not None and group not in _GROUPS:
            raise ValueError(f"There is no group {group!r} in these files; there are {', '.join(_GROUPS)}.")
        name = self._find(unit)
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

    def _find(self, unit: UnitName) -> Unit:
        name = Unit.parse(unit)
        if name not in self._features:
            here = ", ".join(self.sites[:5])
            raise KeyError(f"There is no unit {str(name)!r} in {self.root}; its sites are {here}.")
        return name

    def _activations(self, unit: Unit) -> list[Json]:
        raise NotImplementedError

    def _kept(self, path: Path, read: Callable[[Path], dict[Unit, list[Json]]]) -> dict[Unit, list[Json]]:
        """What a file holds; the last few files are remembered."""
        if path not in self._files:
            self._files[path] = read(path)
            if len(self._files) > _KEPT_FILES:
                self._files.popitem(last=False)
        self._files.move_to_end(path)
        return self._files[path]


class _Dashboards(ImportedAtlas):
    format = "saedashboard"

    def __init__(self, root: Path, files: list[Path]) -> None:
        super().__init__(root)
        self._where: dict[Unit, Path] = {}
        for path in files:
            content = read_json(path)
            if not isinstance(content.get("features"), list):
                raise AtlasError(f'{path} is no file of SAEDashboard: it has no list of "features".')
            self.model = self.model or _name(content.get("model_id"))
            with understood(path):
                for feature in content["features"]:
                    unit = Unit(_site(content), _index(feature["feature_index"]))
                    self._features[unit] = {k: v for k, v in feature.items() if k != "activations"}
                    self._where[unit] = path

    def _activations(self, unit: Unit) -> list[Json]:
        def read(path: Path) -> dict[Unit, list[Json]]:
            content = read_json(path)
            return {
                Unit(_site(content), _index(f["feature_index"])): f.get("activations") or []
                for f in content["features"]
            }

        return self._kept(self._where[unit], read)[unit]


def _site(content: Json) -> str:
    """A name for what a file is of: the set, with the layer where the set does not tell it."""
    name, layer = str(content.get("sae_set") or "features"), content.get("layer")
    known = layer is None or layer == -1 or name.endswith(f".{layer}")
    return name if known else f"{layer}-{name}"


class _Neuronpedia(ImportedAtlas):
    format = "neuronpedia"

    def __init__(self, root: Path, files: list[Path]) -> None:
        super().__init__(root)
        self._folders: dict[str, Path] = {}
        for path in files:
            with understood(path):
                for feature in json_lines(path):
                    unit = _unit(feature)
                    self._features[unit] = feature
                    self._folders[unit.site] = path.parent.parent
                    self.model = self.model or _name(feature.get("modelId"))
        for folder in dict.fromkeys(self._folders.values()):
            for path in sorted(folder.glob("explanations/*.jsonl*")):
                with understood(path):
                    for line in json_lines(path):
                        feature = self._features.get(_unit(line), {})
                        feature.setdefault("description", line.get("description"))

    @cached_property
    def _where(self) -> dict[Unit, set[Path]]:
        """In which files the exemplars of each unit stand: found by one walk through all of them."""
        found: dict[Unit, set[Path]] = {}
        for folder in dict.fromkeys(self._folders.values()):
            for path in sorted(folder.glob("activations/*.jsonl*")):
                with understood(path):
                    for line in json_lines(path):
                        found.setdefault(_unit(line), set()).add(path)
        return found

    def _activations(self, unit: Unit) -> list[Json]:
        def read(path: Path) -> dict[Unit, list[Json]]:
            by_unit: dict[Unit, list[Json]] = {}
            for line in json_lines(path):
                by_unit.setdefault(_unit(line), []).append(line)
            return by_unit

        return [line for path in sorted(self._where.get(unit, ())) for line in self._kept(path, read)[unit]]


def _unit(line: Json) -> Unit:
    return Unit(str(line["layer"]), _index(line["index"]))


def _index(number: Any) -> int:
    """The number of a unit, as a number or as text."""
    index = int(number) if isinstance(number, (int, str)) else -1
    if not 0 <= index < _MOST_UNITS:
        raise ValueError(f"{str(number)[:40]!r} is no number of a unit.")
    return index


def _name(model: Any) -> str | None:
    return model if isinstance(model, str) else None


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
