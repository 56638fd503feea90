"""Predicates: concepts in every form they may be given in, and values at positions that have the concept or not."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import neuronwidget as nw
from neuronwidget.analysis.predicates.holding import holding
from neuronwidget.analysis.predicates.predicate import Example, PredicateError
from neuronwidget.analysis.responses.marked import marked_values

TEXT = "x = 12  # one\ny"


def letters(context: int = 1024) -> nw.LiveModel:
    """A model of letters whose first unit is 1 at digits, and whose second is the letter's number."""

    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(128, 2)
            self.out = nn.Linear(2, 2)
            with torch.no_grad():
                self.table.weight[:] = torch.tensor([[float(chr(i).isdigit()), float(i)] for i in range(128)])
                self.out.weight[:] = torch.eye(2)
                self.out.bias[:] = 0

        def forward(self, ids: torch.Tensor) -> Any:
            return self.out(self.table(ids))

    inputs = nw.TextInputs(
        lambda text: [ord(c) % 128 for c in text], lambda ids: "".join(map(chr, ids)), context=context
    )
    return nw.attach(Model(), inputs=inputs)


@pytest.fixture(scope="module")
def live() -> nw.LiveModel:
    return letters()


def places(given: Any, content: Any = TEXT, number: int = 0) -> list[int]:
    found = nw.predicate_of(given).found(Example(content, number))
    assert isinstance(found, np.ndarray)
    return found.nonzero()[0].tolist()


@pytest.mark.parametrize(
    ("given", "marked"),
    [
        ("[0-9]+", [4, 5]),
        (re.compile("ONE", re.I), [10, 11, 12]),
        (r"= (?P<mark>\d)", [4]),
        (r"(?P<mark>\d)?x", []),
        (lambda text: [(0, 1), (2, 3)], [0, 2]),
        (lambda text: [c.isdigit() for c in text] and np.array([c.isdigit() for c in text]), [4, 5]),
        (nw.python_tokens("comment"), [8, 9, 10, 11, 12]),
        (nw.python_tokens("column", least=12), [12, 13]),
        (lambda text: [], []),
    ],
)
def test_characters_of_a_text(given: Any, marked: list[int]) -> None:
    assert places(given) == marked
    assert nw.predicate_of(given).holds(Example(TEXT)) == bool(marked)


def test_names_say_what_it_is() -> None:
    def is_short(text: str) -> bool:
        return len(text) < 5

    names = [nw.predicate_of(given).name for given in ("a+", is_short, pd.Series([True], name="ill"), [True])]
    assert names == ["/a+/", "is_short", "ill", "a column"]
    assert nw.predicate_of("a+", "many a").name == "many a"
    assert nw.predicate_of(predicate := nw.predicate_of("a")) is predicate


def test_a_column_says_it_of_whole_inputs(live: nw.LiveModel) -> None:
    texts = ["a1", "b", "c2"]
    for column in ([True, False, None], pd.Series([1, 0, np.nan]), pd.array([True, False, pd.NA], "boolean")):
        predicate = nw.predicate_of(column)
        assert [predicate.found(Example(t, i)) for i, t in enumerate(texts)] == [True, False, None]
        assert holding(predicate, live, texts).tolist() == [True, False, False]
        found = marked_values(live, texts, {"out": [0]}, predicate)
        assert found.documents.tolist() == [0, 0, 1]
        assert found.marked.tolist() == [True, True, False]


