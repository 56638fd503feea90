"""Atlases of pictures and of rows say what is true of them, through the public API."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.atlas.files.untrusted import AtlasError
from neuronwidget.corpus.sources import DocumentError

SIDE, PICTURES = 24, 60


class Eyes(nn.Module):
    """`bright`: the pixel itself, and its reverse; `blocks`: means of 4 × 4 pixels; `total`: one number."""

    def __init__(self) -> None:
        super().__init__()
        self.bright = nn.Conv2d(1, 2, 1)
        self.blocks = nn.AvgPool2d(4)
        self.total = nn.Linear(2 * (SIDE // 4) ** 2, 3)
        self.bright.weight.data = torch.tensor([1.0, -1.0])[:, None, None, None]
        self.bright.bias.data = torch.zeros(2)

    def forward(self, pixels: Tensor) -> Tensor:
        return self.total(self.blocks(self.bright(pixels)).flatten(1))


def live_eyes() -> nw.LiveModel:
    torch.manual_seed(0)
    return nw.attach(Eyes(), inputs=nw.ImageInputs(SIDE, ["a", "b", "c"], channels=1))


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    source = np.random.default_rng(0)
    found = source.integers(0, 200, (PICTURES, SIDE, SIDE)).astype(np.uint8)
    for number in range(PICTURES):  # the brightest pixel, at a place that is known
        found[number, number % SIDE, (5 * number) % SIDE] = 200 + number // 2
    found[41] = found[40]
    return found


@pytest.fixture(scope="module")
def atlas(pictures: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> nw.Atlas:
    labels = ["even", "odd"] * (PICTURES // 2)
    out = tmp_path_factory.mktemp("eyes") / "atlas"
    sites = ["bright", "blocks", "total"]
    return nw.scan(live_eyes(), pictures, sites, out=out, labels=labels, progress=False)


def test_the_strongest_pictures_and_the_places_in_them(atlas: nw.Atlas, pictures: np.ndarray) -> None:
    top = atlas.exemplars("bright:0", group="top")
    peaks = pictures.reshape(PICTURES, -1).max(1)
    expected = [i for i in sorted(range(PICTURES), key=lambda i: (-int(peaks[i]), i)) if i != 41][:20]
    assert top["document"].tolist() == expected
    assert top["value"].to_numpy() == pytest.approx(peaks[expected] / 255, rel=1e-6)
    assert top["y"].tolist() == [i % SIDE for i in expected]
    assert top["x"].tolist() == [(5 * i) % SIDE for i in expected]
    assert top["label"].tolist() == [["even", "odd"][i % 2] for i in expected]
    assert top.loc[top["document"] == 40, "copies"].tolist() == [2]  # 41 is the same picture


def test_exemplars_show_themselves_without_a_model(atlas: nw.Atlas, pictures: np.ndarray) -> None:
    """The picture, and the map at a size of at most 16 × 16: the value of largest magnitude in each cell."""
    for _, row in atlas.exemplars("bright:0", group="top", n=5).iterrows():
        assert row["image"].dtype == np.uint8
        assert (row["image"] == pictures[row["document"]][:, :, None]).all()
        assert row["map"].shape == (16, 16)
        assert row["map"].max() == pytest.approx(row["value"], rel=1e-3)
        assert row["values"][row["peak"]] == pytest.approx(row["value"], rel=1e-3)
    for _, row in atlas.exemplars("blocks:0", group="top", n=5).iterrows():
        means = pictures[row["document"]].reshape(6, 4, 6, 4).mean((1, 3)) / 255
        assert row["map"] == pytest.approx(means, rel=1e-3)
        assert row["map"][row["y"], row["x"]] == row["value"] == pytest.approx(means.max(), rel=1e-5)
    whole = atlas.exemplars("total:0").iloc[0]
    assert (whole["y"], whole["x"], whole["map"].shape) == (0, 0, (1, 1))


def test_every_position_is_counted(atlas: nw.Atlas, pictures: np.ndarray) -> None:
    bright, reverse, total = (atlas.unit(name) for name in ("bright:0", "bright:1", "total:0"))
    assert (bright["seen"], total["seen"], atlas.tokens) == (pictures.size, PICTURES, PICTURES)
    assert bright["density"] == (pictures > 0).mean()
    assert bright["mean"] == pytest.approx(pictures.mean() / 255, rel=1e-6)
    assert reverse["min"] == pytest.approx(-(pictures.max() / 255), rel=1e-6)
    assert atlas.histogram("blocks:0")["count"].sum() == PICTURES * 36
    assert atlas.exemplars("bright:1", group="bottom")["document"].tolist() == (
        atlas.exemplars("bright:0", group="top")["document"].tolist()
    )
    assert atlas.similar("bright:0", n=1)["correlation"].iloc[0] > 0.1


def test_a_document_is_a_picture(atlas: nw.Atlas, pictures: np.ndarray) -> None:
    assert (atlas.document(7)["image"][..., 1] == pictures[7]).all()
    assert (atlas.document(7)["id"], atlas.document(7)["label"]) == ("7", "odd")
    assert repr(atlas).endswith("over 60 pictures)")
    assert atlas.input == "image"


def _pairs(pictures: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    return ((picture, i % 3) for i, picture in enumerate(pictures))


class TorchData:
    """A data set as torch has them: numbered, not iterable."""

    def __init__(self, pictures: np.ndarray) -> None:
        self.pictures = pictures

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, number: int) -> tuple[np.ndarray, int]:
        return self.pictures[number], number % 3


@pytest.mark.parametrize(
    "as_source",
    [
        _pairs,
        TorchData,
        lambda p: [{"image": one, "label": i % 3} for i, one in enumerate(p)],
        lambda p: pd.DataFrame({"image": list(p), "label": [i % 3 for i in range(len(p))]}),
        lambda p: [(torch.tensor(one)[None].float() / 255, torch.tensor(i % 3)) for i, one in enumerate(p)],
    ],
)
def test_all_sources_of_pictures_give_one_atlas(
    as_source: Callable[[np.ndarray], Any], pictures: np.ndarray, tmp_path: Path
) -> None:
    a = nw.scan(live_eyes(), pictures[:9], ["blocks"], out=tmp_path / "a", labels=[0, 1, 2] * 3, progress=False)
    b = nw.scan(live_eyes(), as_source(pictures[:9]), ["blocks"], out=tmp_path / "b", progress=False)
    pd.testing.assert_frame_equal(a.units, b.units)
    pd.testing.assert_frame_equal(
        a.exemplars("blocks:0").drop(columns="image"), b.exemplars("blocks:0").drop(columns="image")
    )
    assert (a.images([3]) == b.images([3])).all()


def test_a_folder_of_pictures(pictures: np.ndarray, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for kind in ("cat", "dog"):
        (tmp_path / "in" / kind).mkdir(parents=True)
    image.fromarray(pictures[0]).save(tmp_path / "in/dog/1.png")
    image.fromarray(pictures[1]).save(tmp_path / "in/cat/2.PNG")
    image.fromarray(pictures[2]).save(tmp_path / "in/loose.png")
    (tmp_path / "in/notes.txt").write_text("no picture")
    atlas = nw.scan(live_eyes(), tmp_path / "in", ["bright"], out=tmp_path / "out", progress=False)
    documents = atlas.documents([0, 1, 2])
    assert documents["id"].tolist() == ["cat/2.PNG", "dog/1.png", "loose.png"]
    assert documents["label"].tolist()[:2] == ["cat", "dog"]
    assert documents["label"].isna().tolist() == [False, False, True]
    assert (atlas.images([0, 1, 2])[..., 0] == pictures[[1, 0, 2]]).all()


def test_large_pictures_are_kept_small(tmp_path: Path) -> None:
    live = nw.attach(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), inputs=nw.ImageInputs((96, 192)))
    source = np.random.default_rng(0).integers(0, 256, (3, 96, 192, 3)).astype(np.uint8)
    atlas = nw.scan(live, source, out=tmp_path / "a", progress=False)
    row = atlas.exemplars("conv.0:0").iloc[0]
    assert row["image"].shape == (32, 64, 3)
    assert row["map"].shape == (16, 16)
    assert row["image"].mean() == pytest.approx(source[row["document"]].mean(), rel=0.02)


def test_scans_go_on_and_refuse_what_is_other(pictures: np.ndarray, tmp_path: Path) -> None:
    calls = iter(range(100))
    with pytest.raises(RuntimeError, match="same call"):
        nw.scan(live_eyes(), pictures.repeat(3, 0), out=tmp_path / "a", progress=False, stop=lambda: next(calls) > 1)
    a = nw.scan(live_eyes(), pictures.repeat(3, 0), out=tmp_path / "a", progress=False)
    b = nw.scan(live_eyes(), pictures.repeat(3, 0), out=tmp_path / "b", progress=False)
    assert a.manifest["files"] == b.manifest["files"]
    a.verify()
    other = pictures.repeat(3, 0)
    other[0, 0, 0] += 1
    with pytest.raises(AtlasError, match="other documents"):
        nw.scan(live_eyes(), other, out=tmp_path / "a", progress=False)


# ---- rows ------------------------------------------------------------------------------------------------------------


class Sums(nn.Sequential):
    """`dense.0`: the sum of the columns, and the first less the second, both after a ReLU."""

    def __init__(self) -> None:
        super().__init__(nn.Linear(3, 2, bias=False), nn.ReLU(), nn.Linear(2, 2))
        self[0].weight.data = torch.tensor([[1.0, 1.0, 1.0], [1.0, -1.0, 0.0]])


def live_sums() -> nw.LiveModel:
    torch.manual_seed(0)
    return nw.attach(Sums(), inputs=nw.TableInputs({"a": (0, 9), "b": (0, 9), "c": ["no", "yes"]}, preprocess=numbers))


def numbers(row: dict[str, Any]) -> Tensor:
    return torch.tensor([row["a"], row["b"], float(row["c"] == "yes")])


@pytest.fixture
def table() -> pd.DataFrame:
    source = np.random.default_rng(1)
    a, b = source.permutation(3000).reshape(2, 1500) / 400  # no two alike: no ties
    return pd.DataFrame({"a": a, "b": b, "c": np.where(source.random(1500) < 0.5, "yes", "no")})


def test_rows(table: pd.DataFrame, tmp_path: Path) -> None:
    frame = table.set_index(pd.Index([f"patient {i}" for i in range(1500)])).assign(label=["x", "y", "z"] * 500)
    atlas = nw.scan(live_sums(), frame, out=tmp_path / "a", progress=False)
    difference = (table["a"] - table["b"]).to_numpy()
    expected = np.argsort(-difference)[:20].tolist()
    top = atlas.exemplars("dense.0:1", group="top")
    assert top["document"].tolist() == expected
    assert top["id"].iloc[0] == f"patient {expected[0]}"
    assert top["label"].iloc[0] == "xyz"[expected[0] % 3]
    assert top["row"].iloc[0] == table.iloc[expected[0]].to_dict()
    assert top["values"].iloc[0].tolist() == [top["value"].iloc[0]]
    assert atlas.unit("dense.0:1")["density"] == (difference > 0).mean()
    assert atlas.document(3)["row"] == table.iloc[3].to_dict()
    assert repr(atlas).endswith("over 1,500 rows)")


def test_all_sources_of_rows_give_one_atlas(table: pd.DataFrame, tmp_path: Path) -> None:
    part = table.iloc[:40]
    sources = [part, part.to_dict("records"), part.to_numpy(), iter(part.itertuples(index=False, name=None))]
    for number, source in enumerate(sources):
        atlas = nw.scan(live_sums(), source, out=tmp_path / str(number), progress=False)
        pd.testing.assert_frame_equal(atlas.units, nw.open_atlas(tmp_path / "0").units)
        assert atlas.documents([7])["text"].tolist() == nw.open_atlas(tmp_path / "0").documents([7])["text"].tolist()


def test_what_does_not_fit_is_said(table: pd.DataFrame, pictures: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="Document 0: The row lacks 'b'"):
        nw.scan(live_sums(), table.drop(columns="b"), out=tmp_path / "a", progress=False)
    with pytest.raises(DocumentError, match="fractions goes from 0 to 1"):
        nw.scan(live_eyes(), pictures.astype(float), out=tmp_path / "b", progress=False)
    with pytest.raises(ValueError, match="are for texts"):
        nw.scan(live_eyes(), pictures, out=tmp_path / "c", window=8)
