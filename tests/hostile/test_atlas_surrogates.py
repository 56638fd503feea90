"""Halves of characters and half files: a scan takes them, or says which document it is."""

import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.corpus.documents import DocumentError
from tests.hostile.atlas_victim import Small, documents, live
from tests.hostile.test_atlas_kill import digests

LONE = ["\ud800", "\udfff", "a\udc80b", "\ude00\ud83d", "\ud83d\ude00", "x" * 70 + "\udbff"]
WHOLE = "\N{REPLACEMENT CHARACTER}"


def whole(text: str) -> str:
    return "".join(WHOLE if "\ud800" <= c <= "\udfff" else c for c in text)


def readable(folder: Path) -> None:
    """Everything in an atlas can be written to a file."""
    atlas = nw.open_atlas(folder)
    atlas.verify()
    for site in atlas.sites:
        json.dumps(atlas.exemplars((site.name, 0)).astype(str).to_dict(), ensure_ascii=False).encode()
    atlas.documents(range(atlas.manifest["done"]["documents"])).to_csv(io.BytesIO())


def test_texts_ids_and_labels(tmp_path: Path) -> None:
    """What is kept is replaced; what the model was given, and so every number, is not."""
    atlas = nw.scan(live(), LONE, ids=LONE, labels=LONE, out=tmp_path / "a", window=128, progress=False)
    readable(tmp_path / "a")
    kept = atlas.documents(range(len(LONE)))
    for column in ("id", "label", "text"):
        assert kept[column].tolist() == [whole(text) for text in LONE], column
    site = atlas.sites[0].name
    for number, text in enumerate(LONE):
        values = live().record(text, sites=[site])[site]
        shown = atlas.exemplars((site, 0), "quantiles")
        for row in shown[shown["document"] == number].itertuples():
            assert row.value == pytest.approx(float(values[row.position, 0]), rel=1e-5)


@pytest.mark.parametrize("format_", ["neuronpedia", "saedashboard"])
def test_exports(format_: str, tmp_path: Path) -> None:
    atlas = nw.scan(live(), LONE, ids=LONE, out=tmp_path / "a", window=64, progress=False)
    found = nw.import_atlas(atlas.export(tmp_path / "b", format=format_, dataset="\ud800"))
    assert len(found) == len(atlas)
    for unit in found.units.index[:3]:
        json.dumps(found.exemplars(unit)["text"].tolist(), ensure_ascii=False).encode()


def test_going_on_gives_the_same(tmp_path: Path) -> None:
    """Tokens that are shown alike after they were replaced do not shift those that come later."""
    texts = [text + LONE[i % len(LONE)] for i, text in enumerate(documents(150))]
    settings: dict[str, Any] = {"window": 64, "checkpoint": 0.0}

    def stop(done: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    for name in ("parts", "whole"):
        if name == "parts":
            with pytest.raises(KeyboardInterrupt):
                nw.scan(live(), texts, ids=texts, out=tmp_path / name, progress=stop, **settings)
        nw.scan(live(), texts, ids=texts, out=tmp_path / name, progress=False, **settings)
    assert digests(tmp_path / "parts") == digests(tmp_path / "whole")
    readable(tmp_path / "parts")


def test_tokens_that_decode_to_them(tmp_path: Path) -> None:
    inputs = nw.TextInputs(lambda text: [ord(c) % 128 for c in text], lambda ids: "".join(chr(0xD800 + i) for i in ids))
    nw.scan(nw.attach(Small(), inputs=inputs), ["abc", "\ud800"], out=tmp_path / "a", progress=False)
    readable(tmp_path / "a")


def test_a_tokenizer_that_takes_none(tmp_path: Path) -> None:
    """It gets the replacement; the live view and the atlas see the same tokens."""

    def encode(text: str) -> list[int]:
        return [byte % 128 for byte in text.encode()]

    model = nw.attach(Small(), inputs=nw.TextInputs(encode, lambda ids: "".join(map(chr, ids))))
    atlas = nw.scan(model, ["a\ud800b"], out=tmp_path / "a", progress=False)
    assert atlas.tokens == len(model.inputs.tokens("a\ud800b")) == len(encode(f"a{WHOLE}b"))


def test_a_tokenizer_that_fails_is_told_with_the_document(tmp_path: Path) -> None:
    def encode(text: str) -> list[int]:
        text.encode("ascii")
        return [1]

    model = nw.attach(Small(), inputs=nw.TextInputs(encode, lambda ids: "x" * len(ids)))
    with pytest.raises(DocumentError, match="Document chapter 2: 'ascii' codec"):
        nw.scan(model, [("chapter 1", "a"), ("chapter 2", "é")], out=tmp_path / "a", progress=False)


def test_names_of_columns_words_and_modules(tmp_path: Path) -> None:
    names = {"a\ud800": (0, 1), "b": ["\udfff", "ok"]}
    layers = nn.ModuleDict({"mix\ud83d\ude00": nn.Linear(3, 8), "act\ud800": nn.ReLU(), "down": nn.Linear(8, 2)})

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = layers

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for layer in self.layers.values():
                x = layer(x)
            return x

    rows = [{"a\ud800": 0.5, "b": "\udfff"}, {"a\ud800": 0.1, "b": "ok"}] * 20
    for stops in (True, False):

        def stop(stops: bool = stops) -> bool:
            return stops

        model = nw.attach(Net(), inputs=nw.TableInputs(names))
        model.module.load_state_dict({k: torch.ones_like(v) for k, v in model.module.state_dict().items()})
        sites = [site.name for site in model.sites]
        try:
            nw.scan(model, rows, sites, out=tmp_path / "a", ids=["\ud800"] * 40, progress=False, stop=stop)
        except nw.scan.__globals__["ScanPaused"]:
            assert stops
    readable(tmp_path / "a")
    assert nw.open_atlas(tmp_path / "a").document(0)["row"] == {f"a{WHOLE}": 0.5, "b": WHOLE}
    nw.scan(model, rows, sites, out=tmp_path / "a", ids=["\ud800"] * 40, progress=False)


@pytest.mark.skipif(os.name == "nt", reason="names of files are bytes only on Unix")
def test_a_file_whose_name_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "texts").mkdir()
    with open(os.fsencode(tmp_path / "texts") + b"/caf\xe9.txt", "w") as file:
        file.write("some text")
    atlas = nw.scan(live(), tmp_path / "texts", out=tmp_path / "a", progress=False)
    assert atlas.documents([0])["id"].tolist() == [f"caf{WHOLE}.txt"]


