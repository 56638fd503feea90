"""Patterns as a result: what is refused, what is kept, what a view reads of it."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_digits

import neuronwidget as nw
from neuronwidget.analysis.patterns.describe import markers
from neuronwidget.analysis.patterns.result import Patterns
from neuronwidget.analysis.responses import store
from neuronwidget.live.capture import Overtaken
from tests.planted.digit_nets import as_rows, passing, planted_clusters

WIDTH = 6


@pytest.fixture(scope="module")
def live() -> Any:
    return passing(WIDTH)


def clusters(count: int = 180, seed: int = 0) -> tuple[list[dict[str, float]], list[str]]:
    """Rows in six clusters and a few in none, and the names of their clusters."""
    values, planted = planted_clusters(seed, clusters=6, width=WIDTH, count=count, noise=0.1)
    return as_rows(values), [f"cluster {number}" for number in planted]


@pytest.fixture(scope="module")
def found(live: Any) -> Patterns:
    rows, labels = clusters()
    return nw.patterns(live, rows, "dense.0", labels=labels, bootstraps=4)


def rows_of(values: Any) -> list[dict[str, float]]:
    return as_rows(np.asarray(values, np.float32))


# ---- what comes out ------------------------------------------------------------------------------------------------


def test_a_row_an_input_and_a_row_a_pattern(found: Patterns) -> None:
    rows, labels = clusters()
    assert found.inputs["document"].tolist() == list(range(len(rows)))
    assert found.inputs["label"].tolist() == labels
    assert found.inputs["prediction"].notna().all()
    table = found.table()
    counted = found.inputs["pattern"].value_counts()
    assert [counted[pattern] for pattern in table["pattern"]] == table["inputs"].tolist()
    assert found.noise == pytest.approx((found.inputs["pattern"] < 0).mean())
    assert table["label"].iloc[0].startswith("cluster ")
    assert set(found.inputs["membership"].between(0, 1)) == {True}
    heart = found.members(0)
    assert heart["membership"].is_monotonic_decreasing
    assert heart["row"].iloc[0] == pytest.approx(rows[int(heart["document"].iloc[0])])
    assert (found.members(-1)["pattern"] == -1).all()
    assert len(found.members()) == len(rows)
    assert found.document(7) == pytest.approx(rows[7])
    with pytest.raises(KeyError, match="There is no pattern 99"):
        found.members(99)


def test_the_markers_are_units_that_differ(found: Patterns) -> None:
    rows, _ = clusters()
    values = np.array([list(row.values()) for row in rows])
    for pattern, marked in found.markers.groupby("pattern"):
        own = (found.inputs["pattern"] == pattern).to_numpy()
        gap = np.abs(np.median(values[own], 0) - np.median(values[~own], 0)) / np.abs(values).max(0)
        assert int(marked["unit"].iloc[0]) in np.argsort(-gap)[:2]


def test_markers_have_an_effect_of_the_other_half_and_a_q_for_all_that_were_searched() -> None:
    """Six units make the clusters, and four do something else."""
    values, planted = planted_clusters(0, clusters=6, width=WIDTH, count=180, noise=0.1)
    apart = np.c_[values, np.random.default_rng(1).uniform(0, 0.05, (len(values), 4))].astype(np.float32)
    found = nw.patterns(passing(WIDTH + 4), as_rows(apart), "dense.0", scale="none", bootstraps=2, nulls=0)
    marks, table = found.markers, found.table()
    assert set(marks["searched"]) == {(WIDTH + 4) * len(table)}
    assert marks["auroc"].between(marks["low"], marks["high"]).all()
    others = marks["unit"] >= WIDTH
    first = marks.drop_duplicates("pattern")
    assert (first["q"] < 0.01).all()
    assert ((first["auroc"] - 0.5).abs() > 0.25).all()
    assert (marks["q"][others] > 0.05).all()
    assert table["unit"].tolist() == [f"dense.0:{unit}" for unit in first["unit"]]
    shown = table[["auroc", "auroc_low", "auroc_high", "q", "searched"]].to_numpy()
    np.testing.assert_array_equal(shown, first[["auroc", "low", "high", "q", "searched"]].to_numpy())
    responses, ones, lucky = found.responses, np.ones(WIDTH + 4), []
    assert responses is not None
    for seed in range(20):
        dealt = np.random.default_rng(seed).permutation(planted)
        lucky.append((markers(responses, "dense.0", apart, dealt, ones, seed)["q"] <= 0.05).any())
    assert sum(lucky) <= 2, "inputs dealt out at random have no markers"


def test_it_survives_json_and_shows_itself_without_a_kernel(live: Any, found: Patterns) -> None:
    again = Patterns.from_json(found.to_json())
    pd.testing.assert_frame_equal(again.table(), found.table())
    pd.testing.assert_frame_equal(again.inputs, found.inputs)
    assert again.verdict == found.verdict
    assert again.responses is None
    rows, _ = clusters()
    assert again.document(7) == pytest.approx(rows[7])
    assert again.place(live, rows[3]) == found.place(live, rows[3])
    html = again._repr_html_()
    assert 'src="data:image/png;base64,' in html
    assert "<script" not in html
    assert again.chart().to_dict()["title"]["subtitle"] == found.verdict


def test_pictures_have_an_average_and_are_opened_whole() -> None:
    live: Any = nw.demo("digits")
    pictures = np.repeat(np.repeat((load_digits().images[:300] * 15).astype(np.uint8), 2, 1), 2, 2)
    found = nw.patterns(live, pictures, "dense.0", bootstraps=2, nulls=0)
    assert found.averages is not None
    assert found.averages.shape == (len(found.table()), 16, 16, 1)
    own = (found.inputs["pattern"] == 0).to_numpy()
    np.testing.assert_allclose(found.averages[0, :, :, 0], pictures[own].mean(0) / 255, atol=1e-5)
    assert np.array_equal(found.document(5)[:, :, 0], pictures[5])
    assert np.array_equal(Patterns.from_json(found.to_json()).document(5)[:, :, 0], pictures[5])


def test_the_flow_between_two_sites_counts_common_inputs(found: Patterns, live: Any) -> None:
    rows, _ = clusters()
    other = nw.patterns(live, rows[:100], "dense.0", bootstraps=2, nulls=0)
    flow = found.flow(other)
    assert flow["inputs"].sum() == 100
    np.testing.assert_allclose(flow.groupby("from")["of_from"].sum(), 1)
    np.testing.assert_allclose(flow.groupby("to")["of_to"].sum(), 1)
    first = flow[(flow["from"] == 0)]
    both = found.inputs["pattern"].to_numpy()[:100] == 0
    assert first["inputs"].sum() == both.sum()


# ---- no pass is made twice -----------------------------------------------------------------------------------------


def test_what_was_collected_needs_no_pass() -> None:
    rows, labels = clusters()
    live: Any = passing(WIDTH)
    responses = nw.collect(live, rows, ["dense.0"], labels=labels)
    seen: list[int] = []
    handle = live.module.layer.register_forward_hook(lambda *_: seen.append(1))
    found = nw.patterns(live, responses, "dense.0", bootstraps=2, nulls=0)
    handle.remove()
    assert not seen
    direct = nw.patterns(live, rows, "dense.0", labels=labels, bootstraps=2, nulls=0)
    pd.testing.assert_frame_equal(found.inputs, direct.inputs)
    assert found.responses is responses


def test_what_was_collected_of_another_model_is_refused(live: Any) -> None:
    rows, _ = clusters()
    responses = nw.collect(live, rows, ["dense.0"])
    off = nw.Edit("dense.0", lambda values: values * 0.5)
    with pytest.raises(ValueError, match="as it was or was edited then"):
        nw.patterns(live, responses, "dense.0", edits=[off])
    with pytest.raises(ValueError, match="how='mean', not 'max'"):
        nw.patterns(live, responses, "dense.0", how="max")


def test_edits_act_and_are_said(live: Any) -> None:
    rows, _ = clusters()
    off = nw.Ablate("dense.0:1", to="zero")
    found = nw.patterns(live, rows, "dense.0", edits=[off], bootstraps=2, nulls=0)
    assert 1 not in set(found.markers["unit"])
    assert found.provenance.edits == (str(off),)


def test_most_inputs_are_assigned_where_some_make_the_patterns(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where their rows lie on the disk."""
    monkeypatch.setattr(store, "IN_MEMORY", 5000)
    rows, labels = clusters(600)
    whole = nw.patterns(live, rows, "dense.0", labels=labels, bootstraps=2, nulls=0)
    found = nw.patterns(live, rows, "dense.0", labels=labels, most=200, bootstraps=2, nulls=0)
    assert found.responses is not None
    assert found.responses.of("dense.0").on_disk
    assert found.inputs["fitted"].sum() == 200
    assert found.sample.startswith("found in 200 of 600 inputs, drawn with seed 0; the rest was assigned")
    assert found.sample in found.verdict
    assert found.agreement > whole.agreement - 0.1


