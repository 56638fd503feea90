"""A scan goes on only with what it began with, and says where the last bits will be others."""

import json
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Tensor, nn

import neuronwidget as nw
from neuronwidget.atlas.files.folder import AtlasError
from neuronwidget.atlas.scan.observer import ScanPaused
from neuronwidget.passes.environment import ScanWarning
from tests.hostile.atlas_victim import Small, documents, live
from tests.hostile.test_atlas_kill import digests

SIDE = 12

pytestmark = pytest.mark.usefixtures("threads")


def begin(live: nw.LiveModel, data: Any, out: Path, **settings: Any) -> None:
    """Stopped after a chunk."""
    seen: list[object] = []
    with pytest.raises(ScanPaused):
        nw.scan(live, data, out=out, progress=seen.append, stop=lambda: bool(seen), **settings)


def quietly(live: nw.LiveModel, data: Any, out: Path, **settings: Any) -> nw.Atlas:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ScanWarning)
        return nw.scan(live, data, out=out, progress=False, **settings)


# ---- what becomes of an input ----------------------------------------------------------------------------------------


def scaled(mean: float, *, turned: bool = False, edge: float | None = None) -> Callable[[np.ndarray], Tensor]:
    def preprocess(pixels: np.ndarray) -> Tensor:
        found = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255 - mean
        if edge is not None:
            found[:, 0] = edge
        return found.flip(2) if turned else found

    return preprocess


class Processor:
    """Called as those of transformers are; what it does stands in an attribute."""

    model_input_names = ("pixel_values",)

    def __init__(self, mean: float) -> None:
        self.mean = mean

    def __call__(self, images: np.ndarray, return_tensors: str) -> dict[str, Tensor]:
        return {"input": scaled(self.mean)(images)[None]}


def eyes(preprocess: Any, gallery: Any = None) -> nw.LiveModel:
    torch.manual_seed(0)
    inputs = nw.ImageInputs(SIDE, preprocess=preprocess, gallery=gallery)
    return nw.attach(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), inputs=inputs)


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (70, SIDE, SIDE, 3)).astype(np.uint8)


@pytest.mark.parametrize("other", ["default", "mean", "turned", "edge"])
def test_another_preprocess_is_refused(other: str, pictures: np.ndarray, tmp_path: Path) -> None:
    others = {"mean": scaled(0.5001), "turned": scaled(0.5, turned=True), "edge": scaled(0.5, edge=0.0)}
    begin(eyes(scaled(0.5)), pictures, tmp_path / "a")
    with pytest.raises(AtlasError, match=r"a scan with another preprocess=: .* Give another out=, or remove it\."):
        nw.scan(eyes(others.get(other)), pictures, out=tmp_path / "a", progress=False)
    gallery = [np.zeros((SIDE, SIDE, 3), np.uint8)]
    atlas = quietly(eyes(scaled(0.5), gallery), pictures, tmp_path / "a")  # made anew, it does the same
    assert atlas.tokens == len(pictures)


def test_a_processor_is_told_by_what_it_does(pictures: np.ndarray, tmp_path: Path) -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, input: Tensor) -> Tensor:  # noqa: A002
            return self.conv(input)

    def attached(mean: float) -> nw.LiveModel:
        torch.manual_seed(0)
        return nw.attach(Named(), inputs=nw.ImageInputs(SIDE, preprocess=Processor(mean)))

    begin(attached(0.5), pictures, tmp_path / "a")
    with pytest.raises(AtlasError, match="another preprocess="):
        nw.scan(attached(0.4), pictures, out=tmp_path / "a", progress=False)
    quietly(attached(0.5), pictures, tmp_path / "a")


def test_what_draws_at_random_is_not_compared(pictures: np.ndarray, tmp_path: Path) -> None:
    def noisy(pixels: np.ndarray) -> Tensor:
        return scaled(0.5)(pixels) + torch.rand(())

    begin(eyes(noisy), pictures, tmp_path / "a")
    assert quietly(eyes(noisy), pictures, tmp_path / "a").manifest["sample"] is None


def test_another_way_to_prepare_a_row_is_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(1100, 3)), columns=list("abc"))

    def attached(table: pd.DataFrame, deviations: tuple[float, ...]) -> nw.LiveModel:
        torch.manual_seed(0)
        inputs = nw.TableInputs(table, standardise=([0.0, 0.0, 1e6], deviations))
        return nw.attach(nn.Sequential(nn.Linear(3, 4), nn.ReLU()), inputs=inputs)

    begin(attached(frame, (1.0, 1.0, 1.0)), frame, tmp_path / "a")
    with pytest.raises(AtlasError, match="another way to prepare a row"):
        nw.scan(attached(frame, (1.0, 1.001, 1.0)), frame, out=tmp_path / "a", progress=False)
    quietly(attached(frame * 2, (1.0, 1.0, 1.0)), frame, tmp_path / "a")  # other ranges change no row


def test_another_tokenizer_is_refused(tmp_path: Path) -> None:
    begin(live(), documents(120), tmp_path / "a", window=64)
    shifted = nw.TextInputs(lambda text: [(ord(c) + 1) % 128 for c in text], lambda ids: "".join(map(chr, ids)))
    with pytest.raises(AtlasError, match="another tokenizer"):
        nw.scan(nw.attach(Small(), inputs=shifted), documents(120), out=tmp_path / "a", progress=False, window=64)
    quietly(live(), documents(120), tmp_path / "a", window=64)


