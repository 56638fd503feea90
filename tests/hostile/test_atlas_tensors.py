"""Tensors of an atlas that say what cannot be, with checksums that fit: an `AtlasError` in a sentence, and no more."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

import neuronwidget as nw
from neuronwidget.atlas.files.folder import AtlasError, Folder
from neuronwidget.atlas.files.tensors import write
from tests.hostile.test_atlas_damage import is_sentence, put_manifest
from tests.hostile.test_atlas_ownership import scan

EXEMPLARS, TEXTS, SITE = "exemplars/000-00000.safetensors", "texts.safetensors", "sites/000.safetensors"
Array = np.ndarray[Any, Any]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("finished") / "a"
    scan(out, 40)
    return out


def filled(value: Any, kind: Any = None) -> Callable[[Array], Array]:
    return lambda array: np.full_like(array, value, dtype=kind)


def asked(folder: Path, units: int) -> None:
    """What a reader asks of the first units."""
    for unit in range(units):
        atlas = nw.open_atlas(folder)
        atlas.exemplars((atlas.sites[0].name, unit))
        atlas.histogram((atlas.sites[0].name, unit))
        atlas.read(atlas.sites[0].name, ("bins", "sampled", "mean", "exponent"))


HARM: list[tuple[str, str, Callable[[Array], Array], str]] = [
    (EXEMPLARS, "ordinal", filled(60_000, np.uint16), "rows of windows"),
    (EXEMPLARS, "ordinal", filled(-1, np.int64), "below 0"),
    (EXEMPLARS, "position", filled(200), "lies at place 200 of a window"),
    (EXEMPLARS, "position", filled(2**62, np.int64), "lies at place"),
    (EXEMPLARS, "value", filled(np.nan), "not finite"),
    (EXEMPLARS, "around", filled(np.inf), "not finite"),
    (EXEMPLARS, "around", lambda array: array[:, 0].copy(), "other shapes"),
    (EXEMPLARS, "value", lambda array: array[:10].copy(), "rows of value"),
    (EXEMPLARS, "value", lambda array: array[:, None].copy(), "other shapes"),
    (EXEMPLARS, "counts", filled(255), "more exemplars of a unit than there can be"),
    (EXEMPLARS, "counts", lambda array: array[:-1].copy(), "is not of 48 units"),
    (EXEMPLARS, "first", filled(2**30), "rows of"),
    (EXEMPLARS, "first", filled(-5), "not the rows|is asked for others"),
    (TEXTS, "windows", filled(2**60), "other windows"),
    (TEXTS, "windows", filled(-1), "other windows"),
    (TEXTS, "windows", lambda array: array[:, :3].copy(), "other windows"),
    (TEXTS, "tokens", filled(250), "rows of word_ends"),
    (TEXTS, "word_ends", filled(2**40), "rows of words|other word_ends"),
    (TEXTS, "word_ends", lambda array: array[::-1].copy(), "other word_ends"),
    (TEXTS, "words", filled(255), "is damaged, or not what it should be"),
    (TEXTS, "ids", filled(255), "is damaged, or not what it should be"),
    (TEXTS, "label_ends", filled(2**62), "other label_ends|rows of label"),
    (TEXTS, "labelled", lambda array: array[:1].copy(), "rows of labelled"),
    (SITE, "bins", lambda array: array[:, 0].copy(), "is damaged, or not what it should be"),
    (SITE, "exponent", lambda array: array[:-1].copy(), "is not of a site of 48 units"),
]


@pytest.mark.parametrize(("name", "tensor", "harm", "message"), HARM, ids=[f"{h[1]}-{i}" for i, h in enumerate(HARM)])
def test_tensors_that_say_what_cannot_be(
    name: str, tensor: str, harm: Callable[[Array], Array], message: str, finished: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(finished, tmp_path / "copy"))
    tensors = {key: array for key, array in load_file(folder / name).items() if key != "page_sums"}
    with open(folder / name, "wb") as file:
        write(file, {**tensors, tensor: harm(tensors[tensor])}, checked=True)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = Folder(folder).record(name)
    put_manifest(folder, manifest)
    with pytest.raises(AtlasError, match=message) as caught:
        asked(folder, units=1)
    is_sentence(caught.value)
    if name != SITE:
        atlas = nw.open_atlas(folder)
        with pytest.raises(AtlasError, match=message):
            list(atlas.searchable(atlas.sites[0].name, set(range(48))))


@pytest.mark.parametrize("name", [EXEMPLARS, TEXTS, SITE])
def test_one_bit_of_what_is_read_is_noticed(name: str, finished: Path, tmp_path: Path) -> None:
    """Also where the manifest's checksums were reckoned out anew: a page has its own."""
    folder = Path(shutil.copytree(finished, tmp_path / "copy"))
    content = bytearray((folder / name).read_bytes())
    header = 8 + int.from_bytes(content[:8], "little")
    manifest = json.loads((folder / "manifest.json").read_text())
    for place in (header + 3, len(content) - 30):
        content[place] ^= 1
        (folder / name).write_bytes(content)
        content[place] ^= 1
        manifest["files"][name] = Folder(folder).record(name)
        put_manifest(folder, manifest)
        with pytest.raises(AtlasError, match="the checksum of a page does not fit"):
            asked(folder, units=48)