def test_masks_are_of_pictures_and_stand_at_the_positions_of_a_site() -> None:
    torch.manual_seed(0)
    live = nw.attach(nn.Sequential(nn.Conv2d(1, 2, 2, stride=2)), inputs=nw.ImageInputs(size=4, channels=1))
    pictures = np.zeros((3, 4, 4), np.uint8)
    pictures[0, :2, 2:] = 255
    mask = pictures[0] > 0
    predicate = nw.predicate_of([mask, None, ~mask], "corner")
    found = marked_values(live, pictures, {"conv.0": None}, predicate)
    assert found.documents.tolist() == [0] * 4 + [2] * 4
    assert found.marked.tolist() == [False, True, False, False, True, False, True, True]
    assert found.values["conv.0"].shape == (8, 2)
    assert np.allclose(found.values["conv.0"][:4], live.record(pictures[0])["conv.0"].numpy())
    as_array = marked_values(live, pictures, {"conv.0": [1]}, nw.predicate_of(np.stack([mask] * 3)))
    assert as_array.marked.sum() == 3
    of_pixels = nw.predicate_of(lambda picture: picture[..., 0] > 0)
    assert holding(of_pixels, live, pictures).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("given", "content", "says"),
    [
        ("(", TEXT, "no regular expression"),
        ("a", {"age": 3}, "patterns are looked for in texts"),
        (3, TEXT, "is no concept"),
        ({"a": True}, TEXT, "is no concept"),
        (["yes"], TEXT, "Compare first"),
        ([True], TEXT, "there are more inputs"),
        (np.zeros((1, 2, 2), bool), TEXT, "there are more inputs"),
        (np.zeros((4, 2, 2)) + 0.5, TEXT, "a mask is True or False"),
        (lambda x: 0.5, TEXT, "give True or False"),
        (lambda x: np.zeros(3, bool), TEXT, "3 marks for a text of 15"),
        (lambda x: [(3, 99)], TEXT, "a span is a start and an end"),
        (lambda x: [(0, 1)], {"age": 3}, "they are of texts"),
        (lambda x: "abc", TEXT, "give True or False"),
    ],
)
def test_what_is_no_concept_gets_a_sentence(given: Any, content: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        nw.predicate_of(given).found(Example(content, 3))
    with pytest.raises(PredicateError, match="there are string"):
        nw.python_tokens("strings")


def test_values_are_those_of_a_recording_with_the_marks_of_their_tokens() -> None:
    live = letters(context=7)
    texts = ["ab12cd34ef56gh78", "", "9", "none here at all"]
    found = marked_values(live, texts, {"out": None}, nw.predicate_of("[0-9]"), edits=[nw.Scale("out:1", 2)])
    assert (found.read, found.seen, found.sample) == (4, 33, "")
    assert found.documents.tolist() == [0] * 16 + [2] + [3] * 16
    assert found.positions.tolist() == [*range(16), 0, *range(16)]
    characters = "".join(texts)
    assert found.marked.tolist() == [c.isdigit() for c in characters]
    assert found.values["dense.0"][:, 0].tolist() == [float(c.isdigit()) for c in characters]
    assert found.values["dense.0"][:, 1].tolist() == [2.0 * ord(c) for c in characters]


def test_a_sample_is_bounded_uniform_and_the_same_whatever_runs_together(live: nw.LiveModel) -> None:
    texts = [("a1" * n) for n in range(1, 60)]
    digits = nw.predicate_of("[0-9]")
    some = marked_values(live, texts, {"out": [0]}, digits, most=500, seed=3)
    assert len(some.marked) == 500
    assert some.seen == sum(map(len, texts))
    assert "500 of 3,540 positions, drawn with seed 3" in some.sample
    assert (some.values["dense.0"][:, 0] > 0).tolist() == some.marked.tolist()
    again = marked_values(live, nw.collect(live, texts, ["out"]), {"out": [0]}, digits, most=500, seed=3)
    assert (again.documents.tolist(), again.positions.tolist()) == (some.documents.tolist(), some.positions.tolist())
    other = marked_values(live, texts, {"out": [0]}, digits, most=500, seed=4)
    assert set(zip(other.documents, other.positions, strict=True)) != set(
        zip(some.documents, some.positions, strict=True)
    )
    # Every position has the same chance: long texts give as much as they are long.
    share = (some.documents >= 40).mean()
    assert abs(share - sum(map(len, texts[40:])) / some.seen) < 0.08
    assert abs(some.marked.mean() - 0.5) < 0.07


class Counted(str):
    """A text that counts how many of its kind are in memory, and how many at most were."""

    now = most = 0

    def __new__(cls, text: str) -> Counted:
        cls.now += 1
        cls.most = max(cls.most, cls.now)
        return super().__new__(cls, text)

    def __del__(self) -> None:
        type(self).now -= 1


def test_inputs_of_responses_are_made_as_they_are_needed(live: nw.LiveModel) -> None:
    """So that what is in memory does not grow with the data."""
    texts = [f"a{number}" for number in range(3000)]
    responses = nw.collect(live, texts, ["out"], predictions=False)
    anew = replace(responses, original=lambda number: Counted(texts[number]))
    found = marked_values(live, anew, {"out": [0]}, nw.predicate_of("[0-9]"))
    assert found.read == len(texts)
    assert Counted.now == 0
    assert Counted.most <= 1000