def test_one_input_is_placed_as_many_are_assigned(live: Any) -> None:
    """In clusters, between them, far away, upon one another; of the rest many were assigned at once."""
    rows, _ = clusters(600)
    source = np.random.default_rng(3)
    far = rows_of(source.normal(0.5, 2.0, (60, WIDTH)))
    found = nw.patterns(live, [*rows, *far, *rows[:40]], "dense.0", most=200, bootstraps=2, nulls=0)
    asked = np.flatnonzero(~found.inputs["fitted"].to_numpy())[::4]
    placed = [found.place(live, found.document(int(number))) for number in asked]
    known = found.inputs.iloc[asked]
    assert [one.pattern for one in placed] == known["pattern"].tolist()
    assert len(set(known["pattern"])) == 7, "of each pattern, and of none"
    for name in ("membership", "outlier", "x", "y"):
        np.testing.assert_allclose([getattr(one, name) for one in placed], known[name], atol=1e-5)
    points = found.placer.space.points(np.array([list(found.document(int(number)).values()) for number in asked]))
    apart = np.linalg.norm(points[:, None] - found.placer.points, axis=2)
    nearest = [found.placer.documents[order].tolist() for order in np.argsort(apart, axis=1)[:, :2]]
    assert np.mean([one.nearest[:2] == two for one, two in zip(placed, nearest, strict=True)]) > 0.97


