"""Score of a blind test: how often a label told what the unit does, how surely, and what guessing would have given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from neuronwidget.analysis.labels.blind.example import Floats
from neuronwidget.analysis.result import Provenance, Result
from neuronwidget.analysis.scores.intervals import exact_interval
from neuronwidget.analysis.theme import altair, themed

if TYPE_CHECKING:
    import pandas as pd

#: Fewer judgements than these decide nothing; from so many on a label that is often right would have been told.
FEWEST, ENOUGH = 10, 20
HELD_UP, GUESSING, TOO_FEW = "held up", "no better than guessing", "not enough rounds"
#: What a file of labels calls these.
_OUTCOMES = {HELD_UP: "held up", GUESSING: "failed", TOO_FEW: "untested"}


@dataclass(frozen=True, eq=False, repr=False)
class BlindScore(Result):
    """How well a label told what a unit does, blind. Made by `BlindRounds.rate`, and by a `BlindTest`.

    Attributes
    ----------
    unit, label
        What was tested, and the words.
    rater
        Who judged.
    answers
        One row a judgement: round, kind, document (of an intruder's round the one that was meant), why, said, truth,
        right, chance (of being right by guessing).
    answered, planned
        How many rounds were answered, and how many there are.
    """

    unit: str
    label: str
    rater: str
    answers: pd.DataFrame
    answered: int
    planned: int
    provenance: Provenance

    @property
    def outcome(self) -> str:
        """The outcome of all rounds together: "held up", "no better than guessing" or "not enough rounds"."""
        return self._outcome(self._all())

    @property
    def verdict(self) -> str:
        """What came out, with its interval and what guessing gives."""
        label = f"“{self.label}”" if self.label else "A label that was not written down"
        if not len(self.answers):
            untested = f"{label} of {self.unit} is untested" if self.label else f"{self.unit} has no label yet"
            return f"{untested}: none of {self.planned} blind rounds was answered."
        row = self._all()
        how = f"{row['right']} of {row['judged']} judgements right"
        sure = f"{_percent(row['low'])} to {_percent(row['high'])} at 95 %, guessing {_percent(row['chance'])}"
        rounds = f"{self.answered} of {self.planned} blind rounds"
        if self.outcome == TOO_FEW:
            return f"{label} of {self.unit}: not enough rounds to tell, {how} ({sure}) in {rounds}."
        verb = "held up" if self.outcome == HELD_UP else "was no better than guessing"
        worse = ", worse than guessing: it may say the opposite" if row["high"] < row["chance"] else ""
        return f"{label} of {self.unit} {verb}: {how} ({sure}) in {rounds}{worse}."

    def table(self) -> pd.DataFrame:
        """A row a kind of round, and one of all: kind, rounds, judged, right, score, low, high, chance, p, verdict.

        `score` is the balanced accuracy, of intruders and of all the share that is right; `low` and `high` are its
        exact 95 % interval; `p`: how probable as many right ones are by guessing.
        """
        import pandas as pd

        answers = {name: self.answers[name].to_numpy() for name in ("kind", "round", "truth", "right", "chance")}
        kinds = answers["kind"]
        rows = [
            self._of(kind, {name: column[kinds == kind] for name, column in answers.items()})
            for kind in dict.fromkeys(kinds.tolist())
        ]
        columns = ["kind", "rounds", "judged", "right", "score", "low", "high", "chance", "p", "verdict"]
        return pd.DataFrame([*rows, self._all()], columns=columns)

    def chart(self) -> Any:
        """Each kind of round with its interval, and what guessing gives."""
        alt = altair()
        base = alt.Chart(
            self.table(), title=alt.Title(f"Blind test of {self.unit}", subtitle=self.verdict)
        ).encode(y=alt.Y("kind:N", sort=None, title=None))  # fmt: skip
        ends = alt.X("low:Q", title="right", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"))
        rule = base.mark_rule(strokeWidth=3).encode(x=ends, x2="high:Q")
        point = base.mark_point(filled=True, size=80).encode(x="score:Q", tooltip=["kind", "right", "judged", "p"])
        guess = base.mark_tick(color="#b35", thickness=2).encode(x="chance:Q")
        return themed(rule + point + guess)

    def evidence(self) -> dict[str, Any]:
        """The test in plain values, as a file of labels keeps it."""
        row = self._all()
        return {
            "kind": "blind",
            "outcome": _OUTCOMES[self.outcome],
            "label": self.label,
            "score": _plain(row["score"]),
            "low": _plain(row["low"]),
            "high": _plain(row["high"]),
            "chance": _plain(row["chance"]),
            "judged": row["judged"],
            "rounds": self.answered,
            "author": self.rater,
            "weights": self.provenance.weights,
            "seed": self.provenance.seed,
            "data": str(self.provenance.data.get("digest", "")),
            "verdict": self.verdict,
        }

    # ---- numbers -----------------------------------------------------------------------------------------

    def _all(self) -> dict[str, Any]:
        """All rounds: the share that is right, against what guessing gives in the mean."""
        answers = self.answers
        right, judged = int(answers["right"].sum()), len(answers)
        low, high = exact_interval(right, judged) if judged else (0.0, 1.0)
        chances = answers["chance"].to_numpy(np.float64)
        row = {
            "kind": "all",
            "rounds": self.answered,
            "judged": judged,
            "right": right,
            "score": right / judged if judged else float("nan"),
            "low": float(low),
            "high": float(high),
            "chance": float(chances.mean()) if judged else float("nan"),
            "p": by_guessing(chances, right),
        }
        return {**row, "verdict": self._outcome(row)}

    def _of(self, kind: str, answers: dict[str, Any]) -> dict[str, Any]:
        """One kind of round."""
        chances, right = answers["chance"].astype(np.float64), answers["right"].astype(bool)
        score, worth = float(right.mean()), float(len(right))
        if kind != "intruder":
            score, worth = balanced_accuracy(answers["truth"].astype(bool), right)
        low, high = exact_interval(score * worth, worth) if worth else (0.0, 1.0)
        row = {
            "kind": kind,
            "rounds": len(set(answers["round"].tolist())),
            "judged": len(right),
            "right": int(right.sum()),
            "score": score,
            "low": float(low),
            "high": float(high),
            "chance": float(chances.mean()),
            "p": by_guessing(chances, int(right.sum())),
        }
        return {**row, "verdict": self._outcome(row)}

    def _outcome(self, row: dict[str, Any]) -> str:
        """Only of a test that was gone through: who stops when it looks good makes guesses look good."""
        if self.answered < self.planned or row["judged"] < FEWEST:
            return TOO_FEW
        if row["low"] > row["chance"]:
            return HELD_UP
        return GUESSING if row["judged"] >= ENOUGH or row["high"] < row["chance"] else TOO_FEW


def balanced_accuracy(truth: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> tuple[float, float]:
    """The mean of the shares that are right of either class, and how many judgements that is worth.

    All of them where the classes are of one size, which a whole test has; fewer where not; NaN and 0 without one.

    >>> balanced_accuracy(np.array([True, True, False, False]), np.array([True, True, True, False]))
    (0.75, 4.0)
    """
    positive, negative = int(truth.sum()), int((~truth).sum())
    if not positive or not negative:
        return float("nan"), 0.0
    score = (right[truth].mean() + right[~truth].mean()) / 2
    return float(score), 4 * positive * negative / (positive + negative)


def by_guessing(chances: Floats | Sequence[float], right: int) -> float:
    """How probable it is that as many of these judgements are right by guessing, each with its own chance.

    >>> round(by_guessing([0.5] * 10, 9), 4)
    0.0107
    """
    counts: Floats = reduce(lambda p, c: np.convolve(p, [1 - c, c]), np.asarray(chances, np.float64), np.ones(1))
    return float(min(1.0, counts[right:].sum()))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _plain(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
