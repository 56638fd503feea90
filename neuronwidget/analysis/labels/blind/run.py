"""Run through the rounds of a blind test: in which phase it is, and what was answered so far."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from neuronwidget.analysis.labels.blind.blind import BlindRounds
from neuronwidget.analysis.labels.blind.score import BlindScore

Phase = Literal["explain", "round", "feedback", "end"]
FEEDBACK = ("round", "end")


class BlindRun:
    """One person's way through the rounds: examples or the label, round after round, and the end.

    Attributes
    ----------
    blind
        The rounds.
    feedback
        When the answers are shown: after each "round", or in the "end".
    asks
        Is a label asked for, in the beginning?
    phase, step
        Where it stands. `step` counts what was done.
    answers
        Of each round that was answered the numbers of the examples that were chosen.

    Examples
    --------
    >>> run = BlindRun(blind, "a person", "end")                               # doctest: +SKIP
    >>> run.begin()                                                            # doctest: +SKIP
    >>> run.answer([0, 3])                                                     # doctest: +SKIP
    >>> run.score.verdict                                                      # doctest: +SKIP
    """

    def __init__(self, blind: BlindRounds, rater: str, feedback: str) -> None:
        self.blind, self.feedback, self._rater = blind, feedback, rater
        self.asks = not blind.label
        self.phase: Phase = "explain"
        self.step = 0
        self.answers: list[list[int]] = []

    @property
    def is_answered(self) -> bool:
        """Was the last round answered?"""
        return len(self.answers) == len(self.blind.rounds)

    @property
    def score(self) -> BlindScore:
        """The score of what was answered so far."""
        return self.blind.score(self.answers, self._rater)

    def begin(self, label: str = "") -> None:
        """Begin with the rounds, with the words to test where they were not known yet."""
        self._check("explain", "The rounds have begun already.")
        if self.asks:
            if not label:
                raise ValueError("Write what the unit fires for, in a few words.")
            self.blind.label = label
        self._go("round")

    def answer(self, chosen: Collection[int]) -> None:
        """Answer the present round with the numbers of its examples: see `BlindRounds.score`."""
        self._check("round", "No round waits for an answer.")
        one = self.blind.rounds[len(self.answers)]
        numbers = sorted(set(chosen))
        if not all(type(number) is int and 0 <= number < len(one.examples) for number in numbers):
            raise ValueError(f"This round has the examples 0 to {len(one.examples) - 1}, not {numbers}.")
        if one.kind == "intruder" and len(numbers) != 1:
            raise ValueError("One of these does not belong: choose one.")
        self.answers.append(numbers)
        self._go("feedback" if self.feedback == "round" else self._after())

    def next(self) -> None:
        """Go on after the answers of a round were shown."""
        self._check("feedback", "There is nothing to go on from.")
        self._go(self._after())

    def _after(self) -> Phase:
        return "end" if self.is_answered else "round"

    def _check(self, phase: Phase, words: str) -> None:
        if self.phase != phase:
            raise ValueError(words)

    def _go(self, phase: Phase) -> None:
        self.phase, self.step = phase, self.step + 1
