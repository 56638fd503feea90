"""Reads what SAEDashboard and Neuronpedia wrote, and what `Atlas.export` wrote in their formats."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any

from neuronwidget.atlas.files.untrusted import AtlasError, json_lines, open_file, read_json, understood
from neuronwidget.export.imported_atlas import ImportedAtlas, Json
from neuronwidget.export.names import NAME_FILE, site_in_notes
from neuronwidget.live.structure.sites import Unit

_MOST_UNITS = 1 << 31
_MOST_NAME = 400


def import_atlas(path: str | os.PathLike[str]) -> ImportedAtlas:
    """Read a file or a folder of SAEDashboard (`batch-N.json`) or of Neuronpedia's bulk format (`v1/MODEL/SOURCE/`).

    Features are read at once, exemplars when a unit's are asked for. A file that is damaged, or larger than makes
    sense, raises `AtlasError`. What is returned opens in the same views as an atlas that was scanned.

    Examples
    --------
    >>> atlas = nw.import_atlas("v1/gpt2-small/6-res-jb/")                    # doctest: +SKIP
    >>> nw.ExemplarGrid(atlas, unit=atlas.first_unit())                      # doctest: +SKIP
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


class _Dashboards(ImportedAtlas):
    format = "saedashboard"

    def __init__(self, root: Path, files: list[Path]) -> None:
        super().__init__(root)
        self._where: dict[Unit, Path] = {}
        self._named = _names({folder: _name_beside(folder) for folder in dict.fromkeys(path.parent for path in files)})
        for path in files:
            content = read_json(path)
            if not isinstance(content.get("features"), list):
                raise AtlasError(f'{path} is no file of SAEDashboard: it has no list of "features".')
            self.model = self.model or _text(content.get("model_id"))
            with understood(path):
                site = self._site(path, content)
                self._sources[site] = _source(content), _layer(content.get("layer"))
                for feature in content["features"]:
                    unit = Unit(site, _index(feature["feature_index"]))
                    about = {k: v for k, v in feature.items() if k != "activations"}
                    self._features[unit] = about
                    self._where[unit] = path

    def _site(self, path: Path, content: Json) -> str:
        return self._named.get(path.parent) or _source(content)

    def _activations(self, unit: Unit) -> list[Json]:
        def read(path: Path) -> dict[Unit, list[Json]]:
            content = read_json(path)
            site = self._site(path, content)
            return {Unit(site, _index(f["feature_index"])): f.get("activations") or [] for f in content["features"]}

        return self._kept(self._where[unit], read)[unit]


def _source(content: Json) -> str:
    """A name for what a file of others is of: the set, with the layer where the set does not tell it."""
    name, layer = str(content.get("sae_set") or "features"), content.get("layer")
    told = layer is None or layer == -1 or str(layer) in name.split(".")
    return name if told else f"{layer}-{name}"


class _Neuronpedia(ImportedAtlas):
    format = "neuronpedia"

    def __init__(self, root: Path, files: list[Path]) -> None:
        super().__init__(root)
        self._folders: dict[str, Path] = {}
        folders = dict.fromkeys(path.parent.parent for path in files)
        self._named = _names({folder.name: _name_in_notes(folder) for folder in folders})
        for path in files:
            with understood(path):
                for feature in json_lines(path):
                    unit, source = self._unit(feature), str(feature["layer"])
                    self._features[unit] = feature
                    self._sources[unit.site] = source, _layer(source.partition("-")[0])
                    self._folders[unit.site] = path.parent.parent
                    self.model = self.model or _text(feature.get("modelId"))
        for folder in dict.fromkeys(self._folders.values()):
            for path in sorted(folder.glob("explanations/*.jsonl*")):
                with understood(path):
                    for line in json_lines(path):
                        feature = self._features.get(self._unit(line), {})
                        feature.setdefault("description", line.get("description"))

    def _unit(self, line: Json) -> Unit:
        source = str(line["layer"])
        return Unit(self._named.get(source, source), _index(line["index"]))

    @cached_property
    def _where(self) -> dict[Unit, set[Path]]:
        """In which files the exemplars of each unit stand: found by one walk through all of them."""
        files: dict[Unit, set[Path]] = {}
        for folder in dict.fromkeys(self._folders.values()):
            for path in sorted(folder.glob("activations/*.jsonl*")):
                with understood(path):
                    for line in json_lines(path):
                        files.setdefault(self._unit(line), set()).add(path)
        return files

    def _activations(self, unit: Unit) -> list[Json]:
        def read(path: Path) -> dict[Unit, list[Json]]:
            by_unit: dict[Unit, list[Json]] = {}
            for line in json_lines(path):
                by_unit.setdefault(self._unit(line), []).append(line)
            return by_unit

        return [line for path in sorted(self._where.get(unit, ())) for line in self._kept(path, read)[unit]]


def _name_beside(folder: Path) -> str:
    """The site's name in the file beside batches that `Atlas.export` wrote; "" where there is none."""
    path = folder / NAME_FILE
    if not os.path.lexists(path):
        return ""
    with open_file(path) as file, understood(path):
        return _readable(file.read(4 * _MOST_NAME).decode())


def _name_in_notes(folder: Path) -> str:
    """The site's name in the source's notes that `Atlas.export` wrote; "" where there is none."""
    path = folder / "source.jsonl"
    if not os.path.lexists(path):
        return ""
    with understood(path):
        return next((_readable(site_in_notes(line.get("notes"))) for line in json_lines(path)), "")


def _names(told: dict[Any, str]) -> dict[Any, str]:
    """The names that files tell, where no two of them tell the same: then they are not names any more."""
    return {place: name for place, name in told.items() if name and [*told.values()].count(name) == 1}


def _readable(name: str) -> str:
    name = name.strip()
    return name if name.isprintable() and len(name) <= _MOST_NAME else ""


def _layer(told: Any) -> int:
    return int(told) if isinstance(told, int) or (isinstance(told, str) and told.isascii() and told.isdigit()) else -1


def _index(number: Any) -> int:
    """The number of a unit, as a number or as text."""
    index = int(number) if isinstance(number, (int, str)) else -1
    if not 0 <= index < _MOST_UNITS:
        raise ValueError(f"{str(number)[:40]!r} is no number of a unit.")
    return index


def _text(told: Any) -> str | None:
    return told if isinstance(told, str) else None
