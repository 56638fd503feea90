"""Atlases of the bundled models: built on the user's machine the first time they are asked for, and kept.

The code model reads the standard library of the Python it runs on, the small models the data of scikit-learn. A build
that is interrupted goes on where it was when it is asked for again. One that other code built is left where it is, and
another is built beside it: what it says may be out of date.
"""

from __future__ import annotations

import ast
import hashlib
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from neuronwidget.atlas.atlas import Atlas, open_atlas
from neuronwidget.atlas.files.folder import FORMAT, AtlasError, Folder
from neuronwidget.atlas.scan.scan import scan
from neuronwidget.demos import MODELS, corpus
from neuronwidget.demos.architectures.digits import bears_mark, marked
from neuronwidget.demos.data import digits
from neuronwidget.demos.small import about
from neuronwidget.live.replica.fingerprint import weights_digest

if TYPE_CHECKING:
    from neuronwidget.live.model import LiveModel

#: Characters of the code model's atlas: under a minute on two cores that have nothing else to do.
CHARACTERS = 400_000
_SHORTEST, _LONGEST = 600, 2000
#: Folders of the package that decide what an atlas of the same model and data holds: also in which batches it is made.
_SCANNING = ("atlas", "corpus", "passes")


@dataclass(frozen=True)
class Data:
    """Data that an atlas is built from."""

    documents: Any
    labels: list[str] | None
    ids: list[str] | None


def cache_folder() -> Path:
    """Where this user's caches are: `$XDG_CACHE_HOME` where it is set, else what the system uses."""
    home = os.environ.get("XDG_CACHE_HOME")
    if not home and sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA")
    if not home:
        home = str(Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache"))
    return Path(home) / "neuronwidget"


def made_by(package: Path) -> str:
    """A checksum of the code that decides what an atlas holds, of the package in this folder."""
    digest = hashlib.sha256()
    for folder in _SCANNING:
        for file in sorted((package / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


def demo_atlas(
    name: str,
    live: LiveModel,
    *,
    size: int | None = None,
    rebuild: bool = False,
    progress: bool | Callable[[dict[str, Any]], object] = True,
) -> Atlas:
    """The atlas of a bundled model.

    Parameters
    ----------
    size
        Characters of the code model's atlas, 400,000 by default.
    rebuild
        Forget the one that is kept.
    progress
        As for `neuronwidget.scan`.
    """
    if size is not None and name != "code":
        raise ValueError("size= is for the code model; the others have all of their data.")
    sites = [site.name for site in live.sites if site in live.choose(None) or site.kind == "sae"]
    about = f"python {platform.python_version()}, {size or CHARACTERS}" if name == "code" else name
    key = hashlib.sha256(f"{FORMAT} {about} {sites} {weights_digest(live.module)}".encode()).hexdigest()[:12]
    path = cache_folder() / "atlases" / f"{name}-{key}-{made_by(Path(__file__).parents[1])}"
    folder = Folder(path)
    if rebuild:
        folder.remove()
    try:
        if folder.has_manifest() and folder.manifest()["finished"]:
            atlas = open_atlas(path)
        else:
            data = source(size or CHARACTERS) if name == "code" else _measured(name)
            if progress is True:
                print(f"The atlas of {live.name!r} is built once, and kept in {path}.")
            atlas = scan(live, data.documents, sites, out=path, ids=data.ids, labels=data.labels, progress=progress)
    except AtlasError as error:
        raise AtlasError(f"{error} live.atlas(rebuild=True) builds it anew.") from error
    atlas.labels = live.labels
    return atlas


# ---- the code model --------------------------------------------------------------------------------------------------


def source(characters: int, root: Path | None = None) -> Data:
    """Parts of the standard library, drawn by the hash of their names until there are enough characters.

    A part begins where a statement of the top level does, so what is a string or a comment in it is certain.
    """
    parts = [part for module in corpus.modules(root) for part in _definitions(module)]
    parts.sort(key=lambda part: hashlib.sha256(part[0].encode()).digest())
    chosen: list[tuple[str, str]] = []
    for part in parts:
        if characters <= 0:
            break
        chosen.append(part)
        characters -= len(part[1])
    chosen.sort()
    return Data([text for _, text in chosen], None, [name for name, _ in chosen])


def _definitions(module: corpus.Module) -> list[tuple[str, str]]:
    """Parts of a module as (name:line, text), each from the beginning of a statement of its top level.

    Short statements go together; of long ones the first 2,000 characters are taken, to the end of a line.
    """
    lines = [line + "\n" for line in module.text.split("\n")]
    try:
        statements = ast.parse(module.text).body
    except (SyntaxError, ValueError):
        return []
    parts = []
    begin = 0
    for statement in statements:
        end = statement.end_lineno or begin
        text = "".join(lines[begin:end])
        if len(text) >= _SHORTEST and end > begin:
            whole = text if len(text) <= _LONGEST else text[: text.rfind("\n", 0, _LONGEST) + 1]
            if whole:
                parts.append((f"{module.path}:{begin + 1}", whole.lstrip("\n")))
            begin = end
    return parts


# ---- the small models ------------------------------------------------------------------------------------------------


def _measured(name: str) -> Data:
    """All of the data that a small model was trained and judged on."""
    return _tumours() if name == "cancer" else _digits(name)


def _digits(name: str) -> Data:
    recipe = about(MODELS / f"{name}.safetensors")["recipe"]
    data = digits(recipe["held_out"], recipe["seed"])
    pixels, labels = data.inputs, data.labels
    ids = [str(number) for number in range(len(labels))]
    if name == "digits-shortcut":
        bears = bears_mark(labels)
        pixels = marked(pixels, bears, torch.Generator().manual_seed(recipe["seed"]))
        ids = [f"{number} with the mark" if mark else number for number, mark in zip(ids, bears.tolist(), strict=True)]
    pictures = (pixels[:, 0].clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    return Data(pictures, [str(label) for label in labels.tolist()], ids)


def _tumours() -> Data:
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    labels = [str(bunch.target_names[label]) for label in bunch.target]
    rows = ({str(c): float(v) for c, v in zip(bunch.feature_names, row, strict=True)} for row in bunch.data)
    return Data(list(rows), labels, None)
