"""Shortcuts as a result: what is refused, what is kept, what is left out and said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import neuronwidget as nw
from neuronwidget.analysis.which.shortcuts.properties import Property, balancing
from neuronwidget.analysis.which.shortcuts.result import Shortcuts
from neuronwidget.live.capture import Overtaken


@pytest.fixture(scope="module")
def live() -> Any:
    return nw.demo("cancer")


@pytest.fixture(scope="module")
def rows(live: Any) -> Any:
    """Rows around those that come along, so many that there are two halves."""
    source = np.random.default_rng(0)
    known = pd.DataFrame(live.inputs.rows)
    drawn = known.iloc[source.integers(0, len(known), 60)].reset_index(drop=True)
    return (drawn * source.uniform(0.8, 1.2, drawn.shape)).to_dict("records")


@pytest.fixture(scope="module")
def labels(live: Any, rows: Any) -> list[str]:
    """What the model says of them, one in five turned round."""
    said = nw.collect(live, rows, ["dense.0"]).predictions
    names = list(live.class_names)
    return [names[1 - names.index(one)] if number % 5 == 0 else one for number, one in enumerate(said or [])]


@pytest.fixture(scope="module")
def found(live: Any, rows: Any, labels: list[str]) -> Shortcuts:
    return nw.shortcuts(live, rows, labels, sites=["dense.0"], most_tried=2, randoms=5)


def test_it_is_kept_whole(found: Shortcuts) -> None:
    again = Shortcuts.from_json(found.to_json())
    pd.testing.assert_frame_equal(again.table(), found.table())
    pd.testing.assert_frame_equal(again.properties, found.properties)
    assert again.verdict == found.verdict
    assert [look.unit for look in again.looks] == [look.unit for look in found.looks]
    assert again.provenance.settings["most_tried"] == 2
    assert found.verdict in repr(found)
    assert "<table" in found._repr_html_()


def test_labels_are_names_or_numbers_and_responses_stand_for_data(
    live: Any, rows: Any, labels: list[str], found: Shortcuts
) -> None:
    numbers = [list(live.class_names).index(label) for label in labels]
    responses = nw.collect(live, rows, ["dense.0"], how="max", labels=numbers)
    again = nw.shortcuts(live, responses, most_tried=2, randoms=5)
    pd.testing.assert_frame_equal(again.table(), found.table())


def test_edits_seed_and_progress_are_those_of_every_question(live: Any, rows: Any, labels: list[str]) -> None:
    told: list[tuple[int, int]] = []
    off = nw.Ablate("dense.0:3", to="zero")
    found = nw.shortcuts(
        live, rows, labels, sites=["dense.0"], most_tried=1, randoms=2, edits=[off], seed=3,
        progress=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert found.provenance.edits == (str(off),)
    assert found.provenance.seed == 3
    assert told[-1] == (told[-1][1],) * 2
    assert [done for done, _ in told] == list(range(1, len(told) + 1))
    with pytest.raises(Overtaken):
        nw.shortcuts(live, rows, labels, sites=["dense.0"], overtaken=lambda: True)


def test_inputs_without_a_label_are_left_out_and_that_is_said(live: Any, rows: Any, labels: list[str]) -> None:
    some = [None if number < 4 else label for number, label in enumerate(labels)]
    found = nw.shortcuts(live, rows, some, sites=["dense.0"], most_tried=1, randoms=2)
    assert "4 inputs without a label were left out." in found.notes
    assert sum(found.halves) == len(rows) - 4


def test_a_label_that_one_input_has_is_told(live: Any, rows: Any) -> None:
    alone = nw.shortcuts(live, rows, ["malignant", *["benign"] * 59], sites=["dense.0"], most_tried=1, randoms=2)
    assert "Of the label 'malignant' there is one input, and so none to prove on what it shows: give more." in (
        alone.notes
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (lambda labels: labels[:-1], "names 59 labels for 60 inputs"),
        (lambda labels: [labels[1]] * 60, "All labels are alike"),
        (lambda labels: None, "give labels=, one for each input"),
        (lambda labels: ["well"] * 30 + ["ill"] * 30, "has no class 'well'. It tells apart: malignant, benign"),
        (lambda labels: [label if number < 30 else None for number, label in enumerate(labels)], "30 labelled inputs"),
    ],
)
def test_what_makes_no_question_is_refused_in_a_sentence(
    live: Any, rows: Any, labels: list[str], given: Any, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        nw.shortcuts(live, rows, given(labels), sites=["dense.0"])


def test_a_unit_that_was_not_tried_is_refused(found: Shortcuts) -> None:
    with pytest.raises(KeyError, match="was not tried"):
        found.look("dense.0:99")


def test_weights_undo_what_the_data_have_together() -> None:
    source = np.random.default_rng(0)
    group = source.random(600) < 0.5
    high = np.where(source.random(600) < 0.9, group, ~group)
    one = Property("brightness", high.astype(float), group, high, "3 from the rest", 0.9)
    everything = np.ones(600, bool)
    weights = balancing(one, everything)
    assert weights is not None
    shares = [weights[high & (group == side)].sum() / weights[group == side].sum() for side in (False, True)]
    assert shares[0] == pytest.approx(shares[1])
    assert weights.mean() == pytest.approx(1)