def test_progress_is_told_and_it_ends_when_asked(live: Any) -> None:
    rows, _ = clusters()
    told: list[tuple[int, int]] = []
    nw.patterns(live, rows, "dense.0", bootstraps=3, progress=lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == list(range(1, told[0][1] + 1))
    with pytest.raises(Overtaken):
        nw.patterns(live, rows, "dense.0", overtaken=lambda: len(told) > 0)


# ---- what is refused -----------------------------------------------------------------------------------------------


def test_what_cannot_have_patterns_is_refused_in_a_sentence(live: Any) -> None:
    rows, labels = clusters()
    with pytest.raises(ValueError, match=r"There are 4 inputs, and patterns of at least 5 need 13 or more"):
        nw.patterns(live, rows[:4], "dense.0")
    with pytest.raises(ValueError, match="labels= names 3 labels for 180 inputs"):
        nw.patterns(live, rows, "dense.0", labels=labels[:3])
    with pytest.raises(ValueError, match=r"All 20 inputs give the same at dense.0"):
        nw.patterns(live, rows[:1] * 20, "dense.0")
    only = np.zeros((20, WIDTH))
    only[:, 2] = np.arange(20)
    with pytest.raises(ValueError, match=r"Only one unit of dense.0 differs"):
        nw.patterns(live, rows_of(only), "dense.0")
    single = nw.attach(torch.nn.Sequential(torch.nn.Linear(2, 1)), inputs=nw.TableInputs({"a": (0, 1), "b": (0, 1)}))
    site = single.sites[-1].name
    with pytest.raises(ValueError, match=f"{site} has one unit"):
        nw.patterns(single, [{"a": n / 20, "b": 0.0} for n in range(20)], site)
    broken = nw.Edit("dense.0", lambda values: torch.where(values[:, :1] > 0.9, torch.nan, values))
    with pytest.raises(ValueError, match=r"gives no finite numbers for \d+ of 180 inputs"):
        nw.patterns(live, rows, "dense.0", edits=[broken])
    with pytest.raises(ValueError, match="method= is one of eom, leaf"):
        nw.patterns(live, rows, "dense.0", method="kmeans")
    if importlib.util.find_spec("umap") is None:
        with pytest.raises(ImportError, match="pip install umap-learn"):
            nw.patterns(live, rows, "dense.0", projection="umap", bootstraps=2, nulls=0)
    with pytest.raises(KeyError, match=r"no site 'dense.7'"):
        nw.patterns(live, rows, "dense.7")


def test_inputs_that_differ_by_rounding_alone_are_the_same() -> None:
    """Passes of 16 and of 14 pictures round otherwise."""
    live = nw.demo("digits")
    with pytest.raises(ValueError, match=r"All 30 inputs give the same at dense\.0"):
        nw.patterns(live, [live.inputs.gallery[0].pixels] * 30, "dense.0")


def test_an_input_that_is_no_number_lies_in_no_pattern(found: Patterns) -> None:
    placed = found.placer.place(torch.full((1, WIDTH), torch.nan))
    assert (placed.pattern, placed.nearest) == (-1, [])
