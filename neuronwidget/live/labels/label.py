"""A label: what a unit is called, who says so, and what tests said of it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from neuronwidget.live.inputs.text import without_surrogates

HELD_UP, FAILED, UNTESTED = "held up", "failed", "untested"
#: Characters of a label's words, of anything else that is written, tests of a unit, and entries of a test, at most.
LONGEST, LONGEST_TEXT, MOST_TESTS, MOST_ENTRIES = 200, 2000, 50, 40
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")

Test = Mapping[str, Any]
"""What a test said, as plain values. `kind`: which sort of test ("predicate", "blind"); `outcome`; `label`: the words
that were tested; `verdict`: a sentence, and `short`: the same as figures; `weights`: a checksum of the model's; `date`,
`author`; and numbers."""


class LabelsError(ValueError):
    """Labels that cannot be taken: of another model, or no labels at all."""


@dataclass(frozen=True)
class Label:
    """What a unit is called.

    Attributes
    ----------
    words
        In a few words what it goes with; "" where a name that the model brought along was taken away.
    author, date
        Who gave it, and when (UTC, as in "2026-11-29T01:02:03Z").
    tests
        What tests said of it, the oldest first; also tests of words that it had before.
    """

    words: str
    author: str = ""
    date: str = ""
    tests: tuple[Test, ...] = ()

    def counting(self, weights: str | None = None) -> list[Test]:
        """Tests that speak of these words and of this model; of each kind the newest.

        >>> old = {"kind": "blind", "outcome": "failed", "label": "opens a string"}
        >>> Label("inside a string", tests=(old,)).counting()
        []
        """
        newest: dict[str, Test] = {}
        for test in self.tests:
            own = weights is None or test.get("weights") in (None, weights)
            if own and test.get("label", self.words) == self.words:
                newest[str(test.get("kind"))] = test
        return list(newest.values())

    def mark(self, weights: str | None = None) -> str:
        """One of "held up", "failed" and "untested": of several tests one that failed decides."""
        outcomes = {test.get("outcome") for test in self.counting(weights)}
        return next((outcome for outcome in (FAILED, HELD_UP) if outcome in outcomes), UNTESTED)

    def says(self, weights: str | None = None) -> str:
        """What the tests that count found, one behind the other: in short where they say it in short."""
        outcomes = (test.get("short") or test.get("verdict") for test in self.counting(weights))
        return "; ".join(str(words) for words in outcomes if words)

    def tested(self, test: Test) -> Label:
        """The label with one more test."""
        return replace(self, tests=(*self.tests, test)[-MOST_TESTS:])


def one_line(words: str, most: int = LONGEST) -> str:
    r"""Words on one line that can be written to a file.

    >>> one_line("  opens\n a \ud800string")
    'opens a \ufffdstring'
    """
    line = " ".join(_CONTROL.sub(" ", without_surrogates(words)).split())
    return line if len(line) <= most else line[: most - 1] + "…"


def checked_test(test: Any, name: str) -> dict[str, Any]:
    """A test as it can be kept: plain values under short names; refuses in a sentence what is none."""
    if not isinstance(test, Mapping) or not isinstance(test.get("kind"), str):
        raise LabelsError(f"A test of {name} says its kind, as in {{'kind': 'blind', 'outcome': 'held up'}}.")
    if len(test) > MOST_ENTRIES:
        raise LabelsError(f"A test of {name} has {len(test)} entries: at most {MOST_ENTRIES} are kept.")
    return {one_line(str(key), 60): _plain(value, f"{key} of a test of {name}") for key, value in test.items()}


def _plain(value: Any, name: str) -> Any:
    value = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, str):
        return one_line(value, LONGEST_TEXT)
    raise LabelsError(f"{name} is {type(value).__name__}: tests hold numbers and words.")