class Sae(nn.Module):
    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.lift = nn.Linear(48, 96)

    def encode(self, rows: Tensor) -> Tensor:
        return self.lift(rows).relu()


def test_another_sparse_autoencoder_is_refused(tmp_path: Path) -> None:
    def attached(seed: int) -> nw.LiveModel:
        found = live()
        found.add_sae("act", Sae(seed), name="features")
        return found

    begin(attached(0), documents(120), tmp_path / "a", sites=["features"], window=64)
    with pytest.raises(AtlasError, match="other weights of a sparse autoencoder"):
        nw.scan(attached(1), documents(120), ["features"], out=tmp_path / "a", progress=False, window=64)
    quietly(attached(0), documents(120), tmp_path / "a", sites=["features"], window=64)
    begin(attached(0), documents(120), tmp_path / "b", sites=["mix"], window=64)
    quietly(attached(1), documents(120), tmp_path / "b", sites=["mix"], window=64)  # it has no part in this one


# ---- how it is computed ----------------------------------------------------------------------------------------------


class Locked(Small):
    """Cannot be copied, so its passes are not made side by side but with all threads."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()


def locked() -> nw.LiveModel:
    return nw.attach(Locked(), inputs=live().inputs)


def test_another_number_of_threads_is_said(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    begin(locked(), documents(120), tmp_path / "a", window=64)
    torch.set_num_threads(2)
    words = (
        r"1 thread.*\) and goes on with .*2 threads.*\).*last bit\. torch\.set_num_threads\(1\) before the call keeps"
    )
    with pytest.warns(ScanWarning, match=words):
        begin(locked(), documents(120), tmp_path / "a", window=64)
    atlas = quietly(locked(), documents(120), tmp_path / "a", window=64)  # that was said
    assert [way["threads"] for way in atlas.manifest["computed"]] == [1, 2]
    assert all(way["torch"] == str(torch.__version__) for way in atlas.manifest["computed"])
    torch.set_num_threads(1)
    quietly(locked(), documents(120), tmp_path / "a", window=64)  # finished: nothing is computed


def test_without_numba_torch_counts_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = quietly(live(), documents(120), tmp_path / "compiled", window=64)
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "numba", None)  # what `import numba` then says is what it says where it is missing
        plain = quietly(live(), documents(120), tmp_path / "plain", window=64)
        begin(live(), documents(120), tmp_path / "both", window=64)
    with pytest.warns(ScanWarning, match="counted by torch.* goes on with .*counted by numba"):
        nw.scan(live(), documents(120), out=tmp_path / "both", window=64, progress=False)
    assert [a.manifest["computed"][0]["counted"] for a in (compiled, plain)] == ["by numba", "by torch"]
    both = nw.open_atlas(tmp_path / "both")
    theirs = compiled.units
    rounded = [name for name in ("mean", "variance", "std", "skew", "kurtosis") if name in theirs]
    for atlas in (plain, both):
        pd.testing.assert_frame_equal(atlas.units.drop(columns=rounded), theirs.drop(columns=rounded))
        pd.testing.assert_frame_equal(atlas.units[rounded], theirs[rounded], rtol=1e-4, atol=1e-6)


def test_the_same_number_of_threads_keeps_every_bit(tmp_path: Path) -> None:
    for threads in (1, 2):
        torch.set_num_threads(threads)
        quietly(locked(), documents(120), tmp_path / f"whole{threads}", window=64)
        begin(locked(), documents(120), tmp_path / f"parts{threads}", window=64)
        quietly(locked(), documents(120), tmp_path / f"parts{threads}", window=64)
        assert digests(tmp_path / f"whole{threads}") == digests(tmp_path / f"parts{threads}")


def test_a_scan_of_before_goes_on(tmp_path: Path) -> None:
    """A folder that does not say how it was prepared and computed is no other one."""
    from neuronwidget.atlas.files.folder import Folder

    begin(live(), documents(120), tmp_path / "a", window=64)
    folder = Folder(tmp_path / "a")
    folder.write_manifest({k: v for k, v in folder.manifest().items() if k not in ("sample", "saes", "computed")})
    assert "sample" not in json.loads((tmp_path / "a" / "manifest.json").read_text())
    quietly(live(), documents(120), tmp_path / "a", window=64)


def test_a_scan_of_an_edited_model_goes_on_with_the_same_edits_only(tmp_path: Path) -> None:
    """Edits are told apart by what they do, not by what their functions are called."""
    whole, half = (live().edited(nw.Edit("mix", lambda rows, factor=factor: rows * factor)) for factor in (1.0, 0.5))
    same = live().edited(nw.Edit("mix", lambda rows: rows * 0.5))
    sites = ["act"]
    begin(half, documents(), tmp_path / "a", sites=sites, window=64)
    for other in (whole, live()):
        with pytest.raises(AtlasError, match="other edits of the model"):
            nw.scan(other, documents(), sites, out=tmp_path / "a", window=64, progress=False)
    atlas = nw.scan(same, documents(), sites, out=tmp_path / "a", window=64, progress=False)
    assert [edit["edit"] for edit in atlas.manifest["edits"]] == [str(half.edits[0])]
    assert nw.unit_card(None, atlas, (atlas.sites[0].name, 0)).provenance.edits == (f"scan: {half.edits[0]}",)
