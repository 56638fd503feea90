"""Bad data get a sentence from every question: none, a group that is empty or of one, labels that do not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import neuronwidget as nw

COLUMNS, UNIT, SITE = 4, "dense.0:1", ["dense.0"]
Labels = list[str | None]


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(COLUMNS, 6), nn.Tanh(), nn.Linear(6, 2)).eval()
    live = nw.attach(module, inputs=nw.TableInputs({f"c{n}": (-3.0, 3.0) for n in range(COLUMNS)}, ["no", "yes"]))
    live.labels[UNIT] = "a name"
    return live


ROWS = np.random.default_rng(0).normal(size=(48, COLUMNS)).astype(np.float32)
LABELS: Labels = ["yes", "no"] * 24

#: What is wrong with the data, by name.
FAULTS: dict[str, tuple[Any, Labels]] = {
    "nothing": (ROWS[:0], []),
    "a group of one": (ROWS, ["yes", *["no"] * 47]),
    "too few labels": (ROWS, LABELS[:-1]),
    "too many labels": (ROWS, LABELS * 2),
    "all alike": (ROWS, ["yes"] * 48),
    "no labels": (ROWS, [None] * 48),
    "in both groups": (np.concatenate([ROWS[:24], ROWS[:24]]), [*["yes"] * 24, *["no"] * 24]),
}
QUESTIONS: dict[str, Callable[[nw.LiveModel, Any, Labels], Any]] = {
    "compare": lambda live, data, labels: nw.compare(live, labels, SITE, data=data, nulls=0),
    "compare groups": lambda live, data, labels: nw.compare(
        live,
        {name: [x for x, y in zip(data, labels, strict=False) if y == name] for name in ("yes", "no")},
        SITE,
        nulls=0,
    ),
    "compare responses": lambda live, data, labels: nw.compare(
        live, nw.collect(live, data, SITE, how="mean", labels=labels, predictions=False), nulls=0
    ),
    "right and wrong": lambda live, data, labels: nw.right_wrong(live, data, labels),
    "shortcuts": lambda live, data, labels: nw.shortcuts(live, data, labels, sites=SITE, most_tried=1, randoms=1),
    "localise": lambda live, data, labels: nw.localise(live, data, labels, "dense.0", splits=1),
    "a label": lambda live, data, labels: live.labels.test(
        live, UNIT, [None if one is None else one == "yes" for one in labels], data
    ),
}
#: What is said: raised, or told as the verdict where the answer is that there is too little to tell.
SAID: dict[str, dict[str, str]] = {
    "compare": {
        "nothing": "nothing to compare", "a group of one": "'yes' has 1 input; 4 are needed",
        "too few labels": "names 47 labels for 48 inputs", "too many labels": "names 96 labels for 48 inputs",
        "all alike": "in one group, 'yes'", "no labels": "nothing to compare",
        "in both groups": "48 inputs in more than one group were left out",
    },
    "compare groups": {
        "nothing": "'yes' is empty", "a group of one": "'yes' has 1 input; 4 are needed", "all alike": "'no' is empty",
        "no labels": "'yes' is empty", "in both groups": "48 inputs in more than one group were left out",
    },
    "compare responses": {
        "nothing": "no labels to compare by", "a group of one": "'yes' has 1 input; 4 are needed",
        "too few labels": "names 47 labels for 48", "too many labels": "names 96 labels for 48",
        "all alike": "in one group, 'yes'", "no labels": "no labels to compare by",
        "in both groups": "Each input is there with several labels",
    },
    "right and wrong": {
        "nothing": "no labels", "too few labels": "names 47 labels for 48", "too many labels": "names 96 labels for 48",
        "no labels": "no labels",
    },
    "shortcuts": {
        "nothing": "no labels", "too few labels": "names 47 labels for 48", "too many labels": "names 96 labels for 48",
        "all alike": "All labels are alike", "no labels": "no labels",
        "in both groups": "Each input is there with several labels",
    },
    "localise": {
        "nothing": "no labels", "a group of one": "1 inputs have 'yes'", "too few labels": "names 47 labels for 48",
        "too many labels": "names 96 labels for 48", "all alike": "All labels are 'yes'", "no labels": "no labels",
        "in both groups": "Each input is there with several labels",
    },
    "a label": {
        "nothing": "not enough data", "a group of one": "not enough data", "all alike": "not enough data",
        "too few labels": "47 inputs, and there are 48", "too many labels": "96 inputs, and there are 48",
        "no labels": "not enough data",
    },
}  # fmt: skip


@pytest.mark.parametrize("question", QUESTIONS)
def test_each_question_says_what_is_wrong_with_its_data(question: str, live: nw.LiveModel) -> None:
    for fault, says in SAID[question].items():
        data, labels = FAULTS[fault]
        try:
            answer = QUESTIONS[question](live, data, labels).verdict
        except ValueError as error:
            answer = str(error)
        assert says in answer, (fault, answer)


def test_inputs_with_several_labels_are_left_out_and_that_is_said(live: nw.LiveModel) -> None:
    twins = np.concatenate([ROWS, ROWS[:2]])
    labels = [*LABELS, "no", "yes"]  # the first two rows are there with both labels
    for question in ("compare", "compare groups", "compare responses", "localise"):
        assert "4 inputs " in QUESTIONS[question](live, twins, labels).verdict, question
    assert any("4 inputs " in note for note in QUESTIONS["shortcuts"](live, twins, labels).notes)


def test_damping_says_what_is_missing(live: nw.LiveModel) -> None:
    edits, rows = [nw.Scale(UNIT, 0.5)], list(ROWS[:4])
    with pytest.raises(ValueError, match="harmful= is empty"):
        nw.damped(live, edits, [], rows, outputs=["yes"])
    with pytest.raises(ValueError, match="rest= is empty"):
        nw.damped(live, edits, rows, [], outputs=["yes"])
    some: Any = ["yes", None, "no", "no"]
    with pytest.raises(ValueError, match="lacks the answer of an input"):
        nw.damped(live, edits, rows, rows, outputs=["yes"], labels=some)
    assert "Harm" in nw.damped(live, edits, rows[:1], rows[:1], outputs=["yes"], controls=2).verdict
