"""A kind of input that the package does not know: a curve of 64 numbers. One object, and its data can be scanned."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.atlas.files.untrusted import AtlasError
from neuronwidget.corpus.documents import read_documents
from neuronwidget.corpus.files import Columns, documents
from neuronwidget.corpus.kinds.registry import KINDS, kind_of
from neuronwidget.corpus.sources import DocumentError
from tests.curve import LENGTH, CurveInputs, curves_are_known


@pytest.fixture
def curves() -> Iterator[None]:
    with curves_are_known():
        yield


def model() -> nw.LiveModel:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv1d(1, 4, 5), nn.ReLU(), nn.Conv1d(4, 6, 5, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 28, 2)
    )
    return nw.attach(net.eval(), inputs=CurveInputs(["flat", "steep"]))


def activations(live: nw.LiveModel, data: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """[curves, positions, units] of each site, computed without the package's passes."""
    net: Any = live.module
    with torch.no_grad():
        first = net[0](torch.from_numpy(data)[:, None])
        second = net[2](net[1](first))
    return {"0": first.transpose(1, 2).numpy(), "2": second.transpose(1, 2).numpy()}


def test_a_kind_is_scanned_by_registering_one_object(curves: None, tmp_path: Path) -> None:
    live = model()
    data = np.random.default_rng(1).normal(size=(90, LENGTH)).cumsum(1).astype(np.float32) / 8
    labels = [str(number % 3) for number in range(len(data))]
    atlas = nw.scan(live, data, list(activations(live, data)), out=tmp_path / "a", labels=labels, progress=False)
    assert repr(atlas).endswith("over 90 curves)")
    for site, values in activations(live, data).items():
        units = atlas.units.loc[site]
        flat = values.reshape(-1, values.shape[2])
        assert units["seen"].tolist() == [len(flat)] * flat.shape[1]
        np.testing.assert_array_equal((units["density"] * len(flat)).round(), (flat > 0).sum(0))
        np.testing.assert_allclose(units["max"], flat.max(0), rtol=1e-6)
        np.testing.assert_allclose(units["mean"], flat.mean(0), rtol=1e-4, atol=1e-6)
        for unit in range(flat.shape[1]):
            assert atlas.histogram((site, unit))["count"].sum() == len(flat)
            top = atlas.exemplars((site, unit), "top")
            largest = np.sort(values[..., unit].max(1))[::-1][:20]
            np.testing.assert_allclose(top["value"], largest[: len(top)], rtol=1e-6)
            for document, row, label in zip(top["document"], top["row"], top["label"], strict=True):
                np.testing.assert_array_equal(np.float32(row), data[document])
                assert label == labels[document]
    np.testing.assert_array_equal(np.float32(atlas.document(7)["row"]), data[7])


def test_a_scan_of_a_kind_is_known_again_and_goes_on(curves: None, tmp_path: Path) -> None:
    live = model()
    data = np.random.default_rng(2).normal(size=(2500, LENGTH)).astype(np.float32)

    def stop_at_once(done: dict[str, Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nw.scan(live, data, ["2"], out=tmp_path / "a", progress=stop_at_once)
    resumed = nw.scan(live, data, ["2"], out=tmp_path / "a", progress=False)
    whole = nw.scan(live, data, ["2"], out=tmp_path / "b", progress=False)
    assert resumed.manifest["files"] == whole.manifest["files"]
    with pytest.raises(ValueError, match="run whole"):
        nw.scan(live, data, out=tmp_path / "c", window=8)
    with pytest.raises(AtlasError, match="other documents"):
        nw.scan(live, data[::-1].copy(), ["2"], out=tmp_path / "a", progress=False)


def test_a_card_speaks_of_it_in_its_own_words(curves: None, tmp_path: Path) -> None:
    live = model()
    data = np.random.default_rng(3).normal(size=(60, LENGTH)).astype(np.float32)
    atlas = nw.scan(live, data, ["2", "dense.0"], out=tmp_path / "a", progress=False)
    assert "places on curves" in nw.unit_card(live, atlas, "2:0").words


def test_an_atlas_of_a_kind_that_nobody_registered_is_refused(curves: None, tmp_path: Path) -> None:
    nw.scan(model(), np.zeros((3, LENGTH), np.float32), ["2"], out=tmp_path / "a", progress=False)
    del KINDS["curve"]
    with pytest.raises(AtlasError, match="'curve'"):
        nw.open_atlas(tmp_path / "a")


def test_its_documents_come_from_pairs_columns_and_files(curves: None, tmp_path: Path) -> None:
    data = np.random.default_rng(4).normal(size=(5, LENGTH)).astype(np.float32)
    np.save(tmp_path / "curves.npy", data)
    kind = kind_of("curve")
    cutter = kind.cutter(CurveInputs(), None, None)
    frame = pd.DataFrame({"curve": list(data), "label": ["a", "b", "a", "b", "a"]})
    sources: dict[str, Any] = {
        "array": data,
        "pairs": list(zip(data, frame["label"], strict=True)),
        "frame": frame,
        "file": documents([tmp_path / "curves.npy"], Columns(), kind.from_files),
    }
    for name, source in sources.items():
        found = list(read_documents(source, cutter))
        assert len(found) == 5
        for document, curve in zip(found, data, strict=True):
            np.testing.assert_array_equal(document.content, curve)
        labels = [document.label for document in found]
        assert labels == (frame["label"].tolist() if name in ("pairs", "frame") else [None] * 5)
    with pytest.raises(DocumentError, match="no column 'measured'; it has curve, label"):
        list(read_documents(frame, cutter, column="measured"))
    with pytest.raises(DocumentError, match="A curve has 64 numbers"):
        list(read_documents([np.zeros(3)], cutter))
