"""Values are counted where `device=` says, in whole scans, and what comes out is the same."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch

import neuronwidget as nw
from neuronwidget.atlas.scan import scan as whole
from tests.hostile.atlas_victim import documents, live

ROUNDED = ["mean", "std", "skew", "kurtosis"]
"""Sums of floating-point numbers, which are added in another order."""


def scanned(out: Path, **settings: Any) -> nw.Atlas:
    return nw.scan(live(), documents(70), out=out, window=64, progress=False, **settings)


def counted(atlas: nw.Atlas) -> str:
    return str(atlas.manifest["computed"][0]["counted"])


def test_a_scan_that_counts_as_on_a_card_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of graphics cards, forced onto the CPU, beside compiled loops."""
    loops = scanned(tmp_path / "loops", device="cpu")
    monkeypatch.setattr(whole, "counts_like_a_card", lambda place, model: True)
    card = scanned(tmp_path / "card")
    assert [counted(loops), counted(card)] == ["by numba", "by torch"]
    pd.testing.assert_frame_equal(card.units.drop(columns=ROUNDED), loops.units.drop(columns=ROUNDED))
    pd.testing.assert_frame_equal(card.units[ROUNDED], loops.units[ROUNDED], rtol=1e-4, atol=1e-6)
    for unit in (card.units.index[0], card.units.index[-1]):
        for group in ("top", "bottom", "intervals", "quantiles"):
            pd.testing.assert_frame_equal(card.exemplars(unit, group=group), loops.exemplars(unit, group=group))


@pytest.mark.parametrize("device", ["anywhere", "cpu and more", 3.5, ["cpu"], "meta", "cuda:99"])
def test_a_device_that_cannot_count_is_refused_in_a_sentence(device: Any, tmp_path: Path) -> None:
    words = r"device= says where values are counted: .*; not |Values cannot be counted on .*: .*\. Leave device= out"
    with pytest.raises(ValueError, match=words):
        scanned(tmp_path / "a", device=device)
    assert not (tmp_path / "a").exists()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no graphics card")
def test_values_of_a_model_on_the_cpu_can_be_counted_on_a_card(tmp_path: Path) -> None:
    card, loops = scanned(tmp_path / "card", device="cuda"), scanned(tmp_path / "loops")
    assert counted(card) == "by torch on cuda"
    pd.testing.assert_frame_equal(card.units.drop(columns=ROUNDED), loops.units.drop(columns=ROUNDED))
