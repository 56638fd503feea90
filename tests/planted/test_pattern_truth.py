"""Patterns: digits that a net learned to tell are found, a continuum has none, and planted clusters are found again.

Seeds here begin at 40: what is fixed in the code was chosen on those below.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import hdbscan
import numpy as np
import pytest
from sklearn.cluster import HDBSCAN
from sklearn.metrics import adjusted_rand_score

import neuronwidget as nw
from neuronwidget.analysis.patterns.density.cluster import Settings
from neuronwidget.analysis.patterns.result import Patterns
from tests.planted.digit_nets import (
    SITE,
    as_rows,
    digit_net,
    digits,
    level_net,
    passing,
    planted_clusters,
)
from tests.sweeps import seeds

FIRST = 40


@cache
def on_digits(seed: int) -> Patterns:
    pictures, labels, _, _ = digits(seed)
    twin = digit_net(seed, learned=False)
    return nw.patterns(digit_net(seed), pictures, SITE, labels=labels, twin=twin, seed=seed)


def numbers(few: int) -> list[int]:
    return [FIRST + seed for seed in seeds(few)]


@pytest.mark.parametrize("seed", numbers(2)[:5])
def test_digits_that_a_net_tells_apart_are_patterns_of_its_second_layer(seed: int) -> None:
    """In each of five seeds; of forty 38 hold, and the nets of the other two are the cause.

    On 58 the layer holds 3, 8 and 9 together, in one pattern of a fifth of all inputs: seven are stable (AMI .74). The
    net of 72 is right on .95, and its 3, 5 and 8 lie scattered: .40 are in no pattern, and the labels are met by .64.
    """
    found = on_digits(seed)
    table = found.table()
    assert found.agreement >= 0.66
    assert found.noise <= 0.36
    assert (table["stability"] >= 0.6).sum() >= 8
    assert table["share"].max() <= 0.25
    assert table["stability"].is_monotonic_decreasing
    assert found.twin is not None
    assert found.twin.agreement <= found.agreement - 0.2
    assert found.twin.noise > found.noise
    assert found.twin.holding < table["holds"].sum()
    assert not found.verdict.startswith("No patterns")


@pytest.mark.parametrize("seed", numbers(1))
def test_members_are_placed_where_they_belong(seed: int) -> None:
    whole = on_digits(seed)
    live = digit_net(seed)
    pictures, _, _, _ = digits(seed)
    rows = whole.inputs.iloc[::5]
    placed = [whole.place(live, pictures[number]) for number in rows["document"]]
    assert np.mean([one.pattern for one in placed] == rows["pattern"].to_numpy()) >= 0.99
    np.testing.assert_allclose([one.x for one in placed], rows["x"], atol=1e-3)
    assert [one.nearest[0] for one in placed] == rows["document"].tolist()


def test_inputs_left_out_are_placed_where_a_refit_with_them_puts_them() -> None:
    """Nine of ten, over all seeds: on some of them the refit finds other patterns, also in what both were fitted to."""
    right, kept = zip(*map(_placed_as_refitted, numbers(2)), strict=True)
    told = [
        f"{seed}: {one.mean():.3f} ({own.mean():.3f})" for seed, one, own in zip(numbers(2), right, kept, strict=True)
    ]
    assert np.concatenate(right).mean() >= 0.9, f"by seed, and of inputs in both fits: {', '.join(told)}"


def _placed_as_refitted(seed: int) -> tuple[Any, Any]:
    """Which inputs that were left out are placed where the refit puts them, and which of the others it leaves there."""
    whole = on_digits(seed)
    live = digit_net(seed)
    pictures, labels, _, _ = digits(seed)
    left_out = np.arange(0, len(pictures), 10)
    kept = np.setdiff1d(np.arange(len(pictures)), left_out)
    part = nw.patterns(live, [pictures[i] for i in kept], SITE, labels=[labels[i] for i in kept], bootstraps=2, nulls=0)
    there = [part.place(live, pictures[i]).pattern for i in left_out]
    ours, theirs = part.inputs["pattern"].to_numpy(), whole.inputs["pattern"].to_numpy()
    same = _names(ours, theirs[kept])
    called = np.vectorize(same.__getitem__)
    return called(there) == theirs[left_out], called(ours) == theirs[kept]


def _names(ours: Any, theirs: Any) -> dict[int, int]:
    """What each of our patterns is called among theirs: by most of its inputs."""
    return {int(own): int(np.bincount(theirs[ours == own] + 1).argmax()) - 1 for own in np.unique(ours)} | {-1: -1}


def test_permuted_columns_leave_no_stable_pattern() -> None:
    """In at most one of twenty draws; a hundred in the long run."""
    pictures, labels, _, _ = digits(FIRST)
    responses = nw.collect(digit_net(FIRST), pictures, [SITE], labels=labels)
    values = responses.values[SITE][:]
    holding = []
    for seed in seeds(5):
        mixed = np.random.default_rng([FIRST, seed]).permuted(values, axis=0)
        found = nw.patterns(passing(64), as_rows(mixed), "dense.0", nulls=0, seed=seed)
        holding.append(bool(found.table()["holds"].any()))
    assert np.mean(holding) <= 0.05


def test_a_continuum_has_no_patterns() -> None:
    none = []
    for seed in numbers(3):
        live, rows = level_net(seed)
        found = nw.patterns(live, rows, SITE, seed=seed, nulls=0)
        none.append(found.verdict.startswith(f"No patterns in {SITE}: a continuum"))
    assert np.mean(none) >= 0.9


@pytest.mark.parametrize("seed", numbers(2))
def test_planted_clusters_are_found_and_stand_above_what_is_not(seed: int) -> None:
    values, planted = planted_clusters(seed)
    found = nw.patterns(passing(values.shape[1]), as_rows(values), "dense.0", seed=seed)
    drawn = found.inputs["pattern"].to_numpy()
    table = found.table()
    owners = [_owner(planted[drawn == pattern]) for pattern in table["pattern"]]
    assert len(set(owners) - {-1}) >= 11
    assert abs(found.noise - (planted < 0).mean()) <= 0.05
    real = np.array([owner >= 0 for owner in owners])
    assert real.any()
    if not real.all():
        assert table["stability"][real].min() > table["stability"][~real].max()


def _owner(planted: Any) -> int:
    """The planted cluster that most inputs of a pattern are of."""
    return int(np.bincount(planted + 1).argmax()) - 1


@pytest.mark.parametrize("method", ["eom", "leaf"])
def test_clusters_and_scores_are_those_of_the_reference(method: str) -> None:
    """Of the package hdbscan; and scikit-learn's, on the same points, says the same."""
    for seed in numbers(2):
        pictures, _, _, _ = digits(seed)
        rows = nw.collect(digit_net(seed), pictures, [SITE]).values[SITE][:].astype(float)
        points = rows / np.maximum(np.abs(rows).max(0), 1e-12)
        ours = Settings(method).clusters(points)
        cap = {"max_cluster_size": len(points) // 4} if method == "eom" else {}
        theirs = hdbscan.HDBSCAN(5, 5, cluster_selection_method=method, algorithm="prims_kdtree", **cap).fit(points)
        assert adjusted_rand_score(ours.labels, theirs.labels_) >= 0.99, seed
        for own, their in ((ours.outlier, theirs.outlier_scores_), (ours.membership, theirs.probabilities_)):
            assert (np.abs(own - their) <= 0.02).mean() >= 0.99, seed
        known = HDBSCAN(min_cluster_size=5, min_samples=6, cluster_selection_method=method, copy=True, **cap)
        assert adjusted_rand_score(ours.labels, known.fit_predict(points)) >= 0.99, seed