# ---- half a file -----------------------------------------------------------------------------------------------------


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[nw.LiveModel, Path]:
    image = pytest.importorskip("PIL.Image")
    folder = tmp_path / "pictures"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (3, 40, 40, 3), np.uint8)
    for number, pixels in enumerate(noise):
        for kind in ("png", "jpg", "gif", "bmp", "webp", "tif"):
            image.fromarray(pixels).save(folder / f"{number}.{kind}")
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 14 * 14, 3))
    return nw.attach(model, inputs=nw.ImageInputs((16, 16))), folder


@pytest.mark.parametrize("kind", ["png", "jpg", "gif", "bmp", "webp", "tif"])
def test_a_damaged_picture_is_named(kind: str, pictures: tuple[nw.LiveModel, Path], tmp_path: Path) -> None:
    """Cut off or overwritten at random: it is a picture still, or the document is named."""
    model, folder = pictures
    path = folder / f"1.{kind}"
    content, chance = path.read_bytes(), np.random.default_rng(1)
    told = 0
    for number in range(6):
        damaged = bytearray(content)
        if number % 2:
            start = int(chance.integers(0, len(content)))
            damaged[start : start + 40] = chance.bytes(len(damaged[start : start + 40]))
        else:
            del damaged[int(chance.integers(0, len(content))) :]
        path.write_bytes(damaged)
        try:
            nw.scan(model, folder, ["0"], out=tmp_path / f"a{number}", progress=False)
        except DocumentError as error:
            told += 1
            assert str(error).startswith(f"Document 1.{kind}: ")  # noqa: PT017 - both ends are right
    assert told


def test_half_a_picture_of_a_data_set_is_named(pictures: tuple[nw.LiveModel, Path], tmp_path: Path) -> None:
    from PIL import Image

    model, folder = pictures
    path = folder / "1.png"
    path.write_bytes(path.read_bytes()[:-2000])
    opened = [Image.open(folder / f"{number}.png") for number in range(3)]
    with pytest.raises(DocumentError, match=r"Document 1: .* cannot be read as a picture"):
        nw.scan(model, opened, ["0"], out=tmp_path / "a", progress=False)

    class Data:
        def __len__(self) -> int:
            return 3

        def __getitem__(self, number: int) -> Any:
            with Image.open(folder / f"{number}.png") as picture:
                return np.asarray(picture.convert("RGB"))

    with pytest.raises(DocumentError, match="Document 1 cannot be read"):
        nw.scan(model, Data(), ["0"], out=tmp_path / "b", progress=False)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet", ".txt"])
def test_damaged_files_of_documents_are_named(suffix: str, tmp_path: Path) -> None:
    """The command line's files: every damage is read as it is or told with the name of the file."""
    from neuronwidget.corpus.files import Columns
    from neuronwidget.corpus.files import documents as documents_of
    from neuronwidget.corpus.kinds.registry import kind_of

    path = tmp_path / f"data{suffix}"
    frame = pd.DataFrame({"text": [f"text {i} é" for i in range(50)], "id": range(50)})
    {
        ".csv": lambda: frame.to_csv(path, index=False),
        ".tsv": lambda: frame.to_csv(path, index=False, sep="\t"),
        ".jsonl": lambda: frame.to_json(path, orient="records", lines=True),
        ".parquet": lambda: frame.to_parquet(path),
        ".txt": lambda: path.write_text("é" * 400),
    }[suffix]()
    content, chance = path.read_bytes(), np.random.default_rng(0)
    for number in range(60):
        damaged = bytearray(content)
        start = int(chance.integers(0, len(content)))
        if number % 2:
            damaged[start : start + 8] = chance.bytes(len(damaged[start : start + 8]))
        else:
            del damaged[start:]
        path.write_bytes(damaged)
        for kind in ("text", "table") if suffix != ".txt" else ("text",):
            try:
                found = documents_of([path], Columns(), kind_of(kind).from_files)
                list(found)
            except DocumentError as error:
                assert path.name in str(error) or "column" in str(error)  # noqa: PT017 - both ends are right
