"""Scores of units are those of scikit-learn and scipy, for all units at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from neuronwidget.analysis.scores import sides
from neuronwidget.analysis.scores.corrected import q_values
from neuronwidget.analysis.scores.detection import average_precision, best_threshold, f1_at, iou_at, mcc_at
from neuronwidget.analysis.scores.halves import halves
from neuronwidget.analysis.scores.intervals import bootstrap, exact_interval
from neuronwidget.analysis.scores.ordered import Ordered
from neuronwidget.analysis.scores.ranks import RankSums, auroc, auroc_interval, mann_whitney

Case = tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]


def values(kind: str, inputs: int = 90, units: int = 40) -> Case:
    """Values [inputs, units] and which inputs are positive; a unit in three goes with that."""
    source = np.random.default_rng(4)
    positive = source.random(inputs) < 0.3
    rows = source.normal(size=(inputs, units)) + 0.9 * positive[:, None] * (np.arange(units) % 3 == 0)
    if kind == "tied":
        rows = np.maximum(rows, 0).round(1)
    return rows.astype(np.float64 if kind == "double" else np.float32), positive


@pytest.fixture(params=["single", "double", "tied"])
def case(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Case:
    monkeypatch.setattr(sides, "BLOCK", 90 * 7)  # several blocks of units, the last of them smaller
    return values(request.param)


def test_ranks_are_those_of_scikit_learn_and_scipy(case: Case) -> None:
    rows, positive = case
    np.testing.assert_allclose(auroc(rows, positive), [metrics.roc_auc_score(positive, one) for one in rows.T])
    exact = rows.astype(np.float64)  # of single ones scipy computes in single precision
    expected = stats.mannwhitneyu(exact[positive], exact[~positive], axis=0, method="asymptotic").pvalue
    np.testing.assert_allclose(mann_whitney(rows, positive), expected)
    np.testing.assert_array_equal(Ordered.of(rows).ranks(), stats.rankdata(rows, axis=0))
    draws = np.random.default_rng(1).random((5, len(rows))) < 0.4
    each = [auroc(rows, draw) for draw in draws]
    np.testing.assert_allclose(RankSums.of(rows).auroc(draws), each)


def test_detection_is_that_of_scikit_learn(case: Case) -> None:
    rows, positive = case
    expected = [metrics.average_precision_score(positive, one) for one in rows.T]
    np.testing.assert_allclose(average_precision(rows, positive), expected)
    middle = np.median(rows, 0)
    fires = rows > middle
    for ours, theirs in (
        (f1_at, metrics.f1_score),
        (mcc_at, metrics.matthews_corrcoef),
        (iou_at, metrics.jaccard_score),
    ):
        np.testing.assert_allclose(ours(rows, positive, middle), [theirs(positive, one) for one in fires.T])


@pytest.mark.parametrize(("measure", "score"), [("f1", f1_at), ("mcc", mcc_at), ("iou", iou_at)])
def test_no_threshold_is_better_than_the_best(case: Case, measure: str, score: Any) -> None:
    rows, positive = case
    best = score(rows, positive, best_threshold(rows, positive, measure))
    for threshold in [-np.inf, *np.unique(rows)[::5]]:
        assert (score(rows, positive, threshold) <= best + 1e-12).all()


def test_corrections_are_those_of_scipy_and_do_not_count_what_was_not_tested() -> None:
    p = np.random.default_rng(0).random(200) ** 3
    for how in ("bh", "by"):
        np.testing.assert_allclose(q_values(p, how), stats.false_discovery_control(p, method=how))
        with_gaps = q_values(np.r_[np.nan, p, np.nan], how)
        np.testing.assert_allclose(with_gaps[1:-1], q_values(p, how))
        assert np.isnan(with_gaps[[0, -1]]).all()
    with pytest.raises(ValueError, match="bh, by"):
        q_values(p, "holm")


def test_exact_intervals_are_those_of_scipy_and_take_parts_of_hits() -> None:
    for hits, n in ((0, 7), (3, 40), (40, 40)):
        expected = stats.binomtest(hits, n).proportion_ci(method="exact")
        np.testing.assert_allclose(np.array(exact_interval(hits, n)), (expected.low, expected.high))
    low, high = exact_interval(12.5, 20)
    assert low < 12.5 / 20 < high
    assert [float(end) for end in exact_interval(0, 0)] == [0.0, 1.0]


def test_what_is_drawn_again_covers_the_truth_as_often_as_it_says() -> None:
    """Also where documents have several rows each, which are alike; rows drawn one by one would be far too sure."""
    covered, narrow = 0, 0
    for seed in range(80):
        source = np.random.default_rng(seed)
        documents = np.repeat(np.arange(60), 5)
        positive = documents % 2 == 0
        rows = np.repeat(source.normal(size=(60, 1)), 5, 0) + 0.3 * source.normal(size=(300, 1))
        low, high = auroc_interval(rows, positive, documents, draws=200, seed=seed)
        covered += bool(low[0] <= 0.5 <= high[0])
        low, high = auroc_interval(rows, positive, draws=200, seed=seed)
        narrow += bool(low[0] <= 0.5 <= high[0])
    assert covered >= 71
    assert narrow < 60


def test_an_interval_of_what_never_failed_is_no_point() -> None:
    positive = np.arange(40) < 20
    low, high = auroc_interval(np.c_[positive * 1.0, ~positive * 1.0], positive)
    assert high[0] == 1
    assert 0.8 < low[0] < 0.9
    assert low[1] == 0
    assert 0.1 < high[1] < 0.2


def test_sums_of_drawn_documents_give_the_interval_of_a_mean() -> None:
    rows = np.random.default_rng(0).normal(size=(500, 3))
    low, high = bootstrap(np.c_[rows, np.ones(500)], lambda sums: sums[:, :-1] / sums[:, -1:])
    expected = stats.bootstrap((rows,), np.mean, axis=0, method="percentile", n_resamples=1000).confidence_interval
    np.testing.assert_allclose((low, high), (expected.low, expected.high), atol=0.02)


def test_what_cannot_be_scored_is_nan_and_the_rest_is_not_touched_by_it() -> None:
    rows, positive = values("single")
    broken = rows.copy()
    broken[3, 1] = np.nan
    others = np.arange(rows.shape[1]) != 1
    for score in (auroc, mann_whitney, average_precision, best_threshold):
        found = score(broken, positive)
        assert np.isnan(found[1])
        np.testing.assert_array_equal(found[others], score(rows, positive)[others])
    assert np.isnan(f1_at(broken, positive, 0.0)[1])
    nobody = np.zeros(len(rows), bool)
    for one_sided in (auroc(rows, nobody), mann_whitney(rows, ~nobody), auroc_interval(rows, nobody)[0]):
        assert np.isnan(one_sided).all()
    constant = np.ones((len(rows), 1))
    assert mann_whitney(constant, positive)[0] == 1
    assert auroc(constant, positive)[0] == 0.5
    with pytest.raises(ValueError, match="give one for each"):
        auroc(rows, positive[1:])


@pytest.mark.parametrize("seed", range(20))
def test_halves_share_no_document_and_have_as_many_of_each_label(seed: int) -> None:
    source = np.random.default_rng(seed)
    documents = source.integers(0, 50, 200)
    label = source.integers(0, 3, 50)
    first, second = halves(documents, label[documents], seed)
    assert (first != second).all()
    assert not set(documents[first]) & set(documents[second])
    for one in range(3):
        counts = [len(set(documents[half & (label[documents] == one)])) for half in (first, second)]
        assert abs(counts[0] - counts[1]) <= 1
    again, _ = halves(documents, label[documents], seed)
    np.testing.assert_array_equal(first, again)
