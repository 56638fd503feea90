"""Directions: what a unit writes, what tells two groups apart, and the layer at which steering acts."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.metrics import roc_auc_score

import neuronwidget as nw
from neuronwidget.analysis.directions.difference import Difference
from neuronwidget.analysis.directions.layer_sweep import LayerSweep
from neuronwidget.analysis.directions.output_weights import OutputWeights
from neuronwidget.live.capture import Overtaken
from tests.analysis.planted_streams import GROUP, LETTERS, SAID, Planted, attached


@pytest.fixture(scope="module")
def live() -> Any:
    return attached(Planted())


def documents(letters: str, count: int, seed: int = 0) -> list[str]:
    source = random.Random(seed)
    return ["".join(source.choices(letters, k=12)) for _ in range(count)]


FIRST, SECOND = documents(LETTERS[:4], 16), documents(LETTERS[4:], 16)


# ---- what a unit writes --------------------------------------------------------------------------------------------


def test_a_neurons_direction_is_its_column_of_the_down_projection(live: Any) -> None:
    weights = nw.output_weights(live, "mlp.1:0")
    assert weights.site == "resid.1"
    assert torch.allclose(weights.direction, live.module.blocks[1].down.weight[:, 0], atol=1e-6)
    assert "promotes 'a'" in weights.verdict
    assert weights.table().iloc[0].to_dict() == {"unit": f"resid.1:{SAID}", "label": "", "weight": pytest.approx(1.0)}
    assert nw.output_weights(live, "mlp.1:0", site="resid.2").site == "resid.2"
    unit = nw.output_weights(live, "resid.0:2").direction
    assert unit.tolist() == [float(i == 2) for i in range(len(unit))]


def test_adding_it_is_one_more_of_the_unit(live: Any) -> None:
    weights = nw.output_weights(live, "mlp.1:4")

    def one_more(rows: torch.Tensor) -> torch.Tensor:
        rows[:, 4] += 1
        return rows

    text, sites = "abcdefgh", ["resid.1", "resid.2"]
    more = live.edited(nw.Edit("mlp.1", one_more)).record(text, sites)
    steered = live.edited(nw.Edit("resid.1", lambda rows: rows + weights.direction)).record(text, sites)
    for site in sites:
        assert torch.allclose(more[site], steered[site], atol=1e-6)


def test_a_features_direction_is_its_row_of_the_decoder() -> None:
    code: Any = nw.demo("code", sae=True)
    weights = nw.output_weights(code, "sae.1:7")
    assert weights.site == "mlp.1"
    assert weights.direction.shape == (768,)
    stream = nw.output_weights(code, "sae.1:7", site="resid.1")
    down = code.module.blocks[1].mlp.down.weight
    assert torch.allclose(stream.direction, down @ weights.direction, atol=1e-4)


def test_a_unit_without_a_direction_is_refused(live: Any) -> None:
    with pytest.raises(ValueError, match=r"has no direction to steer along: .* not a site of the stream"):
        nw.output_weights(live, "mlp.1:0", site="mlp.2")
    with pytest.raises(ValueError, match="does not write into a stream"):
        nw.output_weights(nw.demo("digits"), "conv.0:1")
    with pytest.raises(IndexError, match="has the units 0 to 11"):
        nw.output_weights(live, "mlp.1:99")


# ---- what tells two groups apart -----------------------------------------------------------------------------------


def test_the_planted_dimension_is_the_difference(live: Any) -> None:
    found = nw.difference(live, FIRST, SECOND, "resid.0")
    assert abs(found.direction).argmax() == GROUP
    assert float(found.direction[GROUP]) == pytest.approx(2.0, abs=1e-5)
    assert (found.separation, found.separates) == (1.0, True)
    assert found.p < 0.01
    assert found.verdict.startswith("At resid.0 the direction tells a from b in 16 held-out documents: AUROC 1.00")
    assert len(found.table()) == 16
    assert found.agreement > 0.9


@pytest.mark.parametrize("at", ["mean", "last"])
def test_it_is_made_of_one_half_and_judged_by_the_other(live: Any, at: str) -> None:
    """By hand, from the documents that it says it was made of."""
    mixed = [documents(LETTERS[:4], 12, 1), documents(LETTERS[1:], 14, 2)]
    found = nw.difference(live, mixed[0], mixed[1], "resid.1", at=at, seed=5)
    means = {
        name: np.stack([live.record(text, ["resid.1"])["resid.1"].numpy() for text in texts])
        for name, texts in zip("ab", mixed, strict=True)
    }
    vectors = {name: rows.mean(1) if at == "mean" else rows[:, -1] for name, rows in means.items()}
    groups = {name: table.reset_index(drop=True) for name, table in found.documents.groupby("group")}
    halves = {name: table["held_out"].to_numpy() for name, table in groups.items()}
    by_hand = vectors["a"][~halves["a"]].mean(0) - vectors["b"][~halves["b"]].mean(0)
    np.testing.assert_allclose(found.direction.numpy(), by_hand, atol=1e-5)
    held = found.table()
    assert found.separation == pytest.approx(roc_auc_score(held["group"] == "a", held["score"]))
    assert {name: int(half.sum()) for name, half in halves.items()} == {"a": 6, "b": 7}


def test_groups_of_the_same_kind_are_seldom_told_apart(live: Any) -> None:
    told = 0
    for seed in range(24):
        same = documents(LETTERS, 20, 100 + seed)
        told += nw.difference(live, same[:10], same[10:], "resid.0", seed=seed).separates
    assert told <= 4


def test_pictures_and_rows_have_differences_too() -> None:
    digits: Any = nw.demo("digits")
    noise = np.random.default_rng(0).integers(0, 100, (20, 16, 16), dtype=np.uint8)
    bright = noise[:10].copy()
    bright[:, :8] += 150
    found = nw.difference(digits, bright, noise[10:], "conv.0")
    assert found.separates
    assert found.direction.shape == (8,)
    cancer: Any = nw.demo("cancer")
    rows = cancer.inputs.rows
    found = nw.difference(cancer, rows[0::2], rows[1::2], "dense.0", seed=1)
    assert found.separates


def test_too_few_documents_and_other_questions_are_refused(live: Any) -> None:
    with pytest.raises(ValueError, match="docs_b has 3 documents that say something; 4 are needed"):
        nw.difference(live, FIRST, [*SECOND[:3], ""], "resid.0")
    with pytest.raises(ValueError, match="at= is one of mean, last"):
        nw.difference(live, FIRST, SECOND, "resid.0", at="first")
    with pytest.raises(KeyError, match=r"no site 'resid\.9'"):
        nw.difference(live, FIRST, SECOND, "resid.9")
    with pytest.raises(Overtaken):
        nw.difference(live, FIRST, SECOND, "resid.0", overtaken=lambda: True)


def test_documents_of_both_groups_are_left_out_and_what_reads_the_same_is_in_one_half(live: Any) -> None:
    both = [*FIRST, *SECOND[:3]]
    found = nw.difference(live, both, SECOND, "resid.0")
    assert found.documents["group"].value_counts().to_dict() == {"a": 16, "b": 13}
    assert found.verdict.endswith("6 documents in both groups were left out.")
    assert found.provenance.data["documents"] == 29
    apart = nw.difference(live, FIRST, SECOND[3:], "resid.0")
    np.testing.assert_allclose(np.abs(found.vector).argmax(), np.abs(apart.vector).argmax())
    swept = nw.layer_sweep(live, both, SECOND, ["resid.0"], random=1, documents=2)
    assert swept.verdict.endswith("6 documents in both groups were left out.")
    with pytest.raises(
        ValueError, match=r"docs_b has 3 documents that say something; 4 .* 16 documents in both groups"
    ):
        nw.difference(live, FIRST, [*FIRST[:8], *SECOND[:3]], "resid.0")
    twice = nw.difference(live, FIRST * 2, SECOND, "resid.0").documents.query("group == 'a'")["held_out"].tolist()
    assert twice[:16] == twice[16:]
    with pytest.raises(ValueError, match="docs_a has 1 documents that say something and do not read the same"):
        nw.difference(live, FIRST[:1] * 8, SECOND, "resid.0")


def test_steering_takes_both_as_directions(live: Any) -> None:
    found, weights = nw.difference(live, FIRST, SECOND, "resid.0"), nw.output_weights(live, "mlp.0:4")
    plain = live.record("hgfe", ["resid.0"])["resid.0"]
    for direction in (found, weights):
        steered = live.record("hgfe", ["resid.0"], edits=[nw.Steer("resid.0", direction, 2.0, raw=True)])["resid.0"]
        assert torch.allclose(steered, plain + 2 * direction.direction, atol=1e-5)
    said = live.predict("hgfe", k=8).set_index("token")["probability"]
    turned = live.predict("hgfe", k=8, edits=[nw.Steer("resid.0", found, 1.0, raw=True)])
    assert turned.set_index("token")["probability"]["a"] > 0.9 > 0.1 > said["a"]


# ---- at which layer to steer ---------------------------------------------------------------------------------------


def test_steering_acts_where_what_follows_reads_it(live: Any) -> None:
    """Before the block that copies the group, and behind it, where the copy is a part of the difference."""
    seen: list[tuple[int, int]] = []
    swept = nw.layer_sweep(live, FIRST, SECOND, strength=1.0, progress=lambda *done: seen.append(done))
    layers = swept.table().set_index("site")
    assert list(layers.index) == ["resid.0", "resid.1", "resid.2"]
    assert (layers["nearer"] > layers["random"]).all()
    assert (layers["separation"] == 1.0).all()
    assert swept.best is not None
    assert swept.verdict.startswith(f"Steer at {swept.best}: ")
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_where_the_group_does_not_reach_the_output_no_layer_is_named() -> None:
    module = Planted()
    torch.nn.init.zeros_(module.head.weight)
    swept = nw.layer_sweep(attached(module), FIRST, SECOND)
    assert swept.best is None
    assert swept.verdict.startswith("At no layer does steering")


def test_results_come_back_from_json_and_say_what_they_rest_on(live: Any) -> None:
    pytest.importorskip("altair")
    silent = nw.Edit("mlp.0", torch.zeros_like)
    found = [
        nw.output_weights(live.edited(silent), "mlp.1:0"),
        nw.difference(live, FIRST, SECOND, "resid.0", edits=[silent], seed=3),
        nw.layer_sweep(live, FIRST, SECOND, edits=[silent], seed=3, random=2, documents=2),
    ]
    kinds: tuple[Any, ...] = (OutputWeights, Difference, LayerSweep)
    for result, kind in zip(found, kinds, strict=True):
        again: Any = kind.from_json(result.to_json())
        assert again.to_json() == result.to_json()
        assert again.verdict == result.verdict
        pd.testing.assert_frame_equal(again.table(), result.table())
        assert result.provenance.edits == (str(silent),)
        assert result.provenance.weights == found[0].provenance.weights
        assert result.chart().to_dict()
        assert result.verdict in repr(result)
    assert [result.provenance.seed for result in found] == [None, 3, 3]
    assert found[1].provenance.data["documents"] == 32
