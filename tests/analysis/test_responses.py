"""Responses: rows of inputs, by hand and by a run over the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import neuronwidget as nw
from neuronwidget.analysis.responses import store
from neuronwidget.analysis.responses.reduce import HOW

TEXTS = ["def f(x):\n    return x", "# a note", "x = [1, 2, 3]  # three", "", "import os\n" * 60]


def by_hand(values: np.ndarray, how: str) -> np.ndarray:
    parts = {
        "mean": lambda: values.mean(0),
        "std": lambda: values.std(0),
        "max": lambda: values.max(0),
        "min": lambda: values.min(0),
        "last": lambda: values[-1],
        "value": lambda: values.reshape(-1),
        "active": lambda: (values > 0).mean(0),
    }
    return np.concatenate([parts[part]() for part in HOW[how]])


@pytest.mark.parametrize("how", ["mean", "mean+std", "mean+max", "max", "min+max", "last", "active"])
def test_rows_of_texts_are_what_their_positions_come_to(how: str) -> None:
    """Also of a text that is longer than a window; an empty one has no row."""
    live: Any = nw.demo("code")
    responses = nw.collect(live, TEXTS, ["mlp.0"], how=how)
    assert responses.documents.tolist() == [0, 1, 2, 4]
    for row, number in zip(responses.values["mlp.0"][:3], responses.documents, strict=False):
        expected = by_hand(live.record(TEXTS[number], sites=["mlp.0"])["mlp.0"].double().numpy(), how)
        np.testing.assert_allclose(row, expected, atol=2e-5)
    for number, said in zip(responses.documents[:3], responses.predictions[:3], strict=True):
        assert said == live.predict(TEXTS[number])["token"][0]
    assert responses.input(4) == TEXTS[4]


@pytest.mark.parametrize("how", ["none", "mean", "max"])
def test_rows_of_pictures(how: str) -> None:
    live: Any = nw.demo("digits")
    pictures = np.random.default_rng(0).integers(0, 256, (5, 16, 16), dtype=np.uint8)
    responses = nw.collect(live, pictures, ["conv.1", "dense.0"], how=how, labels="abcde")
    for site in ("conv.1", "dense.0"):
        expected = [by_hand(live.record(one, sites=[site])[site].double().numpy(), how) for one in pictures]
        np.testing.assert_allclose(responses.values[site][:], expected, atol=1e-4)
    assert responses.predictions == [str(live.predict(one)["class"][0]) for one in pictures]
    assert responses.labels == list("abcde")
    assert np.array_equal(responses.inputs.contents([3])[0][:, :, 0], pictures[3])


def test_many_rows_lie_on_the_disk_and_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    live: Any = nw.demo("cancer")
    here = nw.collect(live, live.inputs.rows, ["dense.0"])
    monkeypatch.setattr(store, "IN_MEMORY", 500)
    there = nw.collect(live, live.inputs.rows, ["dense.0"])
    values, same = here.values["dense.0"], there.values["dense.0"]
    assert (values.on_disk, same.on_disk) == (False, True)
    largest = np.abs(values[:]).max(1, keepdims=True)
    assert (np.abs(same[:] - values[:]) <= largest / 1000).all()
    np.testing.assert_array_equal(same[2:5], same[:][2:5])
    np.testing.assert_array_equal(same[[4, 1]], same[:][[4, 1]])
    for rows in (values, same):
        np.testing.assert_array_equal(rows.columns(slice(3, 5)), rows[:][:, 3:5])
        np.testing.assert_array_equal(rows.columns(np.array([6, 2])), rows[:][:, [6, 2]])


def test_a_sample_is_drawn_by_the_seed_and_said() -> None:
    live: Any = nw.demo("cancer")
    rows = list(live.inputs.rows)
    whole = nw.collect(live, rows, ["dense.0"])
    some, again = (nw.collect(live, iter(rows), ["dense.0"], most=6, seed=3) for _ in range(2))
    assert some.documents.tolist() == again.documents.tolist() == sorted(some.documents.tolist())
    np.testing.assert_array_equal(some.values["dense.0"][:], again.values["dense.0"][:])
    np.testing.assert_allclose(some.values["dense.0"][:], whole.values["dense.0"][some.documents], 1e-5, 1e-6)
    assert some.sample == f"6 of {len(rows)} inputs, drawn with seed 3"
    assert whole.sample == ""


def test_positions_of_texts_cannot_be_kept_apart() -> None:
    with pytest.raises(ValueError, match="how='none' keeps all positions apart"):
        nw.collect(nw.demo("code"), TEXTS, ["mlp.0"], how="none")
    with pytest.raises(ValueError, match="how= is one of none, mean"):
        nw.collect(nw.demo("code"), TEXTS, ["mlp.0"], how="median")
    with pytest.raises(KeyError, match=r"nw\.collect\(live, data, \['mlp.1', …\]\)"):
        nw.collect(nw.demo("code"), TEXTS, ["mlp.0"]).of("mlp.1")


def test_what_has_no_head_has_no_predictions() -> None:
    live = nw.attach(torch.nn.Sequential(torch.nn.Linear(2, 3)), inputs=nw.TableInputs({"a": (0, 1), "b": (0, 1)}))
    responses = nw.collect(live, [{"a": 0.1, "b": 0.2}], ["dense.0"], predictions=False)
    assert responses.predictions is None
